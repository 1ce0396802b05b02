//! The Spin app with many requests at once, with traps, and over a restart: under the test host, and on Spin where a
//! number of requests is enough to see it.

mod claims;
mod crowd;
mod log;
#[cfg(feature = "spin")]
mod on_spin;
mod origin;
mod read;
mod restart;
mod rotation;
mod scene;
mod traps;
