//! What the tests of the gateway stand on: installations, clients, tokens, an issuer, and ports that fail.

pub mod client;
pub mod desk;
pub mod faults;
pub mod issuer;
pub mod program;
pub mod running;
pub mod site;
pub mod tokens;

use std::time::{SystemTime, UNIX_EPOCH};

pub use crate::patience::{PATIENCE, soon, until};

pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}
