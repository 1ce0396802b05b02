//! What was in playlists a moment ago, so that a crowd reads each once. Knows nothing of Spin.

use std::{collections::VecDeque, time::Duration};

/// How old a copy may be. Players of a live stream reload every few seconds, and wait for what is new.
const FRESH: Duration = Duration::from_secs(1);

/// The most copies that are kept.
const MOST: usize = 64;

/// The most bytes they are in all. An instance has little memory, and there are many instances.
const MOST_BYTES: usize = 8 << 20;

struct Copy {
    url: String,
    text: Vec<u8>,
    /// A copy is as old as its question, however long the answer took.
    asked: Duration,
}

/// Copies by the URL they came from, the oldest first. Times are those of any clock that only goes forward.
#[derive(Default)]
pub(crate) struct Copies {
    kept: VecDeque<Copy>,
    bytes: usize,
}

impl Copies {
    /// What was there less than a second ago.
    pub(crate) fn get(&mut self, url: &str, now: Duration) -> Option<Vec<u8>> {
        self.forget(now);
        self.kept.iter().rev().find(|copy| copy.url == url).map(|copy| copy.text.clone())
    }

    /// Keeps what came. It takes the place of an older copy, never of a newer one.
    pub(crate) fn put(&mut self, url: String, text: Vec<u8>, asked: Duration, now: Duration) {
        let size = url.len() + text.len();
        let newer = self.kept.iter().any(|copy| copy.url == url && copy.asked > asked);
        if newer || size > MOST_BYTES || now.saturating_sub(asked) >= FRESH {
            return;
        }
        self.kept.retain(|copy| copy.url != url);
        self.kept.push_back(Copy { url, text, asked });
        self.bytes = self.kept.iter().map(Copy::size).sum();
        self.forget(now);
    }

    /// Lets go of what is too old, and of the oldest while it is too much.
    fn forget(&mut self, now: Duration) {
        self.kept.retain(|copy| now.saturating_sub(copy.asked) < FRESH);
        self.bytes = self.kept.iter().map(Copy::size).sum();
        while self.kept.len() > MOST || self.bytes > MOST_BYTES {
            let Some(copy) = self.kept.pop_front() else { return };
            self.bytes -= copy.size();
        }
    }
}

impl Copy {
    fn size(&self) -> usize {
        self.url.len() + self.text.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    fn put(copies: &mut Copies, url: &str, text: &str, asked: u64, now: u64) {
        copies.put(url.to_owned(), text.into(), at(asked), at(now));
    }

    #[test]
    fn a_copy_is_as_old_as_its_question() {
        let mut copies = Copies::default();
        put(&mut copies, "/a", "one", 0, 400);
        put(&mut copies, "/a?b", "other", 100, 400);
        assert_eq!(copies.get("/a", at(999)).unwrap(), b"one");
        assert_eq!(copies.get("/a?b", at(999)).unwrap(), b"other");
        assert_eq!(copies.get("/a", at(1000)), None);
        assert_eq!(copies.get("/a?b", at(1000)).unwrap(), b"other");
        put(&mut copies, "/slow", "late", 0, 1000);
        assert_eq!(copies.get("/slow", at(1000)), None);
    }

    #[test]
    fn an_older_answer_does_not_replace_a_newer_one() {
        let mut copies = Copies::default();
        put(&mut copies, "/a", "newer", 500, 600);
        put(&mut copies, "/a", "older", 0, 700);
        assert_eq!(copies.get("/a", at(700)).unwrap(), b"newer");
        put(&mut copies, "/a", "newest", 700, 800);
        assert_eq!(copies.get("/a", at(800)).unwrap(), b"newest");
        assert_eq!((copies.kept.len(), copies.bytes), (1, 8));
    }

    #[test]
    fn there_is_an_end_to_how_many_are_kept_and_to_how_much() {
        let mut copies = Copies::default();
        for number in 0..2 * MOST {
            put(&mut copies, &format!("/{number}"), "x", 0, 0);
        }
        assert_eq!(copies.kept.len(), MOST);
        assert!(copies.get("/0", at(0)).is_none() && copies.get("/127", at(0)).is_some());
        let large = "x".repeat(MOST_BYTES / 2);
        for number in 0..4 {
            put(&mut copies, &format!("/large-{number}"), &large, 1, 1);
            assert!(copies.bytes <= MOST_BYTES);
        }
        assert_eq!(copies.kept.len(), 1);
        put(&mut copies, "/larger", &"x".repeat(MOST_BYTES), 1, 1);
        assert!(copies.get("/larger", at(1)).is_none() && copies.get("/large-3", at(1)).is_some());
    }
}
