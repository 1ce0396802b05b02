//! One open file: what describes it, and its bytes while they are sent.

use std::{
    ops::Range,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use futures::stream;
use http::{HeaderMap, HeaderValue, header};
use http_body_util::{BodyExt as _, StreamBody};
use spin_sdk::{
    http::BoxBody,
    wasip3::{
        filesystem::types::{Descriptor, DescriptorStat},
        wit_bindgen::StreamResult,
    },
};
use tollgate_api::edge::media_type;

/// Enough for few calls of the host, little enough for many viewers.
const CHUNK: u64 = 64 << 10;

/// A file that is open.
pub struct OpenFile {
    /// How many bytes it has.
    pub length: u64,
    file: Descriptor,
    name: String,
    changed: Option<Duration>,
}

impl OpenFile {
    /// Takes an open file with its name, of which the ending says its type.
    pub fn new(file: Descriptor, name: String, stat: &DescriptorStat) -> Self {
        let changed = stat.data_modification_timestamp.as_ref().and_then(|instant| {
            Some(Duration::new(u64::try_from(instant.seconds).ok()?, instant.nanoseconds))
        });
        Self { length: stat.size, file, name, changed }
    }

    /// Type and validators.
    pub fn describe(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type::of(&self.name)));
        let Some(changed) = self.changed else { return headers };
        let tag = format!("\"{:x}-{:x}\"", self.length, changed.as_nanos());
        let time: SystemTime = UNIX_EPOCH + changed;
        for (name, text) in
            [(header::ETAG, tag), (header::LAST_MODIFIED, httpdate::fmt_http_date(time))]
        {
            if let Ok(value) = HeaderValue::from_str(&text) {
                headers.insert(name, value);
            }
        }
        headers
    }

    /// These bytes, read while they are sent.
    pub fn read(self, range: Range<u64>) -> BoxBody {
        let left = range.end.saturating_sub(range.start);
        let (reader, _) = self.file.read_via_stream(range.start);
        // The descriptor is kept until the end: what is read comes from it.
        let chunks = stream::try_unfold((reader, self.file, left), |(mut reader, file, left)| {
            async move {
                if left == 0 {
                    return Ok(None);
                }
                let size = usize::try_from(left.min(CHUNK)).unwrap_or_default();
                let (result, chunk) = reader.read(Vec::with_capacity(size)).await;
                if chunk.is_empty() && !matches!(result, StreamResult::Complete(_)) {
                    // Less than Content-Length promised: the answer must break off rather than look complete.
                    return Err(spin_sdk::http::Error::other("the file is shorter than it was"));
                }
                let left = left.saturating_sub(chunk.len() as u64);
                let frame = http_body::Frame::data(Bytes::from(chunk));
                Ok(Some((frame, (reader, file, left))))
            }
        });
        StreamBody::new(chunks).map_err(Into::into).boxed_unsync()
    }
}
