//! Port traits, the registry of backends, one folder per backend, one contract suite.
//!
//! A backend is one folder here, one line in [`registry::BACKENDS`] and one feature. Nothing outside
//! its folder may name what it is built on.

pub mod administration;
#[cfg(feature = "aws")]
pub mod aws;
mod cache;
#[cfg(feature = "aws")]
pub mod cloudfront;
#[cfg(feature = "aws")]
pub mod dynamodb;
pub mod examination;
#[cfg(feature = "embedded")]
pub mod folder;
#[cfg(feature = "http-origin")]
pub mod http_origin;
mod lease;
pub mod memory;
#[cfg(any(feature = "aws", feature = "embedded", feature = "http-origin"))]
mod objects;
#[cfg(feature = "http-origin")]
pub mod outbound;
#[cfg(feature = "aws")]
pub mod parameter_store;
#[cfg(feature = "embedded")]
pub mod pem;
pub mod policy;
pub mod ports;
#[cfg(feature = "private-keys")]
mod private_key;
pub mod registry;
#[cfg(feature = "aws")]
pub mod rotation;
#[cfg(feature = "aws")]
pub mod s3;
#[cfg(feature = "aws")]
pub mod secrets_manager;
pub mod section;
#[cfg(feature = "embedded")]
pub mod sqlite;
#[cfg(feature = "aws")]
mod stored_keys;
