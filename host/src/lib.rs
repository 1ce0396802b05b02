//! The Tollgate gateway.

pub mod component;
