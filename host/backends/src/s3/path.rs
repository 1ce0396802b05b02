//! Paths of URLs as S3 writes them: one spelling for one key.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::objects::LONGEST_KEY;

/// Everything but what is never escaped (RFC 3986, section 2.3): the form under S3's signatures.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Why a path names no object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// It is about the bucket: S3 would list what is in it.
    #[error("the path names no object")]
    NoObject,
    /// It cannot be read, or others may read it otherwise.
    #[error("the path cannot be the path of an object")]
    Unclear,
}

/// The path as S3 writes it. Giving it back what it gave changes nothing.
///
/// Each segment is decoded once and must be UTF-8. An encoded slash is refused: S3 takes it for a slash, while
/// whoever chose a behaviour or checked a signature did not. So are dot segments and NUL.
///
/// # Errors
/// The path names no object.
pub fn object_path(wire: &str) -> Result<String, PathError> {
    let key = wire.strip_prefix('/').ok_or(PathError::Unclear)?;
    if key.is_empty() {
        return Err(PathError::NoObject);
    }
    let mut path = String::with_capacity(wire.len());
    let mut length = 0;
    for segment in key.split('/') {
        if !escapes_are_whole(segment) {
            return Err(PathError::Unclear);
        }
        let name = percent_decode_str(segment).decode_utf8().map_err(|_| PathError::Unclear)?;
        if matches!(&*name, "." | "..") || name.contains(['/', '\0']) {
            return Err(PathError::Unclear);
        }
        length += name.len() + 1;
        path.push('/');
        path.extend(utf8_percent_encode(&name, ESCAPED));
    }
    if length - 1 > LONGEST_KEY { Err(PathError::NoObject) } else { Ok(path) }
}

/// What stands in front of every path: a prefix of keys, escaped.
pub(super) fn prefix_path(prefix: &str) -> String {
    let names = prefix.split('/').filter(|name| !name.is_empty());
    names.map(|name| format!("/{}", utf8_percent_encode(name, ESCAPED))).collect()
}

fn escapes_are_whole(segment: &str) -> bool {
    segment.split('%').skip(1).all(|rest| {
        let mut digits = rest.bytes().take(2).filter(u8::is_ascii_hexdigit);
        digits.next().is_some() && digits.next().is_some()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_key_is_one_path() {
        for (wire, path) in [
            ("/a/b.ts", "/a/b.ts"),
            ("/%61/b%2Ets", "/a/b.ts"),
            ("/a%20b", "/a%20b"),
            ("/~-._", "/~-._"),
            ("/!'()*+,;=:@&$", "/%21%27%28%29%2A%2B%2C%3B%3D%3A%40%26%24"),
            ("/it%27s%2b", "/it%27s%2B"),
            ("/é/%C3%a9", "/%C3%A9/%C3%A9"),
            ("/a%2561", "/a%2561"),
            ("/%252e%252e/a", "/%252e%252e/a"),
            ("//a", "//a"),
            ("/a//b/", "/a//b/"),
            ("/a\\b", "/a%5Cb"),
            ("/a%3Fb%23", "/a%3Fb%23"),
            ("/...", "/..."),
        ] {
            assert_eq!(object_path(wire).as_deref(), Ok(path), "{wire}");
            assert_eq!(object_path(path).as_deref(), Ok(path), "{wire} twice");
        }
    }

    #[test]
    fn what_others_may_read_otherwise_is_refused() {
        for wire in [
            "",
            "a",
            "*",
            "/a%",
            "/a%6",
            "/a%zz",
            "/a%+1",
            "/%ff",
            "/%C3",
            "/a%2Fb",
            "/a%2fb",
            "/..",
            "/a/../b",
            "/a/%2e%2E",
            "/./a",
            "/a/.",
            "/a%00",
        ] {
            assert_eq!(object_path(wire), Err(PathError::Unclear), "{wire}");
        }
        assert_eq!(object_path("/"), Err(PathError::NoObject));
        for (length, named) in [(LONGEST_KEY, true), (LONGEST_KEY + 1, false)] {
            assert_eq!(object_path(&format!("/{}", "x".repeat(length))).is_ok(), named);
        }
    }

    #[test]
    fn a_prefix_is_escaped_like_a_path() {
        assert_eq!(prefix_path(""), "");
        assert_eq!(prefix_path("media/v 1"), "/media/v%201");
    }
}
