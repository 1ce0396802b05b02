//! Whether an origin's answer may be kept, and for how long.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderValue, header};

/// How long an answer that came `now` may be kept; `None` if not at all. `usual` holds where the origin says
/// nothing. What it has lived through elsewhere is taken off (RFC 9111, section 4.2).
pub(super) fn lifetime(headers: &HeaderMap, usual: Duration, now: SystemTime) -> Option<Duration> {
    if varies(headers) || headers.contains_key(header::SET_COOKIE) {
        return None;
    }
    let text = |name| headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    let (mut own, mut shared) = (None, None);
    for directive in text(header::CACHE_CONTROL).flat_map(|value| value.split(',')) {
        let directive = directive.trim().to_ascii_lowercase();
        let (name, value) = directive.split_once('=').unwrap_or((&directive, ""));
        let seconds = || seconds(value.trim_matches('"'));
        match name.trim() {
            "no-store" | "no-cache" | "private" => return None,
            // One that cannot be read means that nobody knows, so it counts as none at all.
            "s-maxage" => shared = Some(seconds().unwrap_or_default()),
            "max-age" => own = Some(seconds().unwrap_or_default()),
            _ => {}
        }
    }
    let said = shared.or(own).or_else(|| until_expiry(headers, now));
    let left = said.unwrap_or(usual).min(LONGEST).saturating_sub(age(headers));
    Some(left).filter(|left| !left.is_zero())
}

/// How old an answer was when it came: caches between the origin and here may have had it for a while.
///
/// The first of several counts, and what cannot be read is ignored (RFC 9111, section 5.1).
pub(in crate::edge) fn age(headers: &HeaderMap) -> Duration {
    let text = headers.get(header::AGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    seconds(text.split(',').next().unwrap_or_default().trim()).unwrap_or_default()
}

/// What `Expires` leaves; `None` without one. A date that cannot be read, or more than one, is in the past
/// (RFC 9111, section 5.3).
fn until_expiry(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let date = |value: &HeaderValue| httpdate::parse_http_date(value.to_str().ok()?).ok();
    let mut values = headers.get_all(header::EXPIRES).iter();
    let expires = date(values.next()?).filter(|_| values.next().is_none());
    // Both dates are the origin's, so that its clock may be wrong.
    let since = headers.get(header::DATE).and_then(date).unwrap_or(now);
    Some(expires.and_then(|expires| expires.duration_since(since).ok()).unwrap_or_default())
}

/// CloudFront's own limit where nothing else is configured: a year.
const LONGEST: Duration = Duration::from_secs(31_536_000);

/// Reads seconds; more than fit are as many as can be, as RFC 9111, section 1.2.2, wants it.
fn seconds(text: &str) -> Option<Duration> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| Duration::from_secs(text.parse().unwrap_or(u64::MAX)))
}

/// Whether the answer depends on more of the request than is in the cache key.
fn varies(headers: &HeaderMap) -> bool {
    let names = headers.get_all(header::VARY).iter();
    names.flat_map(|value| value.to_str().unwrap_or("*").split(',')).map(str::trim).any(|name| {
        // Neither is ever sent to an origin.
        !["", "accept-encoding", "origin"].contains(&name.to_ascii_lowercase().as_str())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_origin_decides_and_doubt_means_no() {
        for (name, value, seconds) in [
            ("x-nothing", "", Some(60)),
            ("cache-control", "max-age=5", Some(5)),
            ("cache-control", "public, max-age=5, s-maxage=7", Some(7)),
            ("cache-control", "Max-Age=\"5\"", Some(5)),
            ("cache-control", "max-age=18446744073709551615", Some(31_536_000)),
            ("cache-control", "max-age=99999999999999999999", Some(31_536_000)),
            ("cache-control", "max-age=0", None),
            ("cache-control", "max-age=", None),
            ("cache-control", "max-age=-1", None),
            ("cache-control", "max-age=soon", None),
            ("cache-control", "no-store", None),
            ("cache-control", "max-age=5, PRIVATE", None),
            ("cache-control", "no-cache", None),
            ("vary", "Accept-Encoding, Origin", Some(60)),
            ("vary", "cookie", None),
            ("vary", "*", None),
            ("set-cookie", "a=b", None),
        ] {
            let headers = HeaderMap::from_iter([(name.parse().unwrap(), value.parse().unwrap())]);
            let kept = lifetime(&headers, Duration::from_secs(60), SystemTime::now());
            assert_eq!(kept.map(|kept| kept.as_secs()), seconds, "{name}: {value}");
        }
    }

    #[test]
    fn expires_holds_where_cache_control_says_no_age() {
        const PAST: &str = "Tue, 24 Nov 2026 09:59:59 GMT";
        const NOW: &str = "Tue, 24 Nov 2026 10:00:00 GMT";
        const LATER: &str = "Tue, 24 Nov 2026 10:00:05 GMT";
        let now = httpdate::parse_http_date(NOW).unwrap();
        for (pairs, seconds) in [
            (vec![("expires", LATER)], Some(5)),
            (vec![("expires", NOW)], None),
            (vec![("expires", PAST)], None),
            (vec![("expires", "0")], None),
            (vec![("expires", "")], None),
            (vec![("expires", "Tue, 24 Nov 2099 10:00:00 GMT")], Some(31_536_000)),
            (vec![("expires", LATER), ("expires", LATER)], None),
            (vec![("expires", LATER), ("date", PAST)], Some(6)),
            (vec![("expires", LATER), ("date", LATER)], None),
            (vec![("expires", PAST), ("date", "Tue, 24 Nov 2026 09:59:00 GMT")], Some(59)),
            (vec![("expires", LATER), ("date", "yesterday")], Some(5)),
            (vec![("expires", "0"), ("cache-control", "max-age=7")], Some(7)),
            (vec![("expires", "0"), ("cache-control", "s-maxage=7")], Some(7)),
            (vec![("expires", LATER), ("cache-control", "max-age=0")], None),
            (vec![("expires", LATER), ("cache-control", "no-store")], None),
            (vec![("expires", "0"), ("cache-control", "public")], None),
            (vec![("expires", LATER), ("cache-control", "public")], Some(5)),
            (vec![("date", PAST)], Some(60)),
            (vec![("age", "20")], Some(40)),
            (vec![("age", "60")], None),
            (vec![("age", "99999999999999999999")], None),
            (vec![("age", "-1")], Some(60)),
            (vec![("age", "")], Some(60)),
            (vec![("age", "5, 50")], Some(55)),
            (vec![("age", "5"), ("age", "50")], Some(55)),
            (vec![("age", "2"), ("cache-control", "max-age=7")], Some(5)),
            (vec![("age", "2"), ("expires", LATER)], Some(3)),
            (vec![("age", "7"), ("cache-control", "max-age=7")], None),
        ] {
            let mut headers = HeaderMap::new();
            for (name, value) in &pairs {
                headers.append(*name, HeaderValue::from_static(value));
            }
            let kept = lifetime(&headers, Duration::from_secs(60), now);
            assert_eq!(kept.map(|kept| kept.as_secs()), seconds, "{pairs:?}");
        }
    }
}
