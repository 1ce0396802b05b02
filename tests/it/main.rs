//! Scenarios over real sockets, and oracles we did not write.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests may fail loudly, and so may what they share"
)]

mod scenarios;
mod spin_app;
mod spin_edge;

#[cfg(feature = "oracles")]
mod oracles;
