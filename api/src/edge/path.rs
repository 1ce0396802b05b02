//! From a path on the wire to the names of folders and a file, none of which leads anywhere else.

use percent_encoding::percent_decode_str;

/// The names, from the outermost folder to the file, that a path on the wire stands for. `None` if it names no file.
///
/// Each segment is decoded once and must then be a plain file name: no separator, no NUL, not `.` or `..`,
/// and not hidden. An empty segment names nothing: CloudFront does not fold slashes either.
pub fn segments(wire: &str) -> Option<Vec<String>> {
    let mut names = Vec::new();
    for segment in wire.strip_prefix('/')?.split('/') {
        let name = percent_decode_str(segment).decode_utf8().ok()?;
        let plain = !name.is_empty()
            && !name.starts_with('.')
            && !name.contains(['/', '\\', '\0', ':'])
            && !name.chars().any(char::is_control);
        if !plain {
            return None;
        }
        names.push(name.into_owned());
    }
    Some(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_leaves_the_folder() {
        for (wire, names) in [
            ("/a", Some("a")),
            ("/a/b.ts", Some("a/b.ts")),
            ("/a%20b/%C3%A9", Some("a b/é")),
            ("/%252e%252e/a", Some("%2e%2e/a")),
            ("/", None),
            ("", None),
            ("a", None),
            ("//a", None),
            ("/a//b", None),
            ("/a/", None),
            ("/..", None),
            ("/a/../b", None),
            ("/%2e%2e/a", None),
            ("/%2E./a", None),
            ("/./a", None),
            ("/a/.hidden", None),
            ("/..%2fa", None),
            ("/a%2fb", None),
            ("/a%5cb", None),
            ("/a\\b", None),
            ("/a%00b", None),
            ("/C:%5ca", None),
            ("/%ff", None),
            ("/a%0ab", None),
        ] {
            let joined = segments(wire).map(|names| names.join("/"));
            assert_eq!(joined.as_deref(), names, "{wire}");
        }
    }
}
