//! `TOLLGATE__SECTION__KEY` in the environment stands over the key in the file.
//!
//! Two underscores descend into a table, one stands for a hyphen: `TOLLGATE__SIGNING_KEYS__KEY_PAIR_ID`
//! is `signing-keys.key-pair-id`. A value that reads as a TOML number, truth value, list or table is
//! one; everything else is a text.

use std::ffi::OsString;

use tollgate_backends::section::Mistake;
use toml::{Table, Value};

const PREFIX: &str = "TOLLGATE__";

/// Puts every override into the table; what cannot be put there is returned.
pub(super) fn apply<K, V>(
    table: &mut Table,
    environment: impl IntoIterator<Item = (K, V)>,
) -> Vec<Mistake>
where
    K: Into<OsString>,
    V: Into<OsString>,
{
    let mut found: Vec<(String, OsString)> = environment
        .into_iter()
        .filter_map(|(name, value)| Some((name.into().into_string().ok()?, value.into())))
        .filter(|(name, _)| name.starts_with(PREFIX))
        .collect();
    // The environment has no order; mistakes shall have one.
    found.sort();
    let mistakes = found.into_iter().filter_map(|(name, value)| {
        let rule = match value.into_string() {
            Ok(value) => put(table, &name, &value).err()?,
            Err(_) => "must be UTF-8",
        };
        Some(Mistake { key: name, rule: rule.to_owned() })
    });
    mistakes.collect()
}

fn put(table: &mut Table, name: &str, value: &str) -> Result<(), &'static str> {
    let path = name.strip_prefix(PREFIX).unwrap_or_default();
    let keys: Vec<String> =
        path.split("__").map(|key| key.to_ascii_lowercase().replace('_', "-")).collect();
    if keys.iter().any(String::is_empty) {
        return Err("must name a table and a key, like TOLLGATE__GATEWAY__LISTEN");
    }
    let Some((last, tables)) = keys.split_last().filter(|(_, tables)| !tables.is_empty()) else {
        return Err("must name a table and a key, like TOLLGATE__GATEWAY__LISTEN");
    };
    let mut inner = table;
    for key in tables {
        let entry = inner.entry(key.clone()).or_insert_with(|| Value::Table(Table::new()));
        inner = entry.as_table_mut().ok_or("leads through a key that is no table")?;
    }
    inner.insert(last.clone(), read(value));
    Ok(())
}

fn read(value: &str) -> Value {
    let parsed = format!("value = {value}").parse::<Table>().ok();
    match parsed.and_then(|mut table| table.remove("value").filter(|_| table.is_empty())) {
        // A date would be one only here; in every other place it is a text.
        Some(Value::Datetime(_)) | None => Value::String(value.to_owned()),
        Some(value) => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_what_they_look_like() {
        for (text, value) in [
            ("8", Value::Integer(8)),
            ("true", Value::Boolean(true)),
            ("[\"a\"]", Value::Array(vec!["a".into()])),
            ("127.0.0.1:1", "127.0.0.1:1".into()),
            ("plain", "plain".into()),
            ("\"7\"", "7".into()),
            ("2026-01-01", "2026-01-01".into()),
            ("", "".into()),
            ("1\nother = 2", "1\nother = 2".into()),
        ] {
            assert_eq!(read(text), value, "{text}");
        }
    }

    #[test]
    fn names_descend_into_tables() {
        let mut table: Table = "[gateway]\nlisten = \"a\"\nkept = 1\nplain = 2".parse().unwrap();
        let mistakes = apply(
            &mut table,
            [
                ("TOLLGATE__GATEWAY__LISTEN", "b"),
                ("TOLLGATE__SIGNING_KEYS__KEY_PAIR_ID", "K1"),
                ("TOLLGATE__GATEWAY__PLAIN__DEEPER", "1"),
                ("TOLLGATE__ALONE", "1"),
                ("TOLLGATE__", "1"),
                ("TOLLGATE_CONFIG", "ignored"),
                ("PATH", "ignored"),
            ],
        );
        let expected =
            "[gateway]\nlisten = \"b\"\nkept = 1\nplain = 2\n[signing-keys]\nkey-pair-id = \"K1\"";
        assert_eq!(table, expected.parse().unwrap());
        let names: Vec<_> = mistakes.iter().map(|mistake| mistake.key.as_str()).collect();
        assert_eq!(names, ["TOLLGATE__", "TOLLGATE__ALONE", "TOLLGATE__GATEWAY__PLAIN__DEEPER"]);
    }
}
