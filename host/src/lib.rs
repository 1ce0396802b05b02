//! The Tollgate gateway.

pub mod auth;
pub mod component;
pub mod gateway;
pub mod telemetry;
