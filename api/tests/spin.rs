//! What the Spin application decides by itself about a request, tested without Spin.
//!
//! The files know nothing of Spin, so they build here; their tests are in them.

#![allow(
    dead_code,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "the application uses what these tests do not, and tests may fail loudly"
)]

#[path = "../../signer-component/spin/verify/src/address.rs"]
mod address;
#[path = "../../signer-component/spin/ports/src/copies.rs"]
mod copies;
#[path = "../../signer-component/spin/http/src/peer.rs"]
mod peer;
#[path = "../../signer-component/spin/ports/src/recent.rs"]
mod recent;
#[path = "../../signer-component/spin/http/src/schedule.rs"]
mod schedule;
#[path = "../../signer-component/spin/http/src/settings.rs"]
mod settings;
