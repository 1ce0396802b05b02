//! The request as CloudFront would see it: the URL byte for byte, and whether it is too long.

use std::borrow::Cow;

use http::{HeaderMap, Uri, header, request::Parts};

/// CloudFront's limit for the URL.
const LONGEST_URL: usize = 8192;

/// CloudFront's limit for path, query and headers together.
const LARGEST_REQUEST: usize = 20_480;

/// Who serves: what the URL begins with.
pub struct Site<'a> {
    /// `http` or `https`.
    pub scheme: &'a str,
    /// Instead of what the viewer's `Host` says.
    pub domain: Option<&'a str>,
}

/// A URL as it came over the wire. Nothing is decoded or normalised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WireUrl {
    text: String,
    /// Where the path begins.
    path: usize,
}

/// Why a request has no URL that could be served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WireError {
    /// Beyond CloudFront's limits of a URL or of a request.
    TooLarge,
    /// Nothing in it is a host, or two things are.
    NoHost,
    /// It is about no object, but about the server: `*`.
    NoPath,
}

impl WireUrl {
    /// Puts the URL together from the parts of a request.
    pub fn of(request: &Parts, site: &Site<'_>) -> Result<Self, WireError> {
        let host = match site.domain {
            Some(domain) => domain,
            None => host(&request.uri, &request.headers).ok_or(WireError::NoHost)?,
        };
        let target = request.uri.path_and_query().map_or("/", |target| target.as_str());
        // A URL in the request line may have no path; it means the root then (RFC 9112, section 3.2.1).
        let target = match target.bytes().next() {
            Some(b'/') => Cow::Borrowed(target),
            Some(b'?') | None => Cow::Owned(format!("/{target}")),
            Some(_) => return Err(WireError::NoPath),
        };
        let text = format!("{}://{host}{target}", site.scheme);
        let headers: usize = request
            .headers
            .iter()
            .map(|(name, value)| name.as_str().len() + value.len() + ": \r\n".len())
            .sum();
        if text.len() > LONGEST_URL || target.len() + headers > LARGEST_REQUEST {
            return Err(WireError::TooLarge);
        }
        let path = text.len() - target.len();
        Ok(Self { text, path })
    }

    /// All of it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Path and query.
    pub fn target(&self) -> &str {
        self.text.get(self.path..).unwrap_or_default()
    }

    /// The path alone.
    pub fn path(&self) -> &str {
        let target = self.target();
        target.split_once('?').map_or(target, |(path, _)| path)
    }

    /// The same with another path and query; `text` begins with the same scheme and host.
    pub fn stripped(&self, text: String) -> Self {
        Self { text, path: self.path }
    }
}

/// HTTP/1 has it in a header, HTTP/2 in the request line.
///
/// What is no host is none: with a slash in it, a signature for `/a/*` would hold for paths beside `/a/`.
fn host<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> Option<&'a str> {
    let mut headers = headers.get_all(header::HOST).iter();
    let header = headers.next();
    if headers.next().is_some() {
        // Whoever stands in front may have read the other one.
        return None;
    }
    let named = uri.authority().map(|authority| authority.as_str());
    named.or_else(|| header?.to_str().ok()).filter(|host| is_host(host))
}

/// Whether this can stand between `://` and the path of a URL.
pub fn is_host(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte);
    !text.is_empty() && text.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn parts(target: &str, host: Option<&str>) -> Parts {
        let mut request = Request::builder().uri(target);
        if let Some(host) = host {
            request = request.header("host", host);
        }
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn the_url_is_what_came_over_the_wire() {
        let site = Site { scheme: "https", domain: None };
        for target in ["/", "/a/../b//c?x=%41&y=+&", "/a?", "/%2e%2e/it%27s;p=1"] {
            let url = WireUrl::of(&parts(target, Some("Media.Example:8443")), &site).unwrap();
            assert_eq!(url.as_str(), format!("https://Media.Example:8443{target}"));
            assert_eq!(url.target(), target);
        }
        let fixed = Site { scheme: "http", domain: Some("d.example") };
        let url = WireUrl::of(&parts("/a?b=c", Some("ignored")), &fixed).unwrap();
        assert_eq!((url.as_str(), url.path()), ("http://d.example/a?b=c", "/a"));
        for (target, url) in [("http://a?x", "https://a/?x"), ("http://a", "https://a/")] {
            assert_eq!(WireUrl::of(&parts(target, None), &site).unwrap().as_str(), url);
        }
        assert_eq!(WireUrl::of(&parts("*", Some("a")), &site), Err(WireError::NoPath));
        let nameless = WireUrl::of(&parts("/a", None), &site);
        assert_eq!(nameless, Err(WireError::NoHost));
    }

    #[test]
    fn what_is_too_long_for_cloudfront_is_too_long_here() {
        let site = Site { scheme: "https", domain: Some("d.example") };
        let rest = LONGEST_URL - "https://d.example/".len();
        for (length, fits) in [(rest, true), (rest + 1, false)] {
            let target = format!("/{}", "a".repeat(length));
            assert_eq!(WireUrl::of(&parts(&target, None), &site).is_ok(), fits);
        }
        let mut large = parts("/a", None);
        large.headers.insert("cookie", "a".repeat(LARGEST_REQUEST).parse().unwrap());
        assert_eq!(WireUrl::of(&large, &site), Err(WireError::TooLarge));
    }
}
