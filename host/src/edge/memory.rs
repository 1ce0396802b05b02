//! The memory that objects may take, whether the cache keeps them, they are being read, or a viewer still has them.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use bytes::Bytes;

/// A limit in bytes, and how much of it is taken.
#[derive(Debug)]
pub(super) struct Memory {
    limit: u64,
    taken: AtomicU64,
}

/// Some of the memory, given back when it is dropped.
#[derive(Debug)]
pub(super) struct Room {
    memory: Arc<Memory>,
    bytes: u64,
}

impl Memory {
    pub(super) fn new(limit: u64) -> Arc<Self> {
        Arc::new(Self { limit, taken: AtomicU64::new(0) })
    }

    /// How many bytes are left.
    pub(super) fn left(&self) -> u64 {
        self.limit.saturating_sub(self.taken.load(Ordering::Relaxed))
    }

    /// Takes room for that many bytes, unless others have it.
    pub(super) fn take(self: &Arc<Self>, bytes: u64) -> Option<Room> {
        let sum = |taken: u64| taken.checked_add(bytes).filter(|sum| *sum <= self.limit);
        self.taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, sum).ok()?;
        Some(Room { memory: Arc::clone(self), bytes })
    }
}

impl Room {
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Bytes that take the room until the last copy is gone: a slow viewer may outlast the cache's.
    pub(super) fn hold(self, bytes: Vec<u8>) -> Bytes {
        Bytes::from_owner(Held { bytes, _room: self })
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.memory.taken.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

struct Held {
    bytes: Vec<u8>,
    _room: Room,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_taken_until_the_last_slice_of_it_is_gone() {
        let memory = Memory::new(10);
        assert!(memory.take(11).is_none());
        let room = memory.take(8).unwrap();
        assert!(memory.take(3).is_none());
        assert!(memory.take(2).is_some(), "and given back");
        let bytes = room.hold(vec![7; 8]);
        let slice = bytes.slice(3..4);
        drop(bytes);
        assert_eq!((&slice[..], memory.take(3).is_none()), (&[7][..], true));
        drop(slice);
        assert!(memory.take(10).is_some());
        assert!(memory.take(u64::MAX).is_none());
    }
}
