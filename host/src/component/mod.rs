//! The components in their sandbox: engine, instances, ports.

pub mod bindings;
pub mod gate;
pub mod runtime;
pub mod signer;

pub use gate::{Gate, GateError, GateOptions};
pub use runtime::{Runtime, RuntimeError};
pub use signer::{EdgeVerifier, SignerComponent, SignerError};

/// A private key in the hands of the host.
pub struct HeldKey;
