//! The signing keys as variables hold them. Knows nothing of Spin.

use serde::Deserialize;

/// A private key, and CloudFront's id of it.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct NamedKey {
    pub(crate) key_pair_id: String,
    pub(crate) pem: String,
}

/// At least one key; the first is the one to sign with.
pub(crate) struct Keyring(Vec<NamedKey>);

impl Keyring {
    /// Reads the variables `signing_keys`, `signing_key` and `signing_key_pair_id`.
    ///
    /// # Errors
    /// What to set, without anything of a key in it.
    pub(crate) fn of_variables(
        list: Option<&str>,
        key: Option<&str>,
        id: Option<&str>,
    ) -> Result<Self, String> {
        let set = |text: &str| Err(text.to_owned());
        match (list, key, id) {
            (Some(_), Some(_), _) => {
                set("set one of the Spin variables signing_key and signing_keys, not both")
            }
            (Some(list), None, current) => Self::of_list(list, current),
            (None, Some(pem), Some(id)) => {
                Ok(Self(vec![NamedKey { key_pair_id: id.to_owned(), pem: pem.to_owned() }]))
            }
            (None, Some(_), None) => set("set the Spin variable signing_key_pair_id"),
            (None, None, _) => set("set the Spin variable signing_key, or signing_keys"),
        }
    }

    fn of_list(list: &str, current: Option<&str>) -> Result<Self, String> {
        // The parser's own text might repeat what it read.
        let mut keys: Vec<NamedKey> = serde_json::from_str(list).map_err(|error| {
            format!(
                "the Spin variable signing_keys must be a JSON list of objects with `key-pair-id` and `pem`; \
                 see line {} column {}",
                error.line(),
                error.column()
            )
        })?;
        let mut ids: Vec<&str> = keys.iter().map(|key| key.key_pair_id.as_str()).collect();
        ids.sort_unstable();
        if ids.windows(2).any(|pair| pair.first() == pair.last()) {
            return Err("the Spin variable signing_keys names a key twice".to_owned());
        }
        if keys.is_empty() {
            return Err("the Spin variable signing_keys holds no key".to_owned());
        }
        if let Some(current) = current {
            let Some(at) = keys.iter().position(|key| key.key_pair_id == current) else {
                return Err(
                    "the Spin variable signing_key_pair_id names no key of signing_keys".to_owned()
                );
            };
            keys.swap(0, at);
        }
        Ok(Self(keys))
    }

    /// The key to sign with now.
    pub(crate) fn current(&self) -> Option<&NamedKey> {
        self.0.first()
    }

    /// The key of this id.
    pub(crate) fn by_id(&self, key_pair_id: &str) -> Option<&NamedKey> {
        self.0.iter().find(|key| key.key_pair_id == key_pair_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(list: Option<&str>, key: Option<&str>, id: Option<&str>) -> String {
        match Keyring::of_variables(list, key, id) {
            Ok(_) => panic!("accepted"),
            Err(error) => error,
        }
    }

    #[test]
    fn one_key_needs_its_id() {
        let keys = Keyring::of_variables(None, Some("PEM"), Some("K1")).ok().unwrap();
        assert_eq!(keys.current().map(|key| key.pem.as_str()), Some("PEM"));
        assert!(keys.by_id("K1").is_some() && keys.by_id("K2").is_none());
        assert!(error(None, Some("PEM"), None).ends_with("signing_key_pair_id"));
        assert!(error(None, None, Some("K1")).contains("set the Spin variable signing_key,"));
    }

    #[test]
    fn of_several_keys_the_first_or_the_one_named_signs() {
        let list = r#"[{"key-pair-id":"K1","pem":"one"},{"key-pair-id":"K2","pem":"two"}]"#;
        for (current, expected) in [(None, "one"), (Some("K2"), "two"), (Some("K1"), "one")] {
            let keys = Keyring::of_variables(Some(list), None, current).ok().unwrap();
            assert_eq!(keys.current().map(|key| key.pem.as_str()), Some(expected));
            assert_eq!(keys.by_id("K2").map(|key| key.pem.as_str()), Some("two"));
        }
        assert!(error(Some(list), None, Some("K3")).contains("names no key"));
        assert!(error(Some(list), Some("PEM"), Some("K1")).contains("not both"));
    }

    #[test]
    fn a_list_that_cannot_be_read_is_not_repeated() {
        for list in [
            "",
            "[]",
            "SECRET",
            r#"["SECRET"]"#,
            r#"[{"key-pair-id":"K1","pem":7}]"#,
            r#"[{"key-pair-id":"K1","pem":"SECRET","SECRET":1}]"#,
            r#"[{"key-pair-id":"K1","pem":"SECRET"},{"key-pair-id":"K1","pem":"SECRET"}]"#,
        ] {
            let text = error(Some(list), None, None);
            assert!(text.contains("signing_keys") && !text.contains("SECRET"), "{text}");
        }
    }
}
