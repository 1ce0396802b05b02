//! The Spin app with many requests at once, with traps, and over a restart: under the test host, and on Spin where a
//! number of requests is enough to see it.

mod claims;
mod crowd;
mod log;
mod restart;
mod scene;
mod traps;
