//! The contract every backend must keep, and what is particular to the ones on one machine.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "tests may fail loudly, and so may what they share"
)]

mod bench;
mod contract;
mod dynamodb;
mod fixtures;
mod http;
mod keys;
mod processes;
mod s3;
mod server;
mod spin;
mod sqlite;
mod stored_keys;
mod wiring;
