//! What time it is, as far as this machine knows.

use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

/// Tells the time in epoch seconds; `None` when it cannot be right.
pub(super) type Clock = Arc<dyn Fn() -> Option<u64> + Send + Sync>;

/// The system's time.
pub(super) fn system() -> Option<u64> {
    epoch_seconds(SystemTime::now())
}

/// Before 1970 is a clock that nobody has set, and 0 would make every signature one that has not expired.
fn epoch_seconds(time: SystemTime) -> Option<u64> {
    time.duration_since(UNIX_EPOCH).ok().map(|age| age.as_secs())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_time_before_1970_is_none() {
        let second = Duration::from_secs(1);
        for (time, seconds) in [
            (UNIX_EPOCH + second, Some(1)),
            (UNIX_EPOCH, Some(0)),
            (UNIX_EPOCH - Duration::from_nanos(1), None),
            (UNIX_EPOCH - 86_400 * second, None),
        ] {
            assert_eq!(epoch_seconds(time), seconds);
        }
    }
}
