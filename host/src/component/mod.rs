//! The components in their sandbox: engine, instances, ports.

pub mod bindings;
mod compiled;
pub mod gate;
mod ports;
pub mod runtime;
pub mod signer;

pub use gate::{BuildError, Gate, GateBuilder, GateError, GateOptions};
pub use ports::{HeldKey, ObservedPort, PortObserver, Unobserved};
pub use runtime::{Runtime, RuntimeError};
pub use signer::{EdgeVerifier, SignerComponent, SignerError, SigningKey};
