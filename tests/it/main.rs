//! Scenarios over real sockets, and oracles we did not write.

#[cfg(feature = "oracles")]
mod oracles;
