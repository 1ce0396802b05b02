//! The test host: runs the Spin app's component in this process, with wasmtime, without Spin.
//!
//! It answers the interfaces that the app imports (variables, SQLite, outgoing HTTP, WASI) in the way their
//! documentation and Spin's behaviour have it, so that every test can run the app. **It is not Spin**, and what it shows
//! is not what Spin does: that shows `scripts/spin-check`, which plays the same scenarios on the real one.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "only tests use this, and they may fail loudly"
)]

mod app;
mod engine;
mod headers;
mod instances;
mod interference;
mod options;
mod outbound;
mod serving;
mod sqlite;
mod state;
mod variables;

pub use app::App;
pub use interference::{Call, Interference, Trap, Undisturbed};
pub use options::{Allowed, Options};
