//! Objects in memory, the least recently used going first when there is no more room.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use super::{
    memory::{Memory, Room},
    object::Object,
};

/// A cache with limits in bytes: of all objects, and of each. Keys are origin, path and query without a signature.
#[derive(Debug)]
pub(super) struct Cache {
    limit: u64,
    object_limit: u64,
    state: Mutex<State>,
    /// What is being read right now; see [`super::fill`].
    pub(super) filling: Mutex<HashSet<Key>>,
    /// As much again as is kept may be on its way in or out.
    memory: Arc<Memory>,
}

/// Which object: the origin's number, and path and query as the origin is asked.
pub(super) type Key = (usize, String);

#[derive(Debug, Default)]
struct State {
    entries: HashMap<Key, Entry>,
    /// Keys by the turn in which they were last used.
    order: BTreeMap<u64, Key>,
    turn: u64,
    bytes: u64,
}

#[derive(Debug)]
struct Entry {
    object: Arc<Object>,
    expires: Option<Instant>,
    turn: u64,
}

impl Cache {
    /// An empty cache; with a limit of 0 it stays empty.
    pub(super) fn new(limit: u64, object_limit: u64) -> Self {
        let memory = Memory::new(limit.saturating_mul(2));
        Self { limit, object_limit, state: Mutex::default(), filling: Mutex::default(), memory }
    }

    /// Whether it would keep an object of this length.
    pub(super) fn keeps(&self, key: &Key, length: u64) -> bool {
        length <= self.object_limit && size(key, length) <= self.limit
    }

    /// Room for reading that many bytes, for which the least recently used go if they must.
    ///
    /// What a viewer still has would give no room back, so it stays; so do all if all would not suffice.
    pub(super) fn room(&self, bytes: u64) -> Option<Room> {
        if let Some(room) = self.memory.take(bytes) {
            return Some(room);
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut missing = bytes.saturating_sub(self.memory.left());
        let mut idle = Vec::new();
        for key in state.order.values() {
            let object = state.entries.get(key).map(|entry| &entry.object);
            // Nobody else can get hold of it while the state is locked.
            if let Some(object) = object.filter(|object| Arc::strong_count(object) == 1) {
                missing = missing.saturating_sub(object.bytes.len() as u64);
                idle.push(key.clone());
            }
            if missing == 0 {
                idle.iter().for_each(|key| state.remove(key));
                return self.memory.take(bytes);
            }
        }
        None
    }

    /// The object, if it is there and has not expired.
    pub(super) fn get(&self, key: &Key, now: Instant) -> Option<Arc<Object>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = state.entries.get(key)?;
        if entry.expires.is_some_and(|expires| expires <= now) {
            state.remove(key);
            return None;
        }
        state.turn += 1;
        let turn = state.turn;
        let entry = state.entries.get_mut(key)?;
        let before = std::mem::replace(&mut entry.turn, turn);
        let object = Arc::clone(&entry.object);
        state.order.remove(&before);
        state.order.insert(turn, key.clone());
        Some(object)
    }

    /// Keeps the object until it expires or others need its room.
    pub(super) fn put(&self, key: Key, object: Arc<Object>, expires: Option<Instant>) {
        let size = size(&key, object.bytes.len() as u64);
        if size > self.limit {
            return;
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.remove(&key);
        while state.bytes + size > self.limit {
            let Some((_, oldest)) = state.order.pop_first() else { break };
            state.remove(&oldest);
        }
        state.turn += 1;
        let turn = state.turn;
        state.bytes += size;
        state.order.insert(turn, key.clone());
        state.entries.insert(key, Entry { object, expires, turn });
    }
}

impl State {
    fn remove(&mut self, key: &Key) {
        if let Some(entry) = self.entries.remove(key) {
            self.order.remove(&entry.turn);
            self.bytes -= size(key, entry.object.bytes.len() as u64);
        }
    }
}

/// What an entry costs: its bytes, and about what keeps it.
fn size(key: &Key, length: u64) -> u64 {
    const OVERHEAD: usize = 512;
    length.saturating_add((2 * key.1.len() + OVERHEAD) as u64)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::edge::object::Head;

    fn object(length: usize) -> Arc<Object> {
        let bytes = vec![0; length].into();
        Arc::new(Object::new(Head::default(), bytes))
    }

    fn key(name: &str) -> Key {
        (0, name.to_owned())
    }

    #[test]
    fn the_least_recently_used_goes_first_and_the_limit_holds() {
        let cache = Cache::new(5000, 5000);
        let now = Instant::now();
        for name in ["a", "b", "c"] {
            cache.put(key(name), object(1000), None);
        }
        assert!(cache.get(&key("a"), now).is_some(), "used again");
        cache.put(key("d"), object(1000), None);
        for (name, there) in [("a", true), ("b", false), ("c", true), ("d", true)] {
            assert_eq!(cache.get(&key(name), now).is_some(), there, "{name}");
        }
        cache.put(key("e"), object(5000), None);
        assert!(cache.get(&key("e"), now).is_none(), "larger than the cache");
        assert!(cache.get(&key("a"), now).is_some(), "and pushed nobody out");
        cache.put(key("f"), object(4000), None);
        let state = cache.state.lock().unwrap();
        assert_eq!((state.entries.len(), state.order.len()), (1, 1));
        assert!(state.bytes <= 5000);
    }

    #[test]
    fn what_expired_is_gone_and_what_is_replaced_counts_once() {
        let cache = Cache::new(10_000, 10_000);
        let now = Instant::now();
        let later = now + Duration::from_secs(1);
        cache.put(key("a"), object(1000), Some(later));
        assert!(cache.get(&key("a"), now).is_some());
        assert!(cache.get(&key("a"), later).is_none());
        for _ in 0..100 {
            cache.put(key("a"), object(1000), None);
        }
        assert!(cache.state.lock().unwrap().bytes < 2000);
        assert!(cache.get(&(1, "a".to_owned()), now).is_none(), "another origin's");
    }
}
