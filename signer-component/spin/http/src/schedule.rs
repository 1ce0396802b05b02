//! When the issuer is asked for keys again. Knows nothing of Spin.

use std::time::Duration;

/// Anybody can make up key names; this is how often that costs the issuer a request of one instance.
const GAP: Duration = Duration::from_secs(30);

/// Without any key nobody can be served, so then it is tried more often.
const FIRST_GAP: Duration = Duration::from_secs(1);

/// What has been asked and when, in any clock that only goes forward.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Schedule {
    /// When the keys in use came.
    loaded: Option<Duration>,
    /// When it was last asked for the sake of age, whatever came of it.
    asked: Option<Duration>,
    /// When it was last asked because a token named a key that nobody knows.
    caused: Option<Duration>,
}

/// Why the issuer would be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// There are no keys, or they are old.
    Age,
    /// A token names a key that is not among them.
    UnknownKey,
}

impl Schedule {
    /// Whether to ask now.
    pub(crate) fn is_due(&self, cause: Cause, now: Duration, refresh: Duration) -> bool {
        let passed = |since: Option<Duration>, gap: Duration| {
            since.is_none_or(|since| now.saturating_sub(since) >= gap)
        };
        match (cause, self.loaded) {
            (Cause::Age, None) => passed(self.asked, FIRST_GAP),
            (Cause::Age, Some(_)) => {
                passed(self.loaded, refresh) && passed(self.asked, GAP.min(refresh))
            }
            // A key that is new right after keys were loaded for their age must not wait.
            (Cause::UnknownKey, _) => passed(self.caused, GAP),
        }
    }

    /// The issuer is being asked.
    pub(crate) fn ask(&mut self, cause: Cause, now: Duration) {
        match cause {
            Cause::Age => self.asked = Some(now),
            Cause::UnknownKey => self.caused = Some(now),
        }
    }

    /// It answered with keys.
    pub(crate) fn load(&mut self, now: Duration) {
        self.loaded = Some(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REFRESH: Duration = Duration::from_secs(300);

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn keys_are_asked_for_when_they_are_old() {
        let mut schedule = Schedule::default();
        assert!(schedule.is_due(Cause::Age, at(7), REFRESH), "the first request");
        schedule.ask(Cause::Age, at(7));
        assert!(!schedule.is_due(Cause::Age, at(7), REFRESH), "it failed a moment ago");
        assert!(schedule.is_due(Cause::Age, at(8), REFRESH), "without keys soon again");
        schedule.ask(Cause::Age, at(8));
        schedule.load(at(8));
        assert!(!schedule.is_due(Cause::Age, at(307), REFRESH));
        assert!(schedule.is_due(Cause::Age, at(308), REFRESH));
        schedule.ask(Cause::Age, at(308));
        assert!(!schedule.is_due(Cause::Age, at(337), REFRESH), "the old ones are in use");
        assert!(schedule.is_due(Cause::Age, at(338), REFRESH));
    }

    #[test]
    fn made_up_names_cost_one_question_in_half_a_minute() {
        let mut schedule = Schedule::default();
        schedule.ask(Cause::Age, at(0));
        schedule.load(at(0));
        assert!(schedule.is_due(Cause::UnknownKey, at(1), REFRESH), "it may be new");
        schedule.ask(Cause::UnknownKey, at(1));
        schedule.load(at(1));
        assert!(!schedule.is_due(Cause::UnknownKey, at(30), REFRESH));
        assert!(schedule.is_due(Cause::UnknownKey, at(31), REFRESH));
    }
}
