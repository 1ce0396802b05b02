//! Filling the cache: one request reads an object whole, and only when there is room for all of it.

use std::{
    sync::{Arc, PoisonError},
    time::Instant,
};

use super::{
    cache::{Cache, Key},
    memory::Room,
    object::{Head, Object},
};

/// The right to read one object whole. Whoever has none passes bytes on while they come.
#[derive(Debug)]
pub(super) struct Filling {
    cache: Arc<Cache>,
    key: Key,
    room: Option<Room>,
}

impl Filling {
    /// `None` if the cache would not keep an object of this length, if somebody is reading it already, or if
    /// too many bytes are being read or sent.
    pub(super) fn start(cache: &Arc<Cache>, key: &Key, length: u64) -> Option<Self> {
        if !cache.keeps(key, length) {
            return None;
        }
        let mut filling = cache.filling.lock().unwrap_or_else(PoisonError::into_inner);
        if filling.contains(key) {
            return None;
        }
        let room = cache.memory.take(length)?;
        filling.insert(key.clone());
        Some(Self { cache: Arc::clone(cache), key: key.clone(), room: Some(room) })
    }

    /// How many bytes there is room for.
    pub(super) fn length(&self) -> u64 {
        self.room.as_ref().map_or(0, Room::bytes)
    }

    /// Puts the object into the cache.
    pub(super) fn keep(
        mut self,
        head: Head,
        bytes: Vec<u8>,
        expires: Option<Instant>,
    ) -> Arc<Object> {
        let bytes = match self.room.take() {
            Some(room) => room.hold(bytes),
            None => bytes.into(),
        };
        let object = Arc::new(Object { head, bytes, stored: Instant::now() });
        self.cache.put(self.key.clone(), Arc::clone(&object), expires);
        object
    }
}

impl Drop for Filling {
    fn drop(&mut self) {
        self.cache.filling.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_read_once_at_a_time_and_only_with_room_for_it() {
        let cache = Arc::new(Cache::new(10_000, 8000));
        let key = |name: &str| (0, name.to_owned());
        assert!(Filling::start(&cache, &key("a"), 8001).is_none(), "larger than objects may be");
        let first = Filling::start(&cache, &key("a"), 8000).unwrap();
        assert!(Filling::start(&cache, &key("a"), 8000).is_none(), "somebody reads it");
        let other = Filling::start(&cache, &key("b"), 8000).unwrap();
        assert!(Filling::start(&cache, &key("c"), 8000).is_none(), "twice the cache at most");
        drop(other);
        let kept = first.keep(Head::default(), vec![0; 8000], None);
        assert!(cache.get(&key("a"), Instant::now()).is_some());
        let again = Filling::start(&cache, &key("a"), 8000).expect("nobody reads it");
        drop(again.keep(Head::default(), vec![0; 8000], None));
        // The first one has left the cache, and a viewer has it still.
        assert!(Filling::start(&cache, &key("c"), 8000).is_none());
        drop(kept);
        assert!(Filling::start(&cache, &key("c"), 8000).is_some());

        let small = Arc::new(Cache::new(8000, 8000));
        assert!(Filling::start(&small, &key("a"), 8000).is_none(), "an entry costs more");
        assert!(Filling::start(&Arc::new(Cache::new(0, 1)), &key("a"), 0).is_none());
    }
}
