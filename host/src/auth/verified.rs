//! Tokens whose signature was verified before, so that a viewer who asks again costs a digest and no signature.
//!
//! Only good tokens are remembered: what is not here is verified, so a full memory or a lost entry refuses nobody.

use std::{
    collections::HashMap,
    mem,
    sync::{Mutex, PoisonError},
};

use aws_lc_rs::digest::{SHA256, SHA256_OUTPUT_LEN, digest};
use tollgate_api::{Claims, token::MAX_TOKEN_LENGTH};

/// What a token is remembered by: every byte of it goes into it, the signature as well.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Digest([u8; SHA256_OUTPUT_LEN]);

impl Digest {
    /// `None` for what is too long to be a token.
    pub(super) fn of(token: &str) -> Option<Self> {
        if token.len() > MAX_TOKEN_LENGTH {
            return None;
        }
        digest(&SHA256, token.as_bytes()).as_ref().try_into().map(Self).ok()
    }
}

/// Claims of verified tokens, the ones asked for last.
pub(super) struct VerifiedTokens {
    /// Told apart by the first byte of a digest, so that two cores seldom want the same one.
    shards: [Mutex<Shard>; SHARDS],
}

/// Two halves: what was asked for goes to the young one, and when that is full, the old one is forgotten.
#[derive(Default)]
struct Shard {
    /// Of the keys that verified everything in here.
    generation: u64,
    young: HashMap<Digest, Claims>,
    old: HashMap<Digest, Claims>,
}

impl Default for VerifiedTokens {
    fn default() -> Self {
        Self { shards: std::array::from_fn(|_| Mutex::default()) }
    }
}

impl VerifiedTokens {
    /// What the token says, if the keys of this generation verified it.
    pub(super) fn get(&self, digest: &Digest, generation: u64) -> Option<Claims> {
        self.with_shard(digest, |shard| {
            if shard.generation != generation {
                return None;
            }
            if let Some(claims) = shard.young.get(digest) {
                return Some(claims.clone());
            }
            let claims = shard.old.remove(digest)?;
            shard.insert(*digest, claims.clone());
            Some(claims)
        })
    }

    /// Remembers a token that the keys of this generation verified.
    pub(super) fn insert(&self, digest: Digest, claims: &Claims, generation: u64) {
        if claims.sub.len() > LONGEST_SUBJECT {
            return;
        }
        self.with_shard(&digest, |shard| {
            if shard.generation < generation {
                *shard = Shard { generation, ..Shard::default() };
            }
            // Keys that are newer came while this token was verified with others.
            if shard.generation == generation {
                shard.insert(digest, claims.clone());
            }
        });
    }

    fn with_shard<R>(&self, digest: &Digest, work: impl FnOnce(&mut Shard) -> R) -> R {
        let Digest([first, ..]) = digest;
        let [zeroth, ..] = &self.shards;
        let shard = self.shards.get(usize::from(*first) % SHARDS).unwrap_or(zeroth);
        work(&mut shard.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Shard {
    fn insert(&mut self, digest: Digest, claims: Claims) {
        if self.young.len() >= HALF {
            self.old = mem::take(&mut self.young);
        }
        self.young.insert(digest, claims);
    }
}

const SHARDS: usize = 16;

/// Tokens in one half of a shard: 32768 in all, some 8 MiB once that many viewers have been there within a lifetime of
/// their tokens.
const HALF: usize = 1024;

/// Longer than any user there can be. What is longer may be an admin's, and is verified each time, so that memory is
/// bounded in bytes as well.
const LONGEST_SUBJECT: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(sub: &str) -> Claims {
        Claims { sub: sub.to_owned(), roles: Vec::new(), exp: 1, not_before: 0 }
    }

    fn digest_of(token: &str) -> Digest {
        Digest::of(token).unwrap()
    }

    #[test]
    fn a_token_is_known_by_all_of_its_bytes() {
        let tokens = VerifiedTokens::default();
        tokens.insert(digest_of("head.claims.signature"), &claims("u1"), 0);
        assert_eq!(tokens.get(&digest_of("head.claims.signature"), 0), Some(claims("u1")));
        for other in ["head.claims.signaturf", "head.claimt.signature", "heae.claims.signature"] {
            assert_eq!(tokens.get(&digest_of(other), 0), None, "{other}");
        }
        assert!(Digest::of(&"a".repeat(MAX_TOKEN_LENGTH)).is_some());
        assert!(Digest::of(&"a".repeat(MAX_TOKEN_LENGTH + 1)).is_none());
    }

    #[test]
    fn other_keys_know_nothing_of_what_was_verified_before() {
        let tokens = VerifiedTokens::default();
        let digest = digest_of("token");
        tokens.insert(digest, &claims("u1"), 1);
        assert_eq!(tokens.get(&digest, 2), None);
        tokens.insert(digest, &claims("u2"), 2);
        // Somebody who looked at the keys before they were replaced comes late.
        tokens.insert(digest, &claims("u1"), 1);
        assert_eq!(tokens.get(&digest, 1), None);
        assert_eq!(tokens.get(&digest, 2), Some(claims("u2")));
    }

    #[test]
    fn memory_is_bounded_and_keeps_who_comes_again() {
        let tokens = VerifiedTokens::default();
        let regular = digest_of("regular");
        tokens.insert(regular, &claims("regular"), 0);
        let most = SHARDS * HALF * 2;
        for number in 0..most * 3 {
            tokens.insert(digest_of(&number.to_string()), &claims("u1"), 0);
            assert!(tokens.get(&regular, 0).is_some(), "after {number}");
        }
        let kept: usize = tokens
            .shards
            .iter()
            .map(|shard| shard.lock().unwrap())
            .map(|shard| shard.young.len() + shard.old.len())
            .sum();
        assert!((most / 2..=most).contains(&kept), "{kept}");
        tokens.insert(digest_of("long"), &claims(&"u".repeat(LONGEST_SUBJECT + 1)), 0);
        assert_eq!(tokens.get(&digest_of("long"), 0), None);
    }
}
