//! Preconditions and ranges: what of an object a request gets.

use std::{ops::Range, time::SystemTime};

use http::{HeaderMap, Method, header};

use super::range::{self, Asked};

/// What a request gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// 304: it has the object already.
    NotModified,
    /// 416: it asks for bytes that do not exist.
    Unsatisfiable,
    /// 206.
    Range(Range<u64>),
    /// 200.
    Whole,
}

/// What of an object of `length` bytes a request gets, in the order of RFC 9110, section 13.2.2. The object is
/// described by the headers in `head`, of which `ETag` and `Last-Modified` are looked at.
pub fn part(method: &Method, request: &HeaderMap, head: &HeaderMap, length: u64) -> Part {
    if not_modified(request, head) {
        return Part::NotModified;
    }
    let range = request.get(header::RANGE).and_then(|value| value.to_str().ok());
    match range.filter(|_| method == Method::GET && unchanged(request, head)) {
        None => Part::Whole,
        Some(range) => match range::parse(range, length) {
            Asked::Whole => Part::Whole,
            Asked::Part(range) => Part::Range(range),
            Asked::Nothing => Part::Unsatisfiable,
        },
    }
}

fn not_modified(request: &HeaderMap, head: &HeaderMap) -> bool {
    let mut tags = request.get_all(header::IF_NONE_MATCH).iter().peekable();
    if tags.peek().is_some() {
        let known = etag(head).map(opaque);
        return tags
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(str::trim)
            .any(|tag| tag == "*" || known.is_some_and(|known| known == opaque(tag)));
    }
    let since = request.get(header::IF_MODIFIED_SINCE).and_then(|value| value.to_str().ok());
    let since = since.and_then(|text| httpdate::parse_http_date(text).ok());
    matches!((since, last_modified(head)), (Some(since), Some(changed)) if changed <= since)
}

/// Whether the object is the one that `If-Range` speaks of; a range of another one would be garbage.
fn unchanged(request: &HeaderMap, head: &HeaderMap) -> bool {
    let Some(condition) = request.get(header::IF_RANGE) else { return true };
    let Ok(condition) = condition.to_str() else { return false };
    if condition.starts_with('"') {
        return etag(head) == Some(condition);
    }
    let date = httpdate::parse_http_date(condition).ok();
    date.is_some() && date == last_modified(head)
}

fn etag(head: &HeaderMap) -> Option<&str> {
    head.get(header::ETAG)?.to_str().ok()
}

fn last_modified(head: &HeaderMap) -> Option<SystemTime> {
    httpdate::parse_http_date(head.get(header::LAST_MODIFIED)?.to_str().ok()?).ok()
}

/// A tag without its mark of weakness: `If-None-Match` compares weakly.
fn opaque(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn preconditions_come_before_ranges() {
        const CHANGED: &str = "Tue, 24 Nov 2026 00:00:00 GMT";
        const LATER: &str = "Tue, 24 Nov 2026 00:00:01 GMT";
        const EARLIER: &str = "Mon, 23 Nov 2026 23:59:59 GMT";
        let head = headers(&[("etag", "\"v1\""), ("last-modified", CHANGED)]);
        for (request, part) in [
            (vec![], Part::Whole),
            (vec![("if-none-match", "\"v1\"")], Part::NotModified),
            (vec![("if-none-match", "\"v0\", W/\"v1\"")], Part::NotModified),
            (vec![("if-none-match", "*")], Part::NotModified),
            (vec![("if-none-match", "\"v2\"")], Part::Whole),
            // A tag that does not match decides, whatever the date says.
            (vec![("if-none-match", "\"v2\""), ("if-modified-since", LATER)], Part::Whole),
            (vec![("if-modified-since", CHANGED)], Part::NotModified),
            (vec![("if-modified-since", EARLIER)], Part::Whole),
            (vec![("if-modified-since", "yesterday")], Part::Whole),
            (vec![("range", "bytes=2-3")], Part::Range(2..4)),
            (vec![("range", "bytes=2-3"), ("if-none-match", "\"v1\"")], Part::NotModified),
            (vec![("range", "bytes=2-3"), ("if-range", "\"v1\"")], Part::Range(2..4)),
            (vec![("range", "bytes=2-3"), ("if-range", "\"v2\"")], Part::Whole),
            (vec![("range", "bytes=2-3"), ("if-range", "W/\"v1\"")], Part::Whole),
            (vec![("range", "bytes=2-3"), ("if-range", CHANGED)], Part::Range(2..4)),
            (vec![("range", "bytes=2-3"), ("if-range", EARLIER)], Part::Whole),
            (vec![("range", "bytes=10-")], Part::Unsatisfiable),
        ] {
            assert_eq!(
                super::part(&Method::GET, &headers(&request), &head, 10),
                part,
                "{request:?}"
            );
        }
        let range = headers(&[("range", "bytes=2-3")]);
        assert_eq!(super::part(&Method::HEAD, &range, &head, 10), Part::Whole);
    }
}
