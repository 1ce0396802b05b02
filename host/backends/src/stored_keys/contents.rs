//! What is stored: a private key in PEM alone, or JSON that says under which id CloudFront knows it.

use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::{
    ports::Key,
    private_key::{Mode, PrivateKey, is_key_pair_id},
};

/// A key with its id.
#[derive(Clone)]
pub(super) struct Stored {
    pub(super) id: String,
    pub(super) key: Key,
    /// Whether the id stands in the configuration and not beside the key.
    pub(super) is_named_elsewhere: bool,
}

/// Why a text is no key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unusable {
    /// There is a key, and neither the text nor the configuration says its id.
    Nameless,
    /// Completes "what is stored …". Never quotes it.
    Contents(String),
}

/// What stands in a text, taken apart.
pub(crate) struct Contents {
    /// The id beside the key. Only a draft and a PEM alone have none.
    pub(crate) key_pair_id: Option<String>,
    pub(crate) key: PrivateKey,
    /// The key in PEM, as it stands there.
    pub(crate) pem: Zeroizing<String>,
    /// Members beside the two. They are left alone: whatever else uses a secret may need some.
    pub(crate) others: Map<String, Value>,
    is_document: bool,
}

impl Contents {
    /// Takes a text apart. It need not say an id.
    pub(crate) fn parse(text: &str) -> Result<Self, Unusable> {
        let whole = text.trim_start_matches('\u{feff}');
        let text = whole.trim();
        if text.starts_with('{') {
            return Self::of_document(text);
        }
        let key = PrivateKey::parse(text).map_err(|rule| match rule {
            "is not PEM" => {
                Unusable::Contents("is neither a private key in PEM nor JSON".to_owned())
            }
            rule => Unusable::Contents(rule.to_owned()),
        })?;
        let pem = Zeroizing::new(whole.to_owned());
        Ok(Self { key_pair_id: None, key, pem, others: Map::new(), is_document: false })
    }

    fn of_document(text: &str) -> Result<Self, Unusable> {
        // The words of the parser may quote what they complain about.
        let mut others: Map<String, Value> = serde_json::from_str(text).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            Unusable::Contents(format!("is not JSON, line {line} column {column}"))
        })?;
        let pem = member(&mut others, PRIVATE_KEY);
        let key_pair_id = member(&mut others, KEY_PAIR_ID)?.map(|id| id.to_string());
        if key_pair_id.as_deref().is_some_and(|id| !is_key_pair_id(id)) {
            return Err(broken(KEY_PAIR_ID, "must be letters and digits, as CloudFront gives it"));
        }
        let pem = pem?.ok_or_else(|| broken(PRIVATE_KEY, "is required"))?;
        let key = PrivateKey::parse(&pem).map_err(|rule| broken(PRIVATE_KEY, rule))?;
        Ok(Self { key_pair_id, key, pem, others, is_document: true })
    }

    /// The text that is taken apart into the same again.
    pub(crate) fn write(
        key_pair_id: Option<&str>,
        pem: &str,
        others: &Map<String, Value>,
    ) -> Zeroizing<String> {
        let mut members = others.clone();
        members.insert(PRIVATE_KEY.to_owned(), pem.into());
        members.extend(key_pair_id.map(|id| (KEY_PAIR_ID.to_owned(), id.into())));
        let mut document = Value::Object(members);
        let text = Zeroizing::new(document.to_string());
        // The copy of the key goes as it came: wiped.
        if let Some(Value::String(copy)) = document.get_mut(PRIVATE_KEY).map(Value::take) {
            drop(Zeroizing::new(copy));
        }
        text
    }
}

const KEY_PAIR_ID: &str = "keyPairId";
const PRIVATE_KEY: &str = "privateKey";

/// Reads a key to sign with; `id` is that of a PEM alone.
pub(super) fn read(text: &str, id: Option<&str>, mode: Mode) -> Result<Stored, Unusable> {
    let Contents { key_pair_id, key, is_document, .. } = Contents::parse(text)?;
    let id = match (key_pair_id, is_document) {
        (Some(id), _) => id,
        (None, true) => return Err(broken(KEY_PAIR_ID, "is required")),
        (None, false) => id.ok_or(Unusable::Nameless)?.to_owned(),
    };
    Ok(Stored { key: key.under(id.clone(), mode), id, is_named_elsewhere: !is_document })
}

