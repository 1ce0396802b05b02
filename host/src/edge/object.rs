//! Objects as they leave the edge: headers that describe them, and bytes from memory or a file.

use std::{
    io,
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::{Bytes, BytesMut};
use futures::{TryStreamExt, stream};
use http::{HeaderMap, header};
use http_body_util::StreamBody;
use hyper::body::Frame;
use tokio::{fs::File, io::AsyncReadExt};

use super::{
    body::{EdgeBody, passed},
    fill::Filling,
};

/// What describes an object: type, validators, caching. Nothing that belongs to one answer.
#[derive(Clone, Debug, Default)]
pub(super) struct Head(pub(super) HeaderMap);

impl Head {
    /// The validator that changes with the bytes.
    pub(super) fn etag(&self) -> Option<&str> {
        self.0.get(header::ETAG)?.to_str().ok()
    }
}

/// An object that is whole in memory.
#[derive(Debug)]
pub(super) struct Object {
    pub(super) head: Head,
    pub(super) bytes: Bytes,
    pub(super) stored: Instant,
    /// When it was last found to be what its origin has, in milliseconds after it was stored.
    confirmed: AtomicU64,
}

impl Object {
    /// An object that its origin has just given.
    pub(super) fn new(head: Head, bytes: Bytes) -> Self {
        Self { head, bytes, stored: Instant::now(), confirmed: AtomicU64::new(0) }
    }

    /// The origin has the same object still.
    pub(super) fn confirm(&self, now: Instant) {
        self.confirmed.fetch_max(self.age(now), Ordering::Relaxed);
    }

    /// Whether the origin was known to have it within this time.
    pub(super) fn is_confirmed(&self, now: Instant, within: Duration) -> bool {
        let since = self.age(now).saturating_sub(self.confirmed.load(Ordering::Relaxed));
        u128::from(since) < within.as_millis()
    }

    fn age(&self, now: Instant) -> u64 {
        u64::try_from(now.saturating_duration_since(self.stored).as_millis()).unwrap_or(u64::MAX)
    }
}

/// A file that is open, and what describes it.
#[derive(Debug)]
pub(super) struct OpenFile {
    pub(super) head: Head,
    pub(super) length: u64,
    pub(super) file: File,
}

impl OpenFile {
    /// Reads it whole, for the cache to keep.
    pub(super) async fn keep(mut self, filling: Filling) -> io::Result<Arc<Object>> {
        let mut bytes = Vec::with_capacity(usize::try_from(self.length).unwrap_or_default());
        // The file may have grown since it was opened; what was described is what is served.
        let read = (&mut self.file).take(self.length).read_to_end(&mut bytes).await?;
        if read as u64 != self.length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(filling.keep(self.head, bytes, None))
    }
}

/// Some bytes of an object, which keep all of it in memory until they are sent.
pub(super) fn lease(object: &Arc<Object>, range: Range<usize>) -> Bytes {
    struct Lease(Arc<Object>);
    impl AsRef<[u8]> for Lease {
        fn as_ref(&self) -> &[u8] {
            &self.0.bytes
        }
    }
    // By the object and not by its bytes, so that the cache can count who has it.
    Bytes::from_owner(Lease(Arc::clone(object))).slice(range)
}

/// `length` bytes of a file from where it stands, read while they are sent.
pub(super) fn streamed(file: File, length: u64) -> EdgeBody {
    let chunks = stream::try_unfold((file, length), |(mut file, left)| async move {
        if left == 0 {
            return Ok(None);
        }
        let size = usize::try_from(left.min(CHUNK)).unwrap_or_default();
        let mut chunk = BytesMut::with_capacity(size);
        let read = (&mut file).take(size as u64).read_buf(&mut chunk).await?;
        if read == 0 {
            // Less than Content-Length promised: the connection must break rather than look complete.
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(Some((chunk.freeze(), (file, left - read as u64))))
    });
    passed(StreamBody::new(chunks.map_ok(Frame::data)))
}

/// Enough for few system calls, little enough for many viewers.
const CHUNK: u64 = 64 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_confirmed_for_as_long_as_is_asked_and_no_longer() {
        let object = Object::new(Head::default(), Bytes::new());
        let within = Duration::from_millis(250);
        let at = |milliseconds| object.stored + Duration::from_millis(milliseconds);
        for (confirmed, asked, is_confirmed) in [
            (0, 0, true),
            (0, 249, true),
            (0, 250, false),
            (1000, 1249, true),
            (1000, 1250, false),
            // Somebody who looked earlier and comes later takes nothing away.
            (900, 1200, true),
            (900, 1250, false),
        ] {
            object.confirm(at(confirmed));
            assert_eq!(object.is_confirmed(at(asked), within), is_confirmed, "{confirmed} {asked}");
        }
    }
}
