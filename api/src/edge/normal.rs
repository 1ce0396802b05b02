//! A path in its normal form, in which behaviours are chosen.

use std::borrow::Cow;

/// The path without needless escapes, doubled slashes and dot segments.
///
/// CloudFront chooses the behaviour by a normal form; signature, cache key and origin see the wire's.
/// Otherwise `/%70remium/a` would have the behaviour of whatever is not `/premium/*`, and its bytes.
///
/// Escapes and dot segments go as RFC 3986, section 6.2.2, has it. It merges no slashes, but many servers do, so
/// that `//premium/a` must be `/premium/a` here. With dot segments the two are at odds: `/a//../b` is `/a/b` in
/// the RFC and `/b` once slashes are merged. No server is asked for those; see [`has_dots`].
pub fn normal(path: &str) -> Cow<'_, str> {
    if !path.contains('%') && !path.contains("//") && !path.contains("/.") {
        return Cow::Borrowed(path);
    }
    let decoded = unescaped(path);
    let mut kept: Vec<&str> = Vec::new();
    // Without a name behind its last slash, a path names what is in front of it, as a folder.
    let mut folder = false;
    for segment in decoded.split('/') {
        folder = matches!(segment, "" | "." | "..");
        match segment {
            "" | "." => {}
            ".." => {
                kept.pop();
            }
            name => kept.push(name),
        }
    }
    let end = if folder && !kept.is_empty() { "/" } else { "" };
    Cow::Owned(format!("/{}{end}", kept.join("/")))
}

/// Whether the path has a dot segment, where encoded slashes and backslashes separate segments as well.
///
/// Whoever resolves it has another path than the one that was signed, and servers differ in what they resolve.
pub fn has_dots(path: &str) -> bool {
    let decoded = unescaped(path).to_ascii_lowercase().replace("%2f", "/").replace("%5c", "/");
    decoded.split(['/', '\\']).any(|segment| matches!(segment, "." | ".."))
}

/// The normal form of the path that somebody has in mind who decodes every escape once, and to whom a backslash is
/// a slash.
pub fn decoded(path: &str) -> String {
    let text = percent_encoding::percent_decode_str(path).decode_utf8_lossy().replace('\\', "/");
    // What is decoded must not be decoded again.
    normal(&text.replace('%', "%25")).replace("%25", "%")
}

/// Decodes what needs no escape: letters, digits, `-`, `.`, `_` and `~`.
fn unescaped(path: &str) -> String {
    let mut parts = path.split('%');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let byte = part.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match (byte, part.get(2..)) {
            (Some(byte), Some(rest)) if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => {
                text.push(char::from(byte));
                text.push_str(rest);
            }
            _ => {
                text.push('%');
                text.push_str(part);
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dot_segment_is_one_in_every_spelling() {
        for (path, dots) in [
            ("/", false),
            ("/a/b", false),
            ("//", false),
            ("/.hidden/..b/c.", false),
            ("/.../a", false),
            ("/a/../b", true),
            ("/a/./b", true),
            ("/..", true),
            ("/a/.", true),
            ("/a//../b", true),
            ("/a/%2e%2E/b", true),
            ("/a/.%2e", true),
            ("/%2E/b", true),
            ("/a%2fb", false),
            ("/a/..%2fb", true),
            ("/a%2F%2e%2E", true),
            ("/a%5C./b", true),
            ("/a\\..", true),
            ("/..%252fb", false),
            ("/%252e%252e/b", false),
            ("/..a%2f.b", false),
            ("/%2f/../b", true),
        ] {
            assert_eq!(has_dots(path), dots, "{path}");
        }
    }

    #[test]
    fn every_escape_is_decoded_once_for_those_who_do() {
        for (path, reading) in [
            ("/a/b", "/a/b"),
            ("/a%2Fb%5cc\\d", "/a/b/c/d"),
            ("/%70remium%24/a", "/premium$/a"),
            ("/a%2f%2e%2e%2fb", "/b"),
            ("/a%252fb/%2561", "/a%2fb/%61"),
            ("/%ff", "/\u{fffd}"),
        ] {
            assert_eq!(decoded(path), reading, "{path}");
        }
    }

    #[test]
    fn paths_have_one_normal_form() {
        for (path, form) in [
            ("/", "/"),
            ("/a/b.ts", "/a/b.ts"),
            ("/a/", "/a/"),
            ("/%61/%7Eb%2ets", "/a/~b.ts"),
            // What is decoded is not decoded again, and what must be escaped stays so.
            ("/%2561/a%2Fb%20c%C3%A9", "/%2561/a%2Fb%20c%C3%A9"),
            ("//a///b", "/a/b"),
            ("/a//", "/a/"),
            ("/./a/./b/.", "/a/b/"),
            ("/a/../b", "/b"),
            ("/a/b/..", "/a/"),
            ("/a/%2e%2E/b", "/b"),
            ("/../../b", "/b"),
            ("/a/..", "/"),
            ("/a/.hidden/..b", "/a/.hidden/..b"),
            ("/a%", "/a%"),
            ("/a%6", "/a%6"),
            ("/a%zz%é", "/a%zz%é"),
            ("/a%+1", "/a%+1"),
            // RFC 3986, section 5.2.4.
            ("/a/b/c/./../../g", "/a/g"),
        ] {
            assert_eq!(normal(path), form, "{path}");
            assert_eq!(normal(form), form, "{path} twice");
        }
    }
}
