//! What is known of a value that somebody else keeps, and when it is asked for again. Knows nothing of Spin.

use std::time::Duration;

/// How old a value may be. A changed one counts after that in every instance, new instances have it at once.
const FRESH: Duration = Duration::from_secs(30);

/// How long nobody asks again after no answer, so that not every request waits for one.
const GAP: Duration = Duration::from_secs(1);

/// The same with a good value in use. It is longer than a request takes that waits for several silent values, or
/// whoever sends one request after the other would wait in each.
const GAP_WITH_VALUE: Duration = Duration::from_secs(5);

/// The last good value, and what came of asking since. Times are those of any clock that only goes forward.
#[derive(Clone, Debug)]
pub(crate) struct Recent<T> {
    known: Option<Known<T>>,
    /// When it was last asked for, whatever came of it.
    asked: Option<Duration>,
    failed: Option<Failed>,
}

#[derive(Clone, Debug)]
struct Known<T> {
    value: T,
    asked: Duration,
}

#[derive(Clone, Copy, Debug)]
struct Failed {
    at: Duration,
    silence: Silence,
}

/// How an answer failed to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Silence {
    /// Which of the values that are asked for together failed, by its place; none if all of them were late.
    pub(crate) place: Option<usize>,
}

/// What to do for whoever wants the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step<T> {
    /// Take this.
    Use(T),
    /// There is none, and asking failed a moment ago.
    Fail(Silence),
    /// Ask, and say what came of it.
    Ask,
}

impl<T> Default for Recent<T> {
    fn default() -> Self {
        Self { known: None, asked: None, failed: None }
    }
}

impl<T: Clone> Recent<T> {
    /// What to do now. While one request asks, the others take what is known.
    pub(crate) fn step(&mut self, now: Duration) -> Step<T> {
        let passed = |since: Option<Duration>, gap| {
            since.is_none_or(|since| now.saturating_sub(since) >= gap)
        };
        let gap = if self.known.is_some() { GAP_WITH_VALUE } else { GAP };
        let failed = self.failed.filter(|failed| !passed(Some(failed.at), gap));
        match (&self.known, failed) {
            (Some(known), _) if !passed(Some(known.asked), FRESH) => Step::Use(known.value.clone()),
            (Some(known), Some(_)) => Step::Use(known.value.clone()),
            (Some(known), None) if !passed(self.asked, GAP) => Step::Use(known.value.clone()),
            (None, Some(failed)) => Step::Fail(failed.silence),
            _ => {
                self.asked = Some(now);
                Step::Ask
            }
        }
    }

    /// The value came. It may be as old as the question.
    pub(crate) fn answered(&mut self, asked: Duration, value: T) {
        // Of two who asked at once the later one may be answered first.
        if self.known.as_ref().is_none_or(|known| known.asked <= asked) {
            self.known = Some(Known { value, asked });
            self.failed = None;
        }
    }

    /// None came. The last good value stays in use.
    ///
    /// # Errors
    /// There is no such value.
    pub(crate) fn failed(&mut self, now: Duration, silence: Silence) -> Result<T, Silence> {
        self.failed = Some(Failed { at: now, silence });
        self.known.as_ref().map(|known| known.value.clone()).ok_or(silence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LATE: Silence = Silence { place: None };

    fn at(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[test]
    fn a_value_is_used_for_half_a_minute_from_the_question() {
        let mut recent = Recent::default();
        assert_eq!(recent.step(at(0)), Step::Ask);
        recent.answered(at(0), "one");
        assert_eq!(recent.step(at(29_999)), Step::Use("one"));
        assert_eq!(recent.step(at(30_000)), Step::Ask);
        recent.answered(at(30_000), "two");
        assert_eq!(recent.step(at(30_001)), Step::Use("two"));
    }

    #[test]
    fn while_nobody_answers_few_requests_ask_and_all_have_the_last_good_value() {
        let mut recent = Recent::default();
        assert_eq!(recent.step(at(0)), Step::Ask);
        recent.answered(at(0), "good");
        assert_eq!(recent.step(at(40_000)), Step::Ask);
        assert_eq!(recent.step(at(40_000)), Step::Use("good"), "somebody is asking");
        assert_eq!(recent.step(at(40_999)), Step::Use("good"), "somebody is asking");
        assert_eq!(recent.failed(at(41_000), LATE), Ok("good"));
        assert_eq!(recent.step(at(45_999)), Step::Use("good"), "it failed a moment ago");
        assert_eq!(recent.step(at(46_000)), Step::Ask);
        recent.answered(at(46_000), "new");
        assert_eq!(recent.step(at(46_001)), Step::Use("new"));
    }

    #[test]
    fn whoever_asked_and_went_away_holds_up_nobody() {
        let mut recent = Recent::default();
        recent.answered(at(0), "good");
        assert_eq!(recent.step(at(40_000)), Step::Ask);
        assert_eq!(recent.step(at(41_000)), Step::Ask);
    }

    #[test]
    fn without_a_value_a_failure_is_everybodys_for_a_second() {
        let mut recent = Recent::<&str>::default();
        let second = Silence { place: Some(1) };
        assert_eq!(recent.step(at(0)), Step::Ask);
        assert_eq!(recent.step(at(500)), Step::Ask, "there is nothing else to use");
        assert_eq!(recent.failed(at(1000), second), Err(second));
        assert_eq!(recent.step(at(1999)), Step::Fail(second));
        assert_eq!(recent.step(at(2000)), Step::Ask);
    }

    #[test]
    fn an_older_answer_does_not_replace_a_newer_one() {
        let mut recent = Recent::default();
        recent.answered(at(500), "newer");
        recent.answered(at(0), "older");
        assert_eq!(recent.step(at(600)), Step::Use("newer"));
    }
}