/// Takes a member that is a text; `null` is none.
fn member(
    members: &mut Map<String, Value>,
    name: &str,
) -> Result<Option<Zeroizing<String>>, Unusable> {
    match members.remove(name) {
        Some(Value::String(text)) => Ok(Some(Zeroizing::new(text))),
        None | Some(Value::Null) => Ok(None),
        Some(_) => Err(broken(name, "must be a text")),
    }
}

fn broken(member: &str, rule: &str) -> Unusable {
    Unusable::Contents(format!("breaks a rule: `{member}` {rule}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::stored_keys::tests::PEM;

    fn id_of(text: &str, configured: Option<&str>) -> Result<String, Unusable> {
        read(text, configured, Mode::Held).map(|stored| stored.id)
    }

    #[test]
    fn both_forms_are_read_and_the_id_beside_the_key_wins() {
        let json = json!({ "keyPairId": "K1", "privateKey": PEM, "createdBy": { "x": [1] } });
        for (text, configured, expected) in [
            (PEM.to_owned(), Some("K2"), "K2"),
            (format!("\n{PEM}\n\n"), Some("K2"), "K2"),
            (format!("\u{feff}{PEM}"), Some("K2"), "K2"),
            (PEM.replace('\n', "\r\n"), Some("K2"), "K2"),
            (json.to_string(), None, "K1"),
            // What is left of line breaks that were pasted into a form.
            (json.to_string().replace("\\n", " "), None, "K1"),
            (json.to_string(), Some("K2"), "K1"),
            (format!("  {json:#}\n"), None, "K1"),
        ] {
            assert_eq!(id_of(&text, configured), Ok(expected.to_owned()));
        }
        assert_eq!(id_of(PEM, None), Err(Unusable::Nameless));
    }

    #[test]
    fn what_is_written_is_taken_apart_into_the_same_again() {
        let others = json!({ "createdBy": { "x": [1] }, "note": null });
        for id in [None, Some("K1")] {
            let text = Contents::write(id, PEM, others.as_object().unwrap());
            let read = Contents::parse(&text).ok().unwrap();
            assert_eq!((read.key_pair_id.as_deref(), read.pem.as_str()), (id, PEM));
            assert_eq!(json!(read.others), others);
        }
        let draft = Contents::write(None, PEM, &Map::new());
        assert_eq!(
            id_of(&draft, Some("K2")),
            Err(Unusable::Contents("breaks a rule: `keyPairId` is required".to_owned()))
        );
        let bare = Contents::parse(&format!("\u{feff}{PEM}\n")).ok().unwrap();
        assert_eq!((bare.key_pair_id, bare.others.len()), (None, 0));
    }

    #[test]
    fn what_is_no_key_is_refused_by_rule_and_never_quoted() {
        let secret = "c2VjcmV0LXNlY3JldC1zZWNyZXQ";
        for (text, part) in [
            (String::new(), "neither a private key in PEM nor JSON"),
            (secret.to_owned(), "neither a private key in PEM nor JSON"),
            (format!("\"{secret}\""), "neither a private key in PEM nor JSON"),
            (format!("{{\"{secret}"), "is not JSON, line 1 column 29"),
            (format!("{{\"privateKey\": {secret}}}"), "is not JSON"),
            ("{}".to_owned(), "`privateKey` is required"),
            (json!({ "keyPairId": "K1" }).to_string(), "`privateKey` is required"),
            (json!({ "privateKey": PEM }).to_string(), "`keyPairId` is required"),
            (
                json!({ "keyPairId": 1, "privateKey": PEM }).to_string(),
                "`keyPairId` must be a text",
            ),
            (
                json!({ "keyPairId": secret.repeat(9), "privateKey": PEM }).to_string(),
                "`keyPairId` must be letters",
            ),
            (
                json!({ "keyPairId": "K-1", "privateKey": PEM }).to_string(),
                "`keyPairId` must be letters",
            ),
            (
                json!({ "keyPairId": "K1", "privateKey": [secret] }).to_string(),
                "`privateKey` must be a text",
            ),
            (
                json!({ "keyPairId": "K1", "privateKey": secret }).to_string(),
                "`privateKey` is not PEM",
            ),
            (
                "-----BEGIN PUBLIC KEY-----\nAQ==\n-----END PUBLIC KEY-----\n".to_owned(),
                "is public; the private key is needed",
            ),
        ] {
            match id_of(&text, Some("K2")) {
                Err(Unusable::Contents(rule)) => {
                    assert!(rule.contains(part), "{part}: {rule}");
                    assert!(!rule.contains(secret), "{rule}");
                }
                other => panic!("{part}: {other:?}"),
            }
        }
    }
}
