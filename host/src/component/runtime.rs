//! The engine that compiles and limits components.

/// Why components cannot be run.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct RuntimeError(pub String);

/// Engine, compiled components and their limits. Cheap to clone.
#[derive(Clone)]
pub struct Runtime {}

impl Runtime {
    /// Starts the engine. Compiled code is kept in the user's cache folder between starts.
    pub fn new() -> Result<Self, RuntimeError> {
        unimplemented!()
    }
}
