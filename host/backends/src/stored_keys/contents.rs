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
pub(super) enum Unusable {
    /// A PEM alone, and the configuration does not say its id.
    Nameless,
    /// Completes "what is stored …". Never quotes it.
    Contents(String),
}

/// Reads what is stored. Members beside the two are left alone: whatever rotates a secret may need some.
pub(super) fn read(text: &str, id: Option<&str>, mode: Mode) -> Result<Stored, Unusable> {
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.starts_with('{') {
        return read_json(text, mode);
    }
    let key = PrivateKey::parse(text).map_err(|rule| match rule {
        "is not PEM" => Unusable::Contents("is neither a private key in PEM nor JSON".to_owned()),
        rule => Unusable::Contents(rule.to_owned()),
    })?;
    let id = id.ok_or(Unusable::Nameless)?.to_owned();
    Ok(Stored { key: key.under(id.clone(), mode), id, is_named_elsewhere: true })
}

fn read_json(text: &str, mode: Mode) -> Result<Stored, Unusable> {
    // The words of the parser may quote what they complain about.
    let mut members: Map<String, Value> = serde_json::from_str(text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        Unusable::Contents(format!("is not JSON, line {line} column {column}"))
    })?;
    let pem = member(&mut members, "privateKey");
    let id = member(&mut members, "keyPairId")?;
    let pem = pem?;
    if !is_key_pair_id(&id) {
        return Err(broken("keyPairId", "must be letters and digits, as CloudFront gives it"));
    }
    let key = PrivateKey::parse(&pem).map_err(|rule| broken("privateKey", rule))?;
    let id = id.to_string();
    Ok(Stored { key: key.under(id.clone(), mode), id, is_named_elsewhere: false })
}

fn member(members: &mut Map<String, Value>, name: &str) -> Result<Zeroizing<String>, Unusable> {
    match members.remove(name) {
        Some(Value::String(text)) => Ok(Zeroizing::new(text)),
        Some(_) => Err(broken(name, "must be a text")),
        None => Err(broken(name, "is required")),
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
    fn what_is_no_key_is_refused_by_rule_and_never_quoted() {
        let secret = "c2VjcmV0LXNlY3JldC1zZWNyZXQ";
        for (text, part) in [
            (String::new(), "neither a private key in PEM nor JSON"),
            (secret.to_owned(), "neither a private key in PEM nor JSON"),
            (format!("\"{secret}\""), "neither a private key in PEM nor JSON"),
            (format!("{{\"{secret}"), "is not JSON, line 1 column 29"),
            (format!("{{\"privateKey\": {secret}}}"), "is not JSON"),
            ("{}".to_owned(), "`keyPairId` is required"),
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
