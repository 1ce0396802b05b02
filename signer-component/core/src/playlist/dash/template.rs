//! `$Identifiers$` of segment templates.

use crate::playlist::MOST_URI;

/// The most names in an id that are judged; Bento4 writes three, `video/avc1/1`.
const MOST_NAMES: usize = 8;

/// URLs that a template could become; nothing if it could become something else than they look like, or is too long.
///
/// Two of each depth, because what is true of one might hang on the very value that was put in: they have no value in
/// common. Numbers, times and bandwidths are digits, or hexadecimal ones, which can begin a scheme. Ids of representations are up to so many [names](names) with slashes
/// between them; they become letters, which a scheme can have as well.
pub(super) fn examples(template: &str, names: Option<usize>) -> Option<Vec<String>> {
    if template.len() > MOST_URI {
        return None;
    }
    let deepest = if template.contains("$RepresentationID$") { names? } else { 1 };
    let mut examples = Vec::new();
    for depth in 1..=deepest {
        for (digits, name) in [(["0", "0"], "r"), (["1", "a"], "s")] {
            examples.push(expand(template, digits, &vec![name; depth].join("/"))?);
        }
    }
    Some(examples)
}

/// Puts an id in, and a digit: the first of two, the second where it is hexadecimal.
fn expand(template: &str, [decimal, hexadecimal]: [&str; 2], id: &str) -> Option<String> {
    let mut expanded = String::with_capacity(template.len());
    let mut parts = template.split('$');
    expanded.push_str(parts.next()?);
    while let Some(identifier) = parts.next() {
        match identifier {
            "" => expanded.push('$'),
            "RepresentationID" => expanded.push_str(id),
            other if is_number(other) && other.ends_with(['x', 'X']) => {
                expanded.push_str(hexadecimal);
            }
            other if is_number(other) => expanded.push_str(decimal),
            _ => return None,
        }
        expanded.push_str(parts.next()?);
    }
    // Digits behind a percent sign could complete an escape, of a dot for example.
    let escapes_are_whole = template.split('%').skip(1).all(|after| {
        let hexadecimal = |after: &str| after.bytes().all(|byte| byte.is_ascii_hexdigit());
        after.get(..2).is_some_and(hexadecimal) || is_width(after)
    });
    escapes_are_whole.then_some(expanded)
}

/// How many names an id is, with slashes between them; nothing if it could be more than that in a path.
pub(super) fn names(id: &str) -> Option<usize> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-~+=,".contains(&byte);
    let is_name = |name: &str| name.bytes().all(allowed) && name.bytes().any(|byte| byte != b'.');
    let count = id.split('/').count();
    (count <= MOST_NAMES && id.split('/').all(is_name)).then_some(count)
}

fn is_number(identifier: &str) -> bool {
    ["Number", "Time", "Bandwidth", "SubNumber"].iter().any(|name| {
        identifier.strip_prefix(name).is_some_and(|format| {
            format.is_empty() || format.strip_prefix('%').is_some_and(is_format)
        })
    })
}

/// `05d` of `%05d`.
fn is_format(format: &str) -> bool {
    format
        .strip_suffix(['d', 'x', 'X', 'u', 'o', 'i'])
        .is_some_and(|width| !width.is_empty() && width.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether a percent sign stands in a format, which ends with a dollar.
fn is_width(after: &str) -> bool {
    after.split_once('$').is_some_and(|(format, _)| is_format(format))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_become_digits_and_letters() {
        for (template, expected) in [
            ("a.mp4", Some("a.mp4")),
            ("$RepresentationID$://h/", Some("r://h/")),
            ("$RepresentationID$/$Number%05d$.m4s?x", Some("r/0.m4s?x")),
            ("$Time$$$$Bandwidth$", Some("0$0")),
            ("$Number%5d$", Some("0")),
            ("$Number%1x$tp:$Time%2X$$Time%2o$", Some("atp:a0")),
            ("%20$Number$", Some("%200")),
            ("$Number", None),
            ("$Foo$", None),
            ("$number$", None),
            ("$Number%d$", None),
            ("%$Number$e/", None),
            ("%2$RepresentationID$/", None),
            ("%", None),
        ] {
            let found = expand(template, ["0", "a"], "r");
            assert_eq!(found.as_deref(), expected, "{template}");
        }
        assert_eq!(examples("$RepresentationID$", None), None);
        for names in [None, Some(2)] {
            assert_eq!(examples("$Number$", names), Some(vec!["0".to_owned(), "1".to_owned()]));
        }
        let deep = ["r.", "s.", "r/r.", "s/s."].map(str::to_owned).to_vec();
        assert_eq!(examples("$RepresentationID$.", Some(2)), Some(deep));
    }

    #[test]
    fn ids_are_names() {
        for (id, expected) in [
            ("video-1.a", Some(1)),
            ("..x", Some(1)),
            ("video/avc1/1", Some(3)),
            ("1/2/3/4/5/6/7/8", Some(8)),
            ("1/2/3/4/5/6/7/8/9", None),
            ("", None),
            ("..", None),
            ("a/../b", None),
            ("a/.", None),
            ("/a", None),
            ("a//b", None),
            ("a/", None),
            ("a%", None),
            ("a:", None),
            ("a&#47;b", None),
        ] {
            assert_eq!(names(id), expected, "{id}");
        }
    }
}
