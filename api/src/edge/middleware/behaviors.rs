//! Which paths need a signature, as a variable holds it: a JSON list in the pattern language of the edge.

use serde::Deserialize;

use crate::edge::{
    Behavior, PathPattern,
    normal::{decoded, has_dots},
};

/// One behaviour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pattern: PathPattern,
    /// The pattern as written, for logs.
    pub text: String,
    /// Whether it wants a signature.
    pub signed: bool,
}

impl Behavior for Row {
    fn matches(&self, path: &str) -> bool {
        self.pattern.matches(path)
    }
}

/// Whether the component behind may understand the path, which `row` opened, as one that is not open.
///
/// That is so with dot segments, which it may resolve, and with escapes of characters that separate or stand in
/// patterns: behind `public/*`, or a final `*` that is public, `/premium%2fa` is not what `premium/*` protects, but
/// a component that decodes it serves exactly that.
pub fn is_ambiguous(path: &str, row: &Row, rows: &[Row]) -> bool {
    let closed = || {
        let path = decoded(path);
        rows.iter().find(|row| row.matches(&path)).is_none_or(|row| row.signed)
    };
    has_dots(path) || (!row.signed && closed())
}

/// A row as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    pattern: String,
    signed: bool,
}

/// What holds when nobody says anything else, and when what somebody says cannot be understood.
pub(super) fn everything_signed() -> Vec<Row> {
    let text = "*".to_owned();
    PathPattern::parse(&text)
        .map(|pattern| vec![Row { pattern, text, signed: true }])
        .unwrap_or_default()
}

/// Reads the rows, or says which rule the text breaks.
pub(super) fn read(text: &str) -> Result<Vec<Row>, String> {
    let written: Vec<Written> = serde_json::from_str(text).map_err(|error| {
        format!(
            r#"must be a JSON list like [{{"pattern": "public/*", "signed": false}}, {{"pattern": "*", "signed": true}}], and is none at line {}, column {}"#,
            error.line(),
            error.column()
        )
    })?;
    let mut rows: Vec<Row> = Vec::new();
    for Written { pattern: text, signed } in written {
        let pattern = PathPattern::parse(&text)
            .map_err(|rule| format!("holds a pattern, number {}, that {rule}", rows.len() + 1))?;
        if rows.iter().any(|earlier| earlier.pattern == pattern) {
            return Err(format!("holds the pattern {text:?} twice; the first one decides"));
        }
        rows.push(Row { pattern, text, signed });
    }
    // Without one, some path would have no behaviour, and whether it is open would be a guess.
    match rows.last() {
        Some(last) if last.pattern.is_default() => Ok(rows),
        _ => Err("must end with the pattern `*`".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edge::normal::normal;

    #[test]
    fn the_first_pattern_that_matches_decides() {
        let rows = read(
            r#"[{"pattern": "/public/*", "signed": false}, {"signed": true, "pattern": "*"}]"#,
        )
        .unwrap();
        let signed = |path| rows.iter().find(|row| row.matches(path)).map(|row| row.signed);
        assert_eq!(signed("/public/a"), Some(false));
        assert_eq!(signed("/publica"), Some(true));
        assert_eq!(everything_signed()[0], Row { text: "*".to_owned(), ..rows[1].clone() });
    }

    #[test]
    fn a_path_that_may_be_understood_as_a_closed_one_is_ambiguous() {
        let rows = read(
            r#"[{"pattern": "premium$/*", "signed": true}, {"pattern": "*", "signed": false}]"#,
        )
        .unwrap();
        for (path, row, ambiguous) in [
            ("/a", 1, false),
            ("/a%2fb", 1, false),
            ("/a/../b", 1, true),
            ("/a/..%2fb", 1, true),
            ("/premium$%2fa", 1, true),
            ("/premium$\\a", 1, true),
            ("/premium%24/a", 1, true),
            ("/%2fpremium$/a", 1, true),
            ("/premium%2524/a", 1, false),
            // Whoever may see what is closed may see it under any name.
            ("/premium$/a%2fb", 0, false),
            ("/premium$/../a", 1, true),
        ] {
            let found = rows.iter().position(|row| row.matches(&normal(path)));
            assert_eq!(found, Some(row), "{path}");
            assert_eq!(is_ambiguous(path, &rows[row], &rows), ambiguous, "{path}");
        }
    }

    #[test]
    fn what_leaves_a_guess_is_a_mistake() {
        for wrong in [
            "",
            "{}",
            "[]",
            r#"[{"pattern": "*"}]"#,
            r#"[{"pattern": "*", "signed": "false"}]"#,
            r#"[{"pattern": "*", "signed": false, "ttl": 1}]"#,
            r#"[{"pattern": "public/*", "signed": false}]"#,
            r#"[{"pattern": "*", "signed": true}, {"pattern": "public/*", "signed": false}]"#,
            r#"[{"pattern": "a", "signed": true}, {"pattern": "/a", "signed": false}, {"pattern": "*", "signed": true}]"#,
            r#"[{"pattern": "a b", "signed": true}, {"pattern": "*", "signed": true}]"#,
            r#"[{"pattern": "", "signed": false}, {"pattern": "*", "signed": true}]"#,
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
