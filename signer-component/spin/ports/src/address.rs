//! Where an object is, and what the answer to a question for it means. Knows nothing of Spin.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Everything but what is never escaped (RFC 3986, section 2.3): what S3 and every other origin take for the key.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The base URL below which objects lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Base {
    /// Whether TLS is spoken.
    pub(crate) secure: bool,
    /// Host, and port if there is one.
    pub(crate) authority: String,
    /// Empty, or with a slash at its beginning and none at its end.
    path: String,
}

impl Base {
    /// Reads `https://host[:port][/path]`.
    ///
    /// # Errors
    /// The rule that is broken, as what follows a name.
    pub(crate) fn parse(url: &str) -> Result<Self, &'static str> {
        let (secure, rest) = if let Some(rest) = url.strip_prefix("https://") {
            (true, rest)
        } else if let Some(rest) = url.strip_prefix("http://") {
            (false, rest)
        } else {
            return Err("must start with https:// or http://");
        };
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte);
        if authority.is_empty() || !authority.bytes().all(allowed) {
            return Err("must name a host, and neither user nor password");
        }
        let in_path = |byte: u8| byte.is_ascii_graphic() && !b"?#\"<>\\^`{|}".contains(&byte);
        if !path.bytes().all(in_path) {
            return Err("must have neither a query nor a fragment, and its path must be escaped");
        }
        let path = path.trim_end_matches('/');
        let path = if path.is_empty() { String::new() } else { format!("/{path}") };
        Ok(Self { secure, authority: authority.to_owned(), path })
    }

    /// Scheme and authority, as Spin's `allowed_outbound_hosts` has them.
    pub(crate) fn origin(&self) -> String {
        let scheme = if self.secure { "https" } else { "http" };
        format!("{scheme}://{}", self.authority)
    }

    /// The path of the object on the wire.
    pub(crate) fn path_of(&self, key: &str) -> String {
        let names = key.split('/').map(|name| utf8_percent_encode(name, ESCAPED).to_string());
        format!("{}/{}", self.path, names.collect::<Vec<_>>().join("/"))
    }
}

/// Whether an object can lie under a key at all. `None` if servers disagree about where it would be.
pub(crate) fn can_exist(key: &str) -> Option<bool> {
    if key.contains('\0') || key.split('/').any(|name| name == "..") {
        return None;
    }
    Some(!key.is_empty() && key.split('/').all(|name| name != "."))
}

/// What a status says about an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Finding {
    There,
    Missing,
    Denied,
    /// It may be where the answer leads to, which is not followed, because it would ask somebody else.
    Elsewhere,
    /// Nothing.
    Nothing,
}

impl Finding {
    pub(crate) fn of_status(status: u16) -> Self {
        match status {
            200..=299 => Self::There,
            300..=399 => Self::Elsewhere,
            404 | 410 => Self::Missing,
            403 => Self::Denied,
            _ => Self::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_lie_below_their_base() {
        for (base, key, origin, path) in [
            ("http://127.0.0.1:8000", "a/b.ts", "http://127.0.0.1:8000", "/a/b.ts"),
            ("https://h.example/", "a b/é", "https://h.example", "/a%20b/%C3%A9"),
            ("https://h.example/media/", "a?b#c%20", "https://h.example", "/media/a%3Fb%23c%2520"),
            ("https://[::1]:8443/m%20n", "a//b/", "https://[::1]:8443", "/m%20n/a//b/"),
        ] {
            let base = Base::parse(base).unwrap();
            assert_eq!((base.origin().as_str(), base.path_of(key).as_str()), (origin, path));
        }
        for bad in [
            "",
            "h.example",
            "ftp://h.example",
            "https://",
            "https:///a",
            "https://user:word@h.example",
            "https://h.example?a",
            "https://h.example/a?b",
            "https://h.example/a#b",
            "https://h.example/a b",
            "https://h.example/é",
        ] {
            assert!(Base::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn no_key_leads_out_of_the_base() {
        for (key, expected) in [
            ("a/b", Some(true)),
            ("a/...", Some(true)),
            ("", Some(false)),
            ("./a", Some(false)),
            ("a/.", Some(false)),
            ("../a", None),
            ("a/..", None),
            ("a\0b", None),
        ] {
            assert_eq!(can_exist(key), expected, "{key:?}");
        }
    }

    #[test]
    fn only_a_clear_no_is_a_no() {
        use Finding::{Denied, Elsewhere, Missing, Nothing, There};
        for (status, expected) in [
            (200, There),
            (204, There),
            (301, Elsewhere),
            (304, Elsewhere),
            (401, Nothing),
            (403, Denied),
            (404, Missing),
            (405, Nothing),
            (410, Missing),
            (429, Nothing),
            (500, Nothing),
            (503, Nothing),
        ] {
            assert_eq!(Finding::of_status(status), expected, "{status}");
        }
    }
}
