//! Tests of the host over real sockets and real components.

mod component;
mod playback;
