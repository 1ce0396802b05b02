//! Signatures already made, as long as they hold.

use std::collections::HashMap;

use crate::{
    cloudfront::{KeyPairId, Signed, Unsigned},
    time::EpochSeconds,
};

/// A bounded store of signatures by key and statement. Within an expiry window everybody gets the same statement, so
/// one signature serves them all.
#[derive(Debug)]
pub struct SignatureCache {
    capacity: usize,
    signed: HashMap<(KeyPairId, Unsigned), Signed>,
}

impl SignatureCache {
    /// Makes room for `capacity` signatures.
    pub fn new(capacity: usize) -> Self {
        Self { capacity, signed: HashMap::new() }
    }

    /// The signature of this key over this statement, if it was made before and still holds.
    pub fn get(&self, key: &KeyPairId, statement: &Unsigned, now: EpochSeconds) -> Option<Signed> {
        let found = self.signed.get(&(key.clone(), statement.clone()))?;
        (found.expires_at() > now).then(|| found.clone())
    }

    /// Keeps a signature. When there is no room, those that no longer hold go first, and all others after them.
    pub fn insert(&mut self, key: &KeyPairId, signed: Signed, now: EpochSeconds) {
        if self.signed.len() >= self.capacity {
            self.signed.retain(|_, signed| signed.expires_at() > now);
            if self.signed.len() >= self.capacity {
                self.signed.clear();
            }
        }
        self.signed.insert((key.clone(), signed.statement().clone()), signed);
    }
}
