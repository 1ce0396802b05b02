//! The local edge over real sockets: what viewers see, and what origins are asked.

mod addresses;
mod behaviors;
mod cache;
mod conditional;
mod configuration;
mod cookies;
mod cors;
mod crowd;
mod denials;
mod dots;
mod drain;
mod hosts;
mod key_folders;
mod limits;
mod logs;
mod origins;
mod paths;
mod ranges;
mod relayed;
mod s3;
pub mod scene;
mod secure;
mod silence;
mod slow;
mod stripping;
mod times;
