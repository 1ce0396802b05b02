//! Whether objects are there, as a store said a moment ago.

use std::{
    collections::HashMap,
    mem,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// The most keys that are known at one time. At the longest keys (1 KiB) these are 20 MB, and usually less than two; there
/// are more only while more episodes than this are begun within `found-for`.
const MOST: usize = 20_000;

/// Answers with the time until which they are believed.
pub(super) struct Answers {
    found_for: Duration,
    missing_for: Duration,
    kept: Mutex<Generations>,
}

/// When the young are half of what may be known, the old are forgotten: no answer is looked at one by one.
#[derive(Default)]
struct Generations {
    young: HashMap<String, (bool, Instant)>,
    old: HashMap<String, (bool, Instant)>,
}

impl Answers {
    /// A lifetime of zero keeps nothing.
    pub(super) fn new(found_for: Duration, missing_for: Duration) -> Self {
        Self { found_for, missing_for, kept: Mutex::default() }
    }

    /// Whether the object is there, if that is known `now`.
    pub(super) fn get(&self, key: &str, now: Instant) -> Option<bool> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let (found, until) = kept.young.get(key).or_else(|| kept.old.get(key))?;
        (now < *until).then_some(*found)
    }

    /// Keeps an answer. It is as old as its question, however long it took.
    pub(super) fn put(&self, key: String, found: bool, asked: Instant) {
        let lifetime = if found { self.found_for } else { self.missing_for };
        if lifetime.is_zero() {
            return;
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.young.len() >= MOST / 2 {
            kept.old = mem::take(&mut kept.young);
        }
        kept.young.insert(key, (found, asked + lifetime));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_answer_has_its_own_lifetime() {
        let answers = Answers::new(Duration::from_secs(60), Duration::from_secs(5));
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        answers.put("there".to_owned(), true, start);
        answers.put("not".to_owned(), false, start);
        for (seconds, there, not) in
            [(0, Some(true), Some(false)), (5, Some(true), None), (60, None, None)]
        {
            assert_eq!(answers.get("there", at(seconds)), there, "{seconds}");
            assert_eq!(answers.get("not", at(seconds)), not, "{seconds}");
        }
        answers.put("not".to_owned(), true, at(6));
        assert_eq!(answers.get("not", at(6)), Some(true));

        let nothing = Answers::new(Duration::ZERO, Duration::ZERO);
        nothing.put("there".to_owned(), true, start);
        assert_eq!(nothing.get("there", start), None);
    }

    #[test]
    fn there_is_an_end_to_what_is_known() {
        let answers = Answers::new(Duration::from_secs(60), Duration::from_secs(5));
        let start = Instant::now();
        for number in 0..3 * MOST {
            answers.put(number.to_string(), true, start);
            let kept = answers.kept.lock().unwrap();
            assert!(kept.young.len() + kept.old.len() <= MOST);
        }
        let last = (3 * MOST - 1).to_string();
        assert_eq!(answers.get(&last, start), Some(true));
        assert_eq!(answers.get("0", start), None);
    }
}
