//! The Tollgate gateway.

pub mod component;
pub mod gateway;
pub mod telemetry;
