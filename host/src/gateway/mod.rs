//! The HTTP gateway: viewers in, grants or problems out.
//!
//! [`Gateway`] answers requests, [`serve`] takes connections for it (or for anything else that is
//! [`Serve`]), and `run` does both on the listeners of an installation until it is told to stop.

mod activity;
mod answer;
mod body;
mod connection;
mod denial;
mod listener;
mod pages;
mod playback;
mod readiness;
mod record;
mod refuse;
mod request_id;
mod run;
mod sent;
mod server;
mod service;
mod settings;
mod stop;
mod tls;
#[cfg(unix)]
mod unix_socket;

pub use listener::{ListenAddress, Listener};
pub use pages::Pages;
pub use playback::{Playback, Verdict};
pub use readiness::Readiness;
pub use run::{Listeners, run};
pub use server::{DrainOutcome, Serve, serve};
pub use service::{Gateway, Surface};
pub use settings::{RequestSettings, ServerSettings};
pub use stop::{Hangup, stop_signal};
pub use tls::{Tls, TlsError};
pub use tollgate_api::Cors;
#[cfg(unix)]
pub use unix_socket::UnixSocket;
