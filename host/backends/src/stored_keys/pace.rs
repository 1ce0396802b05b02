//! When the next fetch is due.

use std::time::Duration;

use uuid::Uuid;

/// How soon a failed fetch is tried again at first; the time doubles with each further failure.
const FIRST_RETRY: Duration = Duration::from_secs(1);

/// How soon at the latest.
const LAST_RETRY: Duration = Duration::from_secs(30);

/// The least time between two fetches that unknown ids cause: made-up ids must not turn into a storm.
const GAP: Duration = Duration::from_secs(5);

/// How often a vault is asked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// How long a fetched set is used.
    pub(super) refresh: Duration,
    /// See [`FIRST_RETRY`].
    pub(super) first_retry: Duration,
    /// See [`LAST_RETRY`].
    pub(super) last_retry: Duration,
    /// See [`GAP`].
    pub(super) gap: Duration,
}

impl Pace {
    pub(super) fn of(refresh: Duration) -> Self {
        Self { refresh, first_retry: FIRST_RETRY, last_retry: LAST_RETRY, gap: GAP }
    }

    /// After a fetch that worked: early enough to fail once and still be in time, and at a time of this gateway's
    /// own, so that many that were started together do not ask together.
    pub(super) fn after_success(&self) -> Duration {
        self.refresh.mul_f64(between(0.75, 0.85))
    }

    /// After so many fetches in a row that failed, one or more. Never later than if it had worked.
    pub(super) fn after_failures(&self, failures: u32) -> Duration {
        let doubled = self.first_retry.saturating_mul(1 << failures.saturating_sub(1).min(16));
        doubled.min(self.last_retry).min(self.refresh).mul_f64(between(0.5, 1.0))
    }
}

/// A random number.
fn between(low: f64, high: f64) -> f64 {
    let [byte, ..] = *Uuid::new_v4().as_bytes();
    low + (high - low) * f64::from(byte) / f64::from(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_fetched_again_before_its_time_is_over() {
        let pace = Pace::of(Duration::from_secs(300));
        let times: Vec<_> = (0..200).map(|_| pace.after_success().as_secs_f64()).collect();
        assert!(times.iter().all(|time| (225.0..=255.0).contains(time)), "{times:?}");
        assert!(times.iter().any(|time| *time != times[0]), "every gateway would ask at once");
    }

    #[test]
    fn failures_are_tried_again_soon_and_then_less_soon() {
        let pace = Pace::of(Duration::from_secs(300));
        for (failures, most) in [(1, 1.0), (2, 2.0), (3, 4.0), (5, 16.0), (6, 30.0), (99, 30.0)] {
            for _ in 0..50 {
                let time = pace.after_failures(failures).as_secs_f64();
                assert!((most / 2.0..=most).contains(&time), "{failures}: {time}");
            }
        }
        let short = Pace::of(Duration::from_secs(10));
        assert!(short.after_failures(99) <= Duration::from_secs(10));
    }
}
