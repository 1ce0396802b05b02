//! The component `gate.wasm`: policy, leases and signatures over imported ports.
//!
//! It fetches what core needs to decide, and decides nothing itself.

mod bindings;
#[path = "../../signer/src/convert.rs"]
mod convert;
#[path = "../../signer/src/signing.rs"]
mod signing;
#[path = "../../signer/src/verification.rs"]
mod verification;

mod failure;
mod keys;
mod known;
mod leases;
mod lookups;
mod playback;
mod playlists;
mod policy;
mod wire;

/// The component, as its exports see it.
struct Component;
