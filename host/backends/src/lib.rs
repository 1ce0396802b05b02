//! Port traits, the registry of backends, one folder per backend, one contract suite.

pub mod ports;
pub mod section;
