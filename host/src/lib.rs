//! The Tollgate gateway.

pub mod auth;
pub mod component;
