//! Answers by what was asked, with the time until which they are believed.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    mem,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

/// Parts with a lock of their own, so that threads seldom meet at one. A power of two.
const SHARDS: usize = 16;

/// The most answers that are known at one time. With keys and values of usual length these are some megabytes; there
/// is an end to it also for somebody who asks for what is not there.
const MOST: usize = 20_000;

/// What is known, asked by `PARTS` texts.
pub(crate) struct Answers<const PARTS: usize, V> {
    hasher: RandomState,
    shards: [Mutex<Generations<PARTS, V>>; SHARDS],
}

/// When the young are half of what may be known, the old are forgotten: no answer is looked at one by one.
///
/// They are kept by the hash of what was asked, so that asking needs no text of its own. Of two questions with the same
/// hash, which nobody can choose, the later one is known.
struct Generations<const PARTS: usize, V> {
    young: HashMap<u64, Known<PARTS, V>>,
    old: HashMap<u64, Known<PARTS, V>>,
}

struct Known<const PARTS: usize, V> {
    asked: [String; PARTS],
    answer: V,
    until: Instant,
}

impl<const PARTS: usize, V> Default for Answers<PARTS, V> {
    fn default() -> Self {
        Self { hasher: RandomState::new(), shards: Default::default() }
    }
}

impl<const PARTS: usize, V> Default for Generations<PARTS, V> {
    fn default() -> Self {
        Self { young: HashMap::new(), old: HashMap::new() }
    }
}

impl<const PARTS: usize, V: Clone> Answers<PARTS, V> {
    /// The answer, if it is known `now`.
    pub(crate) fn get(&self, asked: [&str; PARTS], now: Instant) -> Option<V> {
        let hash = self.hasher.hash_one(asked);
        let kept = self.shard(hash)?;
        let known = kept.young.get(&hash).or_else(|| kept.old.get(&hash))?;
        (known.asked == asked && now < known.until).then(|| known.answer.clone())
    }

    /// Keeps an answer until then.
    pub(crate) fn put(&self, asked: [String; PARTS], answer: V, until: Instant) {
        let hash = self.hasher.hash_one(asked.each_ref().map(String::as_str));
        let Some(mut kept) = self.shard(hash) else { return };
        if kept.young.len() >= MOST / SHARDS / 2 {
            kept.old = mem::take(&mut kept.young);
        }
        kept.young.insert(hash, Known { asked, answer, until });
    }

    /// There is always one.
    fn shard(&self, hash: u64) -> Option<MutexGuard<'_, Generations<PARTS, V>>> {
        let shard = self.shards.get(usize::try_from(hash % SHARDS as u64).ok()?)?;
        Some(shard.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn each_answer_has_its_own_end() {
        let answers = Answers::<1, bool>::default();
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        answers.put(["there".to_owned()], true, at(60));
        answers.put(["not".to_owned()], false, at(5));
        for (seconds, there, not) in
            [(0, Some(true), Some(false)), (5, Some(true), None), (60, None, None)]
        {
            assert_eq!(answers.get(["there"], at(seconds)), there, "{seconds}");
            assert_eq!(answers.get(["not"], at(seconds)), not, "{seconds}");
        }
        answers.put(["not".to_owned()], true, at(7));
        assert_eq!(answers.get(["not"], at(6)), Some(true));
    }

    #[test]
    fn the_parts_of_a_question_are_not_one_text() {
        let answers = Answers::<2, u8>::default();
        let now = Instant::now();
        let until = now + Duration::from_secs(1);
        answers.put(["a", "bc"].map(str::to_owned), 1, until);
        assert_eq!(answers.get(["ab", "c"], now), None);
        answers.put(["ab", "c"].map(str::to_owned), 2, until);
        assert_eq!(
            (answers.get(["a", "bc"], now), answers.get(["ab", "c"], now)),
            (Some(1), Some(2))
        );
    }

    #[test]
    fn there_is_an_end_to_what_is_known() {
        let answers = Answers::<1, ()>::default();
        let start = Instant::now();
        let until = start + Duration::from_secs(60);
        for number in 0..3 * MOST {
            answers.put([number.to_string()], (), until);
        }
        let kept = answers.shards.iter().map(|shard| {
            let kept = shard.lock().unwrap();
            kept.young.len() + kept.old.len()
        });
        assert!(kept.sum::<usize>() <= MOST);
        let last = (3 * MOST - 1).to_string();
        assert_eq!(answers.get([&last], start), Some(()));
        assert_eq!(answers.get(["0"], start), None);
    }
}
