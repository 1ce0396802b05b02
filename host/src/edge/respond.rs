//! An object as the answer to one request: all of it, a part, or the news that it has not changed.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header, request::Parts};
use tokio::io::AsyncSeekExt;
use tollgate_api::edge::{
    conditional::{self, Part},
    denial::{self, X_CACHE},
};

use super::{
    body::{EdgeBody, whole},
    counters::Result as Counted,
    object::{self, Head, Object, OpenFile, streamed},
    origin::{self, Relayed},
};

/// Where an object's bytes are.
pub(super) enum Source {
    Memory(Arc<Object>),
    File(OpenFile),
    /// An answer that is complete already; the origin has looked at the conditions.
    Relayed(Relayed),
}

/// Makes the answer.
pub(super) async fn respond(
    request: &Parts,
    source: Source,
    counted: Counted,
) -> Response<EdgeBody> {
    let (head, length) = match &source {
        Source::Memory(object) => (&object.head, object.bytes.len() as u64),
        Source::File(file) => (&file.head, file.length),
        Source::Relayed(_) => return relayed(source, counted),
    };
    let part = conditional::part(&request.method, &request.headers, &head.0, length);
    let mut response = describe(head, counted);
    let headers = response.headers_mut();
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if let (Source::Memory(object), Counted::Hit) = (&source, counted) {
        let age = origin::age(&object.head.0).saturating_add(object.stored.elapsed());
        headers.insert(header::AGE, age.as_secs().into());
    }
    let (status, range) = match part {
        Part::NotModified => {
            headers.remove(header::CONTENT_TYPE);
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return response;
        }
        Part::Unsatisfiable => return denial::unsatisfiable(length).map(whole),
        Part::Whole => (StatusCode::OK, 0..length),
        Part::Range(range) => {
            let text = format!("bytes {}-{}/{length}", range.start, range.end - 1);
            if let Ok(value) = HeaderValue::from_str(&text) {
                headers.insert(header::CONTENT_RANGE, value);
            }
            (StatusCode::PARTIAL_CONTENT, range)
        }
    };
    // Said here as well as known from the body: the answer to HEAD has no body to count.
    headers.insert(header::CONTENT_LENGTH, (range.end - range.start).into());
    *response.status_mut() = status;
    *response.body_mut() = match source {
        Source::Memory(object) => {
            let at =
                |place: u64| usize::try_from(place).unwrap_or(usize::MAX).min(object.bytes.len());
            whole(object::lease(&object, at(range.start)..at(range.end)))
        }
        Source::File(mut file) => {
            if file.file.seek(std::io::SeekFrom::Start(range.start)).await.is_err() {
                let status = StatusCode::BAD_GATEWAY;
                return denial::error(status, "BadGateway", "The origin cannot be read").map(whole);
            }
            streamed(file.file, range.end - range.start)
        }
        Source::Relayed(response) => response.into_body(),
    };
    response
}

fn describe(head: &Head, counted: Counted) -> Response<EdgeBody> {
    let mut response = Response::new(whole(Bytes::new()));
    *response.headers_mut() = head.0.clone();
    response.headers_mut().insert(X_CACHE, x_cache(counted));
    response
}

fn relayed(source: Source, counted: Counted) -> Response<EdgeBody> {
    let Source::Relayed(mut response) = source else { return Response::new(whole(Bytes::new())) };
    let counted = counted.with(response.status());
    response.headers_mut().insert(X_CACHE, x_cache(counted));
    response
}

fn x_cache(counted: Counted) -> HeaderValue {
    HeaderValue::from_static(match counted {
        Counted::Hit => "Hit from cloudfront",
        Counted::Miss => "Miss from cloudfront",
        Counted::Denied | Counted::Error => "Error from cloudfront",
    })
}
