//! `$Identifiers$` of segment templates.

/// Two URLs that a template could become; nothing if it could become something else than it looks like.
///
/// Two, because what is true of one might hang on the very value that was put in: they have no value in common. Numbers,
/// times and bandwidths are digits. Ids of representations are anything, so that the caller says whether they are
/// [plain](is_plain); they become letters, which a scheme can have as well.
pub(super) fn examples(template: &str, plain_ids: bool) -> Option<[String; 2]> {
    Some([expand(template, plain_ids, "0", "r")?, expand(template, plain_ids, "1", "s")?])
}

fn expand(template: &str, plain_ids: bool, digit: &str, id: &str) -> Option<String> {
    let mut expanded = String::with_capacity(template.len());
    let mut parts = template.split('$');
    expanded.push_str(parts.next()?);
    while let Some(identifier) = parts.next() {
        match identifier {
            "" => expanded.push('$'),
            "RepresentationID" if plain_ids => expanded.push_str(id),
            other if is_number(other) => expanded.push_str(digit),
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

/// Whether an id can stand in a path without being more than a part of a name.
pub(super) fn is_plain(id: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-~+=,".contains(&byte);
    id.bytes().all(allowed) && id.bytes().any(|byte| byte != b'.')
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
            ("%20$Number$", Some("%200")),
            ("$Number", None),
            ("$Foo$", None),
            ("$number$", None),
            ("$Number%d$", None),
            ("%$Number$e/", None),
            ("%2$RepresentationID$/", None),
            ("%", None),
        ] {
            let found = expand(template, true, "0", "r");
            assert_eq!(found.as_deref(), expected, "{template}");
        }
        assert_eq!(examples("$RepresentationID$", false), None);
        assert_eq!(examples("$Number$", false), Some(["0".to_owned(), "1".to_owned()]));
    }

    #[test]
    fn plain_ids_are_parts_of_names() {
        for (id, expected) in [
            ("video-1.a", true),
            ("..x", true),
            ("", false),
            ("..", false),
            ("a/b", false),
            ("a%", false),
            ("a:", false),
        ] {
            assert_eq!(is_plain(id), expected, "{id}");
        }
    }
}
