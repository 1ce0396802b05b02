//! The component `signer.wasm`: signing and verification for anybody with a key and a clock. Imports nothing.

mod bindings;
mod convert;
mod signing;
mod verification;

/// The component, as its exports see it.
struct Component;
