//! What was in playlists a moment ago.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use bytes::Bytes;

/// The most playlists that are kept.
const MOST: usize = 2_000;

/// The most bytes they are in all, names included. At most this and the playlists that are being read or answered
/// are in memory.
const MOST_BYTES: usize = 32 << 20;

/// The largest one that is kept: no playlist drives out all others.
const LARGEST: usize = MOST_BYTES / 4;

/// What keeping one costs beside its bytes and its name, roughly.
const OVERHEAD: usize = 256;

/// How long it is believed that a playlist is not there: somebody waits for the first one of a live stream.
const LONGEST_ABSENCE: Duration = Duration::from_secs(1);

/// What a playlist is asked for by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Asked {
    pub(super) key: String,
    pub(super) query: Option<String>,
}

/// Playlists, and that there are none, with the time until which that is believed.
pub(super) struct Playlists {
    lifetime: Duration,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    by_name: HashMap<Arc<Asked>, Known>,
    /// In the order they came, those included that something newer took the place of.
    order: VecDeque<(Arc<Asked>, u64)>,
    next: u64,
    size: usize,
}

struct Known {
    number: u64,
    until: Instant,
    answer: Option<Bytes>,
}

impl Playlists {
    /// A lifetime of zero keeps nothing.
    pub(super) fn new(lifetime: Duration) -> Self {
        Self { lifetime, kept: Mutex::default() }
    }

    /// What is known `now`; the inner `None` stands for a playlist that is not there.
    pub(super) fn get(&self, asked: &Asked, now: Instant) -> Option<Option<Bytes>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let copy = kept.by_name.get(asked)?;
        (now < copy.until).then(|| copy.answer.clone())
    }

    /// Keeps an answer. It is as old as its question, however long it took.
    pub(super) fn put(&self, name: Asked, answer: Option<Bytes>, asked: Instant) {
        let lifetime = match answer {
            Some(_) => self.lifetime,
            None => self.lifetime.min(LONGEST_ABSENCE),
        };
        let now = Instant::now();
        let until = asked + lifetime;
        if until <= now || weight(&name, answer.as_ref()) > LARGEST {
            return;
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.insert(name, answer, until);
        kept.forget(now);
    }
}

impl Kept {
    fn insert(&mut self, name: Asked, answer: Option<Bytes>, until: Instant) {
        let name = Arc::new(name);
        let number = self.next;
        self.next += 1;
        self.size += weight(&name, answer.as_ref());
        if let Some(old) = self.by_name.remove(&name) {
            self.size -= weight(&name, old.answer.as_ref());
        }
        self.by_name.insert(Arc::clone(&name), Known { number, until, answer });
        self.order.push_back((name, number));
    }

    /// Lets go of what is over, and of the oldest while it is too much.
    fn forget(&mut self, now: Instant) {
        while let Some((name, number)) = self.order.front() {
            let current = self.by_name.get(name).filter(|copy| copy.number == *number);
            let over = current.is_none_or(|copy| copy.until <= now);
            if !over && self.order.len() <= MOST && self.size <= MOST_BYTES {
                return;
            }
            let weight = current.map_or(0, |copy| weight(name, copy.answer.as_ref()));
            if current.is_some() {
                self.by_name.remove(name);
            }
            self.size -= weight;
            self.order.pop_front();
        }
    }
}

fn weight(name: &Asked, answer: Option<&Bytes>) -> usize {
    let query = name.query.as_ref().map_or(0, String::len);
    OVERHEAD + name.key.len() + query + answer.map_or(0, Bytes::len)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(key: impl ToString) -> Asked {
        Asked { key: key.to_string(), query: None }
    }

    fn checked(playlists: &Playlists) -> usize {
        let kept = playlists.kept.lock().unwrap();
        let counted = kept.by_name.iter().map(|(name, copy)| weight(name, copy.answer.as_ref()));
        assert_eq!(counted.sum::<usize>(), kept.size);
        assert!(kept.size <= MOST_BYTES && kept.order.len() <= MOST, "{}", kept.size);
        assert!(kept.by_name.len() <= kept.order.len());
        kept.by_name.len()
    }

    #[test]
    fn a_playlist_is_as_old_as_its_question() {
        let playlists = Playlists::new(Duration::from_secs(30));
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        playlists.put(named("there"), Some("one".into()), start);
        playlists.put(named("not"), None, start);
        assert_eq!(playlists.get(&named("there"), at(29)), Some(Some("one".into())));
        assert_eq!(playlists.get(&named("there"), at(30)), None);
        assert_eq!(playlists.get(&named("not"), start), Some(None));
        assert_eq!(playlists.get(&named("not"), at(1)), None, "somebody waits for it to begin");
        let other = Asked { query: Some("_HLS_msn=7".to_owned()), ..named("there") };
        assert_eq!(playlists.get(&other, start), None, "another query is another playlist");
        playlists.put(named("there"), Some("two".into()), start);
        assert_eq!(playlists.get(&named("there"), start), Some(Some("two".into())));
        // The answer took longer than it is believed.
        let long_ago = start.checked_sub(Duration::from_secs(31)).unwrap_or(start);
        playlists.put(named("late"), Some("x".into()), long_ago);
        assert_eq!(playlists.get(&named("late"), long_ago), None);
        assert_eq!(checked(&playlists), 2);

        let nothing = Playlists::new(Duration::ZERO);
        nothing.put(named("there"), Some("one".into()), Instant::now());
        assert_eq!(checked(&nothing), 0);
    }

    #[test]
    fn there_is_an_end_to_how_many_are_kept_and_to_how_much() {
        let playlists = Playlists::new(Duration::from_secs(60));
        let start = Instant::now();
        for number in 0..3 * MOST {
            playlists.put(named(number), Some("x".into()), start);
            assert_eq!(checked(&playlists), (number + 1).min(MOST));
        }
        let last = named(3 * MOST - 1);
        assert!(playlists.get(&last, start).is_some() && playlists.get(&named(0), start).is_none());
        // The same one again and again takes no more room than once.
        for _ in 0..3 * MOST {
            playlists.put(last.clone(), Some("y".into()), start);
        }
        assert_eq!(checked(&playlists), 1);
        let large = Bytes::from(vec![b'x'; LARGEST - 2 * OVERHEAD]);
        for number in 0..10 {
            playlists.put(named(format!("large-{number}")), Some(large.clone()), start);
            assert!(checked(&playlists) <= 5);
        }
        assert!(playlists.get(&named("large-9"), start).is_some());
        let larger = Bytes::from(vec![b'x'; LARGEST]);
        playlists.put(named("larger"), Some(larger), start);
        assert!(playlists.get(&named("larger"), start).is_none());
        assert!(playlists.get(&named("large-9"), start).is_some());
    }

    #[test]
    fn what_is_over_makes_room_for_what_comes() {
        let playlists = Playlists::new(Duration::from_millis(20));
        for number in 0..100 {
            playlists.put(named(number), Some("x".into()), Instant::now());
        }
        std::thread::sleep(Duration::from_millis(40));
        playlists.put(named("new"), Some("x".into()), Instant::now());
        assert!(checked(&playlists) <= 1);
    }
}
