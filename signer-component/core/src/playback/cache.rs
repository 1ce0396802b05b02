//! Signatures already made, as long as they hold.

use std::{
    borrow::Borrow,
    collections::{HashMap, HashSet},
    fmt,
    hash::{Hash, Hasher},
    mem,
};

use crate::{
    cloudfront::{Signed, Unsigned},
    time::EpochSeconds,
};

/// A bounded store of signatures by key and statement. Within an expiry window everybody gets the same statement, so
/// one signature serves them all.
///
/// `K` must tell keys apart by what they are and not by what they are called, or a key that was put right under the
/// same id would go on with the signatures of the wrong one.
pub struct SignatureCache<K> {
    /// What one generation may hold; both together hold twice as much.
    most_bytes: usize,
    /// What was made or used since the generations last changed.
    young: Generation<K>,
    /// What goes when they change next, unless it is used until then.
    old: Generation<K>,
}

struct Generation<K> {
    signed: HashMap<K, HashSet<ByStatement>>,
    bytes: usize,
}

/// A signature that is found by its statement.
struct ByStatement(Signed);

impl<K: Copy + Eq + Hash> SignatureCache<K> {
    /// Makes room for about `most_bytes` of signatures and their statements.
    pub fn new(most_bytes: usize) -> Self {
        Self {
            most_bytes: most_bytes / 2,
            young: Generation::default(),
            old: Generation::default(),
        }
    }

    /// The signature of this key over this statement, if it was made before and still holds.
    pub fn get(&mut self, key: K, statement: &Unsigned, now: EpochSeconds) -> Option<Signed> {
        if let Some(found) = self.young.get(key, statement) {
            return Some(found).filter(|found| found.expires_at() > now);
        }
        let found = self.old.get(key, statement).filter(|found| found.expires_at() > now)?;
        self.insert(key, found.clone());
        Some(found)
    }

    /// Keeps a signature. When there is no room, those go that nobody asked for in the longest time: neither is one
    /// that everybody wants lost, nor does anybody wait while all are looked through.
    pub fn insert(&mut self, key: K, signed: Signed) {
        let bytes = signed.bytes();
        if bytes > self.most_bytes {
            return;
        }
        if self.young.bytes + bytes > self.most_bytes {
            self.old = mem::take(&mut self.young);
        }
        self.young.insert(key, signed, bytes);
    }

    /// Whether it is kept, without making it younger.
    #[cfg(test)]
    pub(super) fn holds(&self, key: K, statement: &Unsigned) -> bool {
        self.young.get(key, statement).or_else(|| self.old.get(key, statement)).is_some()
    }

    /// Drops what a key signed that is not in use any more.
    pub fn forget(&mut self, key: K) {
        self.young.forget(key);
        self.old.forget(key);
    }
}

impl<K> fmt::Debug for SignatureCache<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("SignatureCache");
        shown.field("most_bytes", &self.most_bytes).finish_non_exhaustive()
    }
}

impl<K> Default for Generation<K> {
    fn default() -> Self {
        Self { signed: HashMap::new(), bytes: 0 }
    }
}

impl<K: Eq + Hash> Generation<K> {
    fn get(&self, key: K, statement: &Unsigned) -> Option<Signed> {
        Some(self.signed.get(&key)?.get(statement)?.0.clone())
    }

    fn insert(&mut self, key: K, signed: Signed, bytes: usize) {
        if self.signed.entry(key).or_default().insert(ByStatement(signed)) {
            self.bytes += bytes;
        }
    }

    fn forget(&mut self, key: K) {
        let gone = self.signed.remove(&key).unwrap_or_default();
        self.bytes -= gone.iter().map(|signed| signed.0.bytes()).sum::<usize>();
    }
}

impl Borrow<Unsigned> for ByStatement {
    fn borrow(&self) -> &Unsigned {
        self.0.statement()
    }
}

impl PartialEq for ByStatement {
    fn eq(&self, other: &Self) -> bool {
        self.0.statement() == other.0.statement()
    }
}

impl Eq for ByStatement {}

impl Hash for ByStatement {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Hash::hash(self.0.statement(), state);
    }
}
