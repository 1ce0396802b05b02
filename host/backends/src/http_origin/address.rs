//! Where objects are: the URL they are below, and the path each of them has.

use std::{fmt, net::IpAddr};

use http::Uri;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Everything but what is never escaped (RFC 3986, section 2.3): what the gate escapes in the URLs that it signs, so
/// that the server is asked as CloudFront asks it.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The URL objects are below.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Base {
    secure: bool,
    authority: String,
    /// Empty, or with a slash at its start and none at its end.
    path: String,
}

impl Base {
    /// Reads `https://host[:port][/path]`, or the same with `http` where that is this machine or allowed.
    ///
    /// # Errors
    /// The rule that is broken, as what follows a name.
    pub(super) fn parse(url: &str, allow_http: bool) -> Result<Self, &'static str> {
        let uri: Uri = url.parse().map_err(|_| "is no URL")?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err("must start with https:// or http:// and a host");
        };
        if authority.as_str().contains('@') || uri.query().is_some() || url.contains('#') {
            return Err("must hold no user name, query or fragment");
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']');
        let loopback = host.eq_ignore_ascii_case("localhost")
            || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        let secure = match scheme {
            "https" => true,
            "http" if loopback || allow_http => false,
            "http" => {
                return Err(
                    "must be https unless it points to this machine or `allow-http` is set",
                );
            }
            _ => return Err("must start with https:// or http:// and a host"),
        };
        if host.is_empty() {
            return Err("must start with https:// or http:// and a host");
        }
        let path = uri.path().trim_end_matches('/').to_owned();
        Ok(Self { secure, authority: authority.as_str().to_owned(), path })
    }

    pub(super) fn is_secure(&self) -> bool {
        self.secure
    }

    /// Scheme, host and port: what errors name.
    pub(super) fn origin(&self) -> String {
        let scheme = if self.secure { "https" } else { "http" };
        format!("{scheme}://{}", self.authority)
    }

    /// The URL of an object.
    pub(super) fn url_of(&self, key: &str, query: Option<&str>) -> String {
        let names = key.split('/').map(|name| utf8_percent_encode(name, ESCAPED).to_string());
        let names = names.collect::<Vec<_>>().join("/");
        let (mark, query) = query.map_or(("", ""), |query| ("?", query));
        format!("{self}/{names}{mark}{query}")
    }
}

impl fmt::Display for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin(), self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_for_this_machine_unless_it_is_allowed() {
        for (url, shown) in [
            ("https://packager.example", "https://packager.example"),
            ("HTTPS://packager.example:8443/a%20b//", "https://packager.example:8443/a%20b"),
            ("http://127.0.0.1:8080/live", "http://127.0.0.1:8080/live"),
            ("http://[::1]:80/", "http://[::1]:80"),
            ("http://LocalHost", "http://LocalHost"),
        ] {
            let base = Base::parse(url, false);
            assert_eq!(base.map(|base| base.to_string()).as_deref(), Ok(shown), "{url}");
        }
        for url in ["http://10.0.0.5/live", "http://localhost.example", "http://0.0.0.0:80"] {
            assert!(Base::parse(url, false).unwrap_err().contains("allow-http"), "{url}");
            assert!(!Base::parse(url, true).unwrap().is_secure(), "{url}");
        }
        for url in [
            "",
            "packager.example",
            "/live",
            "ftp://localhost/",
            "https:///live",
            "https://user:password@packager.example",
            "https://packager.example/?a=b",
            "https://packager.example/#a",
            "https://packager example/",
        ] {
            let rule = Base::parse(url, true).unwrap_err();
            assert!(!rule.contains("password"), "{url}: {rule}");
        }
    }

    #[test]
    fn an_object_has_the_path_that_cloudfront_would_ask_for() {
        let base = Base::parse("https://packager.example/v%201/", false).unwrap();
        for (key, query, url) in [
            ("a/b.m3u8", None, "https://packager.example/v%201/a/b.m3u8"),
            ("a b/é", None, "https://packager.example/v%201/a%20b/%C3%A9"),
            ("a%2Fb?c#d", None, "https://packager.example/v%201/a%252Fb%3Fc%23d"),
            ("a", Some("b=/?%2F&c"), "https://packager.example/v%201/a?b=/?%2F&c"),
        ] {
            assert_eq!(base.url_of(key, query), url);
            assert!(url.parse::<Uri>().is_ok());
        }
    }
}
