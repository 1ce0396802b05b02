//! From a path on the wire to a path below a folder, and never beside it.

use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;

/// The path below `root` that a path on the wire names. `None` if it names none.
///
/// Each segment is decoded once and must then be a plain file name: no separator, no NUL, not `.` or `..`,
/// and not hidden. An empty segment names nothing: CloudFront does not fold slashes either.
pub(super) fn below(root: &Path, wire: &str) -> Option<PathBuf> {
    let mut path = root.to_owned();
    for segment in wire.strip_prefix('/')?.split('/') {
        let name = percent_decode_str(segment).decode_utf8().ok()?;
        let plain = !name.is_empty()
            && !name.starts_with('.')
            && !name.contains(['/', '\\', '\0', ':'])
            && !name.chars().any(char::is_control);
        if !plain {
            return None;
        }
        path.push(&*name);
    }
    Some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_leaves_the_folder() {
        let root = Path::new("/srv/content");
        for (wire, path) in [
            ("/a", Some("/srv/content/a")),
            ("/a/b.ts", Some("/srv/content/a/b.ts")),
            ("/a%20b/%C3%A9", Some("/srv/content/a b/é")),
            ("/%252e%252e/a", Some("/srv/content/%2e%2e/a")),
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
            assert_eq!(below(root, wire).as_deref(), path.map(Path::new), "{wire}");
        }
    }
}
