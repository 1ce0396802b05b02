//! What a rotation of keys must know of a policy: how long its URLs live, and whether it names a key.

use serde_json::{Map, Value};

/// How long signatures hold, seconds, where a document says nothing.
const TTL: u64 = 900;

/// What expiries are rounded up to, seconds, where a document says nothing.
const EXPIRY_WINDOW: u64 = 60;

/// Where playlists are, where a document says nothing.
const HLS_PATH: &str = "content/series/{series}/video/{episode}/video.m3u8";

/// The longest life of a URL that any policy allows, seconds: seven days, and an hour of rounding.
pub const LONGEST_POSSIBLE: u64 = 604_800 + 3_600;

/// How a policy signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signing {
    /// The longest time from a signature to its expiry, seconds. `None` if the document says neither `ttl` nor
    /// `rules`: it would go by defaults, which is also what a document looks like whose gateway is told the rest by
    /// its environment.
    pub longest: Option<u64>,
    /// The key it always signs with, if it names one.
    pub key_pair_id: Option<String>,
    /// The host it signs for; empty if it names none, which the component refuses.
    pub domain: String,
    /// Object key of the playlist, with `{series}` and `{episode}`.
    pub hls_path: String,
}

impl Signing {
    /// Reads a policy document. Its other rules are the component's to check.
    ///
    /// # Errors
    /// The name of a field, and what it must be.
    pub fn of(document: &str) -> Result<Self, String> {
        let Ok(Value::Object(document)) = serde_json::from_str(document) else {
            return Err("policy: must hold a JSON object".to_owned());
        };
        let ttl = number(&document, "ttl")?.unwrap_or(TTL);
        let window = number(&document, "expiry-window")?.unwrap_or(EXPIRY_WINDOW);
        let mut longest = ttl.saturating_add(window);
        for rule in document.get("rules").and_then(Value::as_array).into_iter().flatten() {
            let rule = rule.as_object().ok_or("policy.rules: must hold objects")?;
            let ttl = number(rule, "ttl")?.unwrap_or(ttl);
            let window = number(rule, "expiry-window")?.unwrap_or(window);
            longest = longest.max(ttl.saturating_add(window));
        }
        let says = |key: &str| document.get(key).is_some_and(|value| !value.is_null());
        let longest = (says("ttl") || says("rules")).then_some(longest);
        let text = |key: &str| document.get(key).and_then(Value::as_str).map(str::to_owned);
        Ok(Self {
            longest,
            key_pair_id: text("key-pair-id"),
            domain: text("domain").unwrap_or_default(),
            hls_path: text("hls-path").unwrap_or_else(|| HLS_PATH.to_owned()),
        })
    }
}

fn number(object: &Map<String, Value>, key: &str) -> Result<Option<u64>, String> {
    let value = object.get(key).filter(|value| !value.is_null());
    let wrong = || format!("policy.{key}: must be a number of seconds");
    value.map(|value| value.as_u64().ok_or_else(wrong)).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_life_is_that_of_the_rule_with_the_longest() {
        for (document, longest) in [
            (r#"{"domain":"a.example"}"#, None),
            (r#"{"ttl":null,"expiry-window":3600}"#, None),
            (r#"{"ttl":60,"expiry-window":0}"#, Some(60)),
            (r#"{"rules":[{"pattern":"a/**","expiry-window":0}]}"#, Some(960)),
            (r#"{"ttl":60,"rules":[{"pattern":"a/**","ttl":86400}]}"#, Some(86_460)),
            (
                r#"{"ttl":60,"rules":[{"expiry-window":3600},{"ttl":61,"expiry-window":null}]}"#,
                Some(3_660),
            ),
            (r#"{"ttl":7200,"rules":[{"ttl":60,"expiry-window":0}]}"#, Some(7_260)),
        ] {
            assert_eq!(Signing::of(document).unwrap().longest, longest, "{document}");
        }
        let pinned = Signing::of(r#"{"key-pair-id":"K1"}"#).unwrap();
        assert_eq!(pinned.key_pair_id.as_deref(), Some("K1"));
    }

    #[test]
    fn what_cannot_be_counted_is_named() {
        for (document, field) in [
            ("[]", "policy:"),
            (r#"{"ttl":"15m"}"#, "policy.ttl"),
            (r#"{"ttl":-1}"#, "policy.ttl"),
            (r#"{"rules":[{"expiry-window":1.5}]}"#, "policy.expiry-window"),
            (r#"{"rules":["a"]}"#, "policy.rules"),
        ] {
            assert!(Signing::of(document).unwrap_err().starts_with(field), "{document}");
        }
    }
}
