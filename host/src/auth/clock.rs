//! The two clocks that authentication reads, so that tests can set them.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// What time it is.
pub trait Clock: Send + Sync + 'static {
    /// Seconds since 1970-01-01 UTC, for the claims of tokens.
    fn epoch_seconds(&self) -> u64;

    /// A time that never jumps, for the gap between two fetches.
    fn instant(&self) -> Instant;
}

/// The clock of the machine.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn epoch_seconds(&self) -> u64 {
        // A clock before 1970 is broken: at the end of time every token has expired.
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(u64::MAX, |time| time.as_secs())
    }

    fn instant(&self) -> Instant {
        Instant::now()
    }
}
