//! What a program that embeds the gate hands over in memory: leases of one process, a key, a policy.
//!
//! None of it is in the registry, because none of it can be shared between gateways.

mod given;
mod sessions;

pub use given::GivenPolicy;
#[cfg(feature = "private-keys")]
pub use given::{GivenKeys, InvalidKey};
pub use sessions::MemorySessions;
