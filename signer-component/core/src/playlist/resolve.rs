//! Paths without dot segments, and whether a URL lies in a directory.

use crate::cloudfront::authority::without_own_port;

/// Resolves a path against a directory, which is in normal form and has its final slash.
///
/// Nothing when the path climbs above the root, where servers differ, or holds an encoded slash, which some of them
/// decode before they look for dot segments.
pub(super) fn resolve(directory: &str, path: &str) -> Option<String> {
    let lower = path.to_ascii_lowercase();
    if lower.contains("%2f") || lower.contains("%5c") {
        return None;
    }
    let (mut resolved, rest) = match path.strip_prefix('/') {
        Some(rest) => (String::from("/"), rest),
        None => (directory.to_owned(), path),
    };
    let mut segments = rest.split('/').peekable();
    while let Some(segment) = segments.next() {
        let last = segments.peek().is_none();
        match dots(segment) {
            Some(1) => {}
            Some(_) => {
                let parent = resolved.strip_suffix('/')?.rfind('/')?;
                resolved.truncate(parent + 1);
            }
            None => {
                resolved.push_str(segment);
                if !last {
                    resolved.push('/');
                }
            }
        }
    }
    Some(resolved)
}

/// Whether a segment is one dot or two, in any spelling that browsers take for them.
fn dots(segment: &str) -> Option<usize> {
    let mut rest = segment;
    let mut count = 0;
    while let Some(first) = rest.chars().next() {
        let escaped = rest.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("%2e"));
        let length = match first {
            '.' => 1,
            _ if escaped => 3,
            _ => return None,
        };
        rest = rest.get(length..)?;
        count += 1;
    }
    (1..=2).contains(&count).then_some(count)
}

/// Whether two authorities are the same host and port of a scheme.
pub(super) fn same_host(scheme: &str, left: &str, right: &str) -> bool {
    without_own_port(scheme, left).eq_ignore_ascii_case(without_own_port(scheme, right))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dot_segments_go_as_in_a_browser() {
        for (path, expected) in [
            ("c.ts", Some("/a/b/c.ts")),
            ("./c", Some("/a/b/c")),
            ("../c", Some("/a/c")),
            ("%2E%2e/c", Some("/a/c")),
            (".%2e/c", Some("/a/c")),
            ("x/../c", Some("/a/b/c")),
            ("..", Some("/a/")),
            (".", Some("/a/b/")),
            ("x/", Some("/a/b/x/")),
            ("x//../c", Some("/a/b/x/c")),
            ("...", Some("/a/b/...")),
            ("%2ea", Some("/a/b/%2ea")),
            ("/c/../d", Some("/d")),
            ("/", Some("/")),
            ("../../c", Some("/c")),
            ("../../../c", None),
            ("/../c", None),
            ("x%2f..%2Fc", None),
            ("x%5Cc", None),
            ("é%", Some("/a/b/é%")),
        ] {
            assert_eq!(resolve("/a/b/", path).as_deref(), expected, "{path}");
        }
    }
}
