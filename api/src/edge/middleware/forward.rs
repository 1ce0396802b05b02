//! What of a viewer's request the component behind the edge gets to see: no signature, and nothing forged.

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, HeaderName, HeaderValue, Uri, header, request::Parts, uri::PathAndQuery};

/// How Spin tells a component the peer's address.
pub const CLIENT_ADDRESS: &str = "spin-client-addr";

/// How Spin tells a component the URL, with its query.
const FULL_URL: &str = "spin-full-url";

/// How all names begin that Spin has to itself.
const SPIN: &str = "spin-";

/// The request head as the host means it: of each header that is Spin's own, only what Spin said.
///
/// Spin puts its headers behind those of the viewer, who may have sent some of the same name. Whoever takes the
/// first of two, as almost everybody does, believes the viewer: about the address, or about the path to serve.
pub fn genuine(headers: &mut HeaderMap) {
    let names: Vec<HeaderName> =
        headers.keys().filter(|name| name.as_str().starts_with(SPIN)).cloned().collect();
    for name in names {
        let last = headers.get_all(&name).iter().next_back().cloned();
        if let Some(last) = last {
            headers.insert(name, last);
        }
    }
}

/// The head as the viewer sent it, for what depends on its size: without what Spin added, and with the `Host` that
/// WASI takes away.
pub fn sent(head: &Parts) -> Parts {
    let mut sent = head.clone();
    let own = |name: &HeaderName| name.as_str().starts_with(SPIN);
    let kept = head.headers.iter().filter(|(name, _)| !own(name));
    sent.headers = kept.map(|(name, value)| (name.clone(), value.clone())).collect();
    if !sent.headers.contains_key(header::HOST)
        && let Some(authority) = head.uri.authority()
        && let Ok(host) = HeaderValue::from_str(authority.as_str())
    {
        sent.headers.insert(header::HOST, host);
    }
    sent
}

/// The peer's address, if Spin says one.
pub fn peer(headers: &HeaderMap) -> Option<IpAddr> {
    let text = headers.get_all(CLIENT_ADDRESS).iter().next_back()?.to_str().ok()?;
    text.parse::<SocketAddr>().ok().map(|address| address.ip())
}

/// The head to hand on, for `target`, the path and query without a signature. `strip` removes one from any URL.
/// `None` if that is no head of a request.
pub fn head(viewer: Parts, target: &str, strip: impl Fn(&str) -> String) -> Option<Parts> {
    let mut head = viewer;
    let mut uri = head.uri.into_parts();
    uri.path_and_query = Some(target.parse::<PathAndQuery>().ok()?);
    head.uri = Uri::from_parts(uri).ok()?;

    genuine(&mut head.headers);
    let cookies = head.headers.get_all(header::COOKIE).iter().filter_map(without_signature);
    let cookies: Vec<HeaderValue> = cookies.collect();
    head.headers.remove(header::COOKIE);
    for cookie in cookies {
        head.headers.append(header::COOKIE, cookie);
    }
    // Both may repeat the URL.
    for name in [HeaderName::from_static(FULL_URL), header::REFERER] {
        if let Some(url) = head.headers.remove(&name)
            && let Ok(stripped) = HeaderValue::from_str(&strip(url.to_str().unwrap_or_default()))
        {
            head.headers.insert(name, stripped);
        }
    }
    // No method that is admitted has a body, so none is handed on.
    for name in [header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::EXPECT] {
        head.headers.remove(name);
    }
    Some(head)
}

/// The cookies of one header but CloudFront's; `None` if there are no others.
fn without_signature(value: &HeaderValue) -> Option<HeaderValue> {
    let bytes = value.as_bytes();
    let own = |cookie: &&[u8]| !cookie.trim_ascii().starts_with(b"CloudFront-");
    let kept: Vec<&[u8]> = bytes.split(|byte| *byte == b';').filter(own).collect();
    let joined = kept.join(&b';');
    HeaderValue::from_bytes(joined.trim_ascii()).ok().filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn parts(uri: &str, headers: &[(&str, &str)]) -> Parts {
        let mut request = Request::builder().uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    fn values<'a>(headers: &'a HeaderMap, name: &str) -> Vec<&'a str> {
        headers.get_all(name).iter().map(|value| value.to_str().unwrap()).collect()
    }

    #[test]
    fn what_a_viewer_says_in_the_name_of_spin_is_not_believed() {
        let head = parts(
            "http://h/public/a",
            &[
                ("spin-path-info", "/premium/a"),
                ("spin-client-addr", "192.0.2.7:1"),
                ("spin-path-info", "/public/a"),
                ("spin-client-addr", "198.51.100.9:4711"),
            ],
        );
        assert_eq!(peer(&head.headers).unwrap().to_string(), "198.51.100.9");
        let head = super::head(head, "/public/a", str::to_owned).unwrap();
        assert_eq!(values(&head.headers, "spin-path-info"), ["/public/a"]);
        assert_eq!(values(&head.headers, "spin-client-addr"), ["198.51.100.9:4711"]);
        for wrong in ["", "198.51.100.9", "[::1]", "unix"] {
            assert_eq!(peer(&parts("/", &[("spin-client-addr", wrong)]).headers), None);
        }
        assert_eq!(peer(&HeaderMap::new()), None);
    }

    #[test]
    fn no_signature_is_handed_on() {
        let strip = |url: &str| url.replace("?Signature=s&", "?");
        let head = parts(
            "https://h:3000/a%2f/b?Signature=s&x=1",
            &[
                ("cookie", "theme=dark; CloudFront-Policy=p;CloudFront-Signature=s; a=b=c"),
                ("cookie", "CloudFront-Key-Pair-Id=K1"),
                ("cookie", "last=1"),
                ("spin-full-url", "https://h:3000/a%2f/b?Signature=s&x=1"),
                ("referer", "https://h:3000/page?Signature=s&y=2"),
                ("range", "bytes=0-1"),
                ("content-length", "7"),
            ],
        );
        let head = super::head(head, "/a%2f/b?x=1", strip).unwrap();
        assert_eq!(head.uri, "https://h:3000/a%2f/b?x=1");
        assert_eq!(values(&head.headers, "cookie"), ["theme=dark; a=b=c", "last=1"]);
        assert_eq!(values(&head.headers, "spin-full-url"), ["https://h:3000/a%2f/b?x=1"]);
        assert_eq!(values(&head.headers, "referer"), ["https://h:3000/page?y=2"]);
        assert_eq!(values(&head.headers, "range"), ["bytes=0-1"]);
        assert!(!head.headers.contains_key("content-length"));
        assert!(!format!("{head:?}").contains("=s"), "{head:?}");
    }

    #[test]
    fn only_what_the_viewer_sent_counts_as_sent() {
        let head = parts("http://h/a", &[("spin-full-url", "http://h/a"), ("cookie", "a=b")]);
        let sent = sent(&head).headers;
        assert_eq!(sent.len(), 2);
        assert_eq!((values(&sent, "cookie"), values(&sent, "host")), (vec!["a=b"], vec!["h"]));
        let named = parts("http://h/a", &[("host", "h")]);
        assert_eq!(values(&super::sent(&named).headers, "host"), ["h"]);
    }
}
