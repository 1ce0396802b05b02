//! Signatures that were found genuine, so that the one signature of a film is verified once and not at each segment.
//!
//! What is remembered is mathematics and never goes out of date: that this key made this signature over this document
//! with this hash. Whether the document allows a request is judged at each request anew.

use std::{
    collections::HashSet,
    fmt, mem,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::cloudfront::{Hash, KeyPairId};

/// How many signatures one generation holds: more than one edge has episodes and viewers in one window of expiry.
const MOST: usize = 2048;

/// How many bytes one generation holds. A seal has about 600 bytes, and at most as many as a request may have.
const MOST_BYTES: usize = 1 << 20;

/// Everything that a signature check depends on, in one text that tells its parts apart.
///
/// It is compared whole and not by a digest, so that no two seals can be taken for each other. The key stands in it by its
/// id, which names one key for as long as the verifier lives that remembers it.
#[derive(PartialEq, Eq, Hash)]
pub(super) struct Seal(Box<[u8]>);

impl Seal {
    pub(super) fn of(id: &KeyPairId, hash: Hash, document: &[u8], signature: &[u8]) -> Self {
        let id = id.as_str().as_bytes();
        let hash = match hash {
            Hash::Sha1 => 1,
            Hash::Sha256 => 2,
        };
        // Each part but the last comes with its length.
        let lengths = [id.len().to_le_bytes(), document.len().to_le_bytes()];
        Self([&[hash], lengths.as_flattened(), id, document, signature].concat().into())
    }
}

/// The seals one verifier has found genuine.
///
/// Only those: whoever has no key can make as many false ones as they like, and would push the others out. A seal
/// that is asked for stays; the others go with their generation, so that neither their number nor their size can grow.
#[derive(Default)]
pub(super) struct Genuine(Mutex<Generations>);

#[derive(Default)]
struct Generations {
    young: HashSet<Seal>,
    young_bytes: usize,
    old: HashSet<Seal>,
}

impl Genuine {
    /// Verifies a seal, unless it was found genuine before.
    pub(super) fn check<E>(
        &self,
        seal: Seal,
        verify: impl FnOnce() -> Result<(), E>,
    ) -> Result<(), E> {
        if self.lock().knows(&seal) {
            return Ok(());
        }
        // Nobody waits for this: two who come at once with the same seal both verify it.
        verify()?;
        self.lock().keep(seal);
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Generations> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Generations {
    /// Whether the seal is there. One that is stays for as long as others are asked for.
    fn knows(&mut self, seal: &Seal) -> bool {
        if self.young.contains(seal) {
            return true;
        }
        let Some(seal) = self.old.take(seal) else { return false };
        self.keep(seal);
        true
    }

    fn keep(&mut self, seal: Seal) {
        let size = seal.0.len();
        if size > MOST_BYTES {
            return;
        }
        if self.young.len() >= MOST || self.young_bytes + size > MOST_BYTES {
            self.old = mem::take(&mut self.young);
            self.young_bytes = 0;
        }
        if self.young.insert(seal) {
            self.young_bytes += size;
        }
    }
}

impl fmt::Debug for Genuine {
    /// Without the seals: a signature is a right to watch.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Genuine").finish_non_exhaustive()
    }
}

impl Clone for Genuine {
    /// Nothing, which is always right to begin with.
    fn clone(&self) -> Self {
        Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seal(number: usize, length: usize) -> Seal {
        let id = KeyPairId::new("K1").unwrap();
        Seal::of(&id, Hash::Sha1, &number.to_le_bytes(), &vec![0; length])
    }

    fn known(genuine: &Genuine, seal: &Seal) -> bool {
        genuine.lock().knows(seal)
    }

    fn remember(genuine: &Genuine, seal: Seal) {
        genuine.check(seal, || Ok::<(), ()>(())).unwrap();
    }

    /// How many there are, and how many bytes they have.
    fn sizes(genuine: &Genuine) -> (usize, usize) {
        let generations = genuine.lock();
        let all = || generations.young.iter().chain(&generations.old);
        let young: usize = generations.young.iter().map(|seal| seal.0.len()).sum();
        assert_eq!(generations.young_bytes, young);
        (all().count(), all().map(|seal| seal.0.len()).sum())
    }

    #[test]
    fn a_genuine_seal_is_verified_once_and_a_false_one_every_time() {
        let genuine = Genuine::default();
        for times in 1..4 {
            let mut asked = false;
            let verdict = genuine.check(seal(0, 256), || {
                asked = true;
                Ok::<(), ()>(())
            });
            assert_eq!((verdict, asked), (Ok(()), times == 1));
            let mut asked = false;
            let verdict = genuine.check(seal(1, 256), || {
                asked = true;
                Err(times)
            });
            assert_eq!((verdict, asked), (Err(times), true));
        }
        assert_eq!(sizes(&genuine).0, 1);
    }

    #[test]
    fn any_difference_is_another_seal() {
        let seals = || {
            let id = |text| KeyPairId::new(text).unwrap();
            [
                Seal::of(&id("K1"), Hash::Sha1, b"ab", b"cd"),
                Seal::of(&id("K1"), Hash::Sha256, b"ab", b"cd"),
                Seal::of(&id("K2"), Hash::Sha1, b"ab", b"cd"),
                Seal::of(&id("K1"), Hash::Sha1, b"ax", b"cd"),
                Seal::of(&id("K1"), Hash::Sha1, b"ab", b"cx"),
                // The same letters, divided otherwise.
                Seal::of(&id("K1"), Hash::Sha1, b"abc", b"d"),
                Seal::of(&id("K1a"), Hash::Sha1, b"b", b"cd"),
                Seal::of(&id("K"), Hash::Sha1, b"1ab", b"cd"),
                Seal::of(&id("K1"), Hash::Sha1, b"", b"abcd"),
            ]
        };
        for (place, one) in seals().into_iter().enumerate() {
            let genuine = Genuine::default();
            remember(&genuine, one);
            for (other, seal) in seals().iter().enumerate() {
                assert_eq!(known(&genuine, seal), place == other, "{place} {other}");
            }
        }
    }

    #[test]
    fn what_is_asked_for_stays_and_the_rest_has_an_end() {
        let genuine = Genuine::default();
        for number in 0..10 * MOST {
            remember(&genuine, seal(number, 100));
            assert!(known(&genuine, &seal(0, 100)), "{number}");
        }
        assert!(known(&genuine, &seal(10 * MOST - 1, 100)));
        assert!(!known(&genuine, &seal(1, 100)));
        assert!(sizes(&genuine).0 <= 2 * MOST);
    }

    #[test]
    fn long_seals_are_bounded_by_their_bytes() {
        let genuine = Genuine::default();
        for number in 0..1000 {
            remember(&genuine, seal(number, 15_000));
            assert!(sizes(&genuine).1 <= 2 * MOST_BYTES, "{number}");
        }
        assert!(known(&genuine, &seal(999, 15_000)));
        remember(&genuine, seal(0, MOST_BYTES));
        assert!(!known(&genuine, &seal(0, MOST_BYTES)), "larger than a generation");
        assert!(known(&genuine, &seal(999, 15_000)), "and pushed nobody out");
    }

    #[test]
    fn nothing_of_it_is_shown_or_handed_on() {
        let genuine = Genuine::default();
        remember(&genuine, seal(7, 40));
        assert!(!known(&genuine.clone(), &seal(7, 40)));
        assert_eq!(format!("{genuine:?}"), "Genuine { .. }");
    }
}
