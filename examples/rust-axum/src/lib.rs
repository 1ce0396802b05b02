//! A web application with `signer.wasm` in it; `main.rs` runs it.

mod app;

pub use app::{Application, routes};
