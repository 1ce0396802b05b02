//! The public keys as a variable holds them: a JSON object of ids and PEM texts.

use std::{collections::BTreeSet, fmt};

use serde::{
    Deserialize,
    de::{MapAccess, Visitor},
};

/// As many as the four groups of a behaviour of CloudFront can hold.
const MOST_KEYS: usize = 20;

/// Ids and PEM texts, as written. A map would let one of two keys of an id win without a word.
struct Written(Vec<(String, String)>);

/// Reads the keys, or says which rule the text breaks. Whether each is a key is for the verifier to say.
pub(super) fn read(text: &str) -> Result<Vec<(String, String)>, String> {
    let Written(keys) = serde_json::from_str(text).map_err(|_| RULE.to_owned())?;
    if !(1..=MOST_KEYS).contains(&keys.len()) {
        return Err(format!("must hold 1 to {MOST_KEYS} public keys"));
    }
    let mut seen = BTreeSet::new();
    for (id, _) in &keys {
        let named =
            (1..=128).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !named {
            return Err("must name keys by their key-pair-id: letters and digits".to_owned());
        }
        if !seen.insert(id) {
            return Err(format!("holds {id} twice"));
        }
    }
    Ok(keys)
}

const RULE: &str =
    r#"must be a JSON object like {"K2JCJMDEHXQW5F": "-----BEGIN PUBLIC KEY-----\n…"}"#;

impl<'de> Deserialize<'de> for Written {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = Written;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object of texts")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Written, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Written(pairs))
            }
        }
        deserializer.deserialize_map(Pairs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_named_once_and_by_their_ids() {
        let two = read(r#"{"K2": "b", "K1": "a"}"#).unwrap();
        assert_eq!(two, [("K2".into(), "b".into()), ("K1".into(), "a".into())]);
        for wrong in [
            "",
            "{}",
            "[]",
            "null",
            r#"{"K1": 1}"#,
            r#"{"K1": "a", "K1": "b"}"#,
            r#"{"": "a"}"#,
            r#"{"K-1": "a"}"#,
            r#"{"K1": "a"} more"#,
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        let many = |count| {
            let pairs: Vec<_> = (0..count).map(|number| format!(r#""K{number}": "a""#)).collect();
            format!("{{{}}}", pairs.join(","))
        };
        assert!(read(&many(20)).is_ok());
        assert!(read(&many(21)).is_err());
    }

    #[test]
    fn no_message_repeats_what_may_be_a_private_key() {
        for wrong in ["-----BEGIN PRIVATE KEY-----", r#"{"K1": ["-----BEGIN PRIVATE KEY"]}"#] {
            assert!(!read(wrong).unwrap_err().contains("PRIVATE"));
        }
    }
}
