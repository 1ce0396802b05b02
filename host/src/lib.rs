//! The Tollgate gateway.

pub mod auth;
pub mod cli;
pub mod component;
pub mod config;
pub mod edge;
pub mod gateway;
pub mod installation;
mod outbound;
pub mod telemetry;
