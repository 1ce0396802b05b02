//! What is read of a policy outside the component: how long its URLs live, whether it names a key, what it signs.

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
    /// Patterns of its rules, over object keys.
    pub patterns: Vec<String>,
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
        let mut longest_window = window;
        let mut patterns = Vec::new();
        for rule in document.get("rules").and_then(Value::as_array).into_iter().flatten() {
            let rule = rule.as_object().ok_or("policy.rules: must hold objects")?;
            let ttl = number(rule, "ttl")?.unwrap_or(ttl);
            let window = number(rule, "expiry-window")?.unwrap_or(window);
            patterns.extend(rule.get("pattern").and_then(Value::as_str).map(str::to_owned));
            longest = longest.max(ttl.saturating_add(window));
            longest_window = longest_window.max(window);
        }
        // Signatures in playlists may hold longer; those of links open nothing at a distribution.
        let playlist_ttl = number(&document, "playlist-ttl")?;
        longest = longest.max(playlist_ttl.map_or(0, |ttl| ttl.saturating_add(longest_window)));
        let says = |key: &str| document.get(key).is_some_and(|value| !value.is_null());
        let longest = (says("ttl") || says("rules")).then_some(longest);
        let text = |key: &str| document.get(key).and_then(Value::as_str).map(str::to_owned);
        Ok(Self {
            longest,
            key_pair_id: text("key-pair-id"),
            domain: text("domain").unwrap_or_default(),
            hls_path: text("hls-path").unwrap_or_else(|| HLS_PATH.to_owned()),
            patterns,
        })
    }
}

impl Signing {
    /// Object keys that it signs, each for a behaviour of a distribution that may be another one: a playlist and what
    /// lies beside and below it, and one object for each rule.
    pub fn examples(&self) -> Vec<String> {
        let playlist = self.hls_path.replace("{series}", "series-1").replace("{episode}", "ep1");
        let folder = playlist.rsplit_once('/').map_or("", |(folder, _)| folder);
        let beside = ["segment-1.ts", "1080p/segment-1.m4s", "video.mp4", "poster.jpg"];
        let beside: Vec<_> = beside.iter().map(|name| format!("{folder}/{name}")).collect();
        let ruled = self.patterns.iter().map(|pattern| {
            let segment = |segment| match segment {
                "**" => "video.mp4".to_owned(),
                other => str::replace(other, "*", "1"),
            };
            pattern.split('/').map(segment).collect::<Vec<_>>().join("/")
        });
        [playlist].into_iter().chain(beside).chain(ruled).collect()
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
            (r#"{"ttl":60,"playlist-ttl":14400}"#, Some(14_460)),
            (r#"{"playlist-ttl":60,"rules":[{"expiry-window":3600}]}"#, Some(4_500)),
            (r#"{"ttl":7200,"rules":[{"ttl":60,"expiry-window":0}]}"#, Some(7_260)),
        ] {
            assert_eq!(Signing::of(document).unwrap().longest, longest, "{document}");
        }
        let pinned = Signing::of(r#"{"key-pair-id":"K1"}"#).unwrap();
        assert_eq!(pinned.key_pair_id.as_deref(), Some("K1"));
    }

    #[test]
    fn every_kind_of_object_that_is_signed_has_an_example() {
        let document = r#"{"hls-path":"v/{series}/{episode}/a.m3u8","rules":[
            {"pattern":"v/*/*/**"},{"pattern":"films/f-*/full.mp4"}]}"#;
        assert_eq!(
            Signing::of(document).unwrap().examples(),
            [
                "v/series-1/ep1/a.m3u8",
                "v/series-1/ep1/segment-1.ts",
                "v/series-1/ep1/1080p/segment-1.m4s",
                "v/series-1/ep1/video.mp4",
                "v/series-1/ep1/poster.jpg",
                "v/1/1/video.mp4",
                "films/f-1/full.mp4",
            ]
        );
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
