//! The gateway over real sockets: the main job, every refusal, every limit, and what it must never say.

mod addresses;
mod answers;
mod connections;
mod cookies;
mod drain;
mod fail_closed;
mod forged;
mod instances;
mod issuers;
mod limits;
mod log;
mod main_job;
mod metrics;
mod pages;
mod playlists;
mod problems;
mod sessions;
pub mod support;
mod surfaces;
mod tls;
mod unix_socket;
