//! Tests of the host over real sockets and real components.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests may fail loudly, and so may what they share"
)]

mod aws;
mod cli;
mod component;
mod doctor;
mod edge;
mod gateway;
mod ground;
mod patience;
mod playback;
mod process;
mod rotation;
