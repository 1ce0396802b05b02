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
        let room = cache.room(length)?;
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
        let object = Arc::new(Object::new(head, bytes));
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
    use crate::edge::object::lease;

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
        let again = again.keep(Head::default(), vec![0; 8000], None);
        // The first one has left the cache, and viewers have both of them still.
        assert!(Filling::start(&cache, &key("c"), 8000).is_none());
        drop((kept, again));
        assert!(Filling::start(&cache, &key("c"), 8000).is_some());

        let small = Arc::new(Cache::new(8000, 8000));
        assert!(Filling::start(&small, &key("a"), 8000).is_none(), "an entry costs more");
        assert!(Filling::start(&Arc::new(Cache::new(0, 1)), &key("a"), 0).is_none());
    }

    #[test]
    fn what_viewers_hold_does_not_keep_others_out_while_the_cache_has_something_to_give_up() {
        let cache = Arc::new(Cache::new(30_000, 8000));
        let key = |name: &str| (0, name.to_owned());
        let fill = |name: &str| {
            let filling = Filling::start(&cache, &key(name), 8000)?;
            Some(filling.keep(Head::default(), vec![0; 8000], None))
        };
        let there = |name: &str| cache.get(&key(name), Instant::now()).is_some();
        // Four that have left the cache and are still being sent, and three that nobody has.
        let held = ["a", "b", "c", "d"].map(|name| lease(&fill(name).unwrap(), 0..8000));
        for name in ["x", "y", "z"] {
            drop(fill(name).unwrap());
        }
        assert_eq!(["a", "d", "x", "z"].map(there), [false, false, true, true]);
        for name in ["u", "v", "w"] {
            drop(fill(name).expect("the cache can give up its oldest"));
            assert!(there(name));
        }
        assert_eq!(["x", "y", "z"].map(there), [false; 3]);
        // What somebody has would give no room back, so it stays, and so does what would not suffice.
        let more =
            ["v", "w"].map(|name| lease(&cache.get(&key(name), Instant::now()).unwrap(), 0..1));
        drop(fill("e").expect("one is left to give up"));
        let last = lease(&cache.get(&key("e"), Instant::now()).unwrap(), 0..1);
        assert!(fill("f").is_none(), "all of the memory is with viewers");
        assert_eq!(["v", "w", "e"].map(there), [true; 3]);
        drop((held, more, last));
        assert!(fill("f").is_some());
    }
}
