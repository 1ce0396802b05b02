//! CloudFront signing and verification, and the playback decision, without I/O.
//!
//! Values go in and values come out: no clock, no randomness, no environment, no async, no WIT.

pub mod bytes;
pub mod cloudfront;
pub mod error;
pub mod playback;
pub mod playlist;
pub mod time;
