//! The JSON of successful answers. Times are whole seconds since 1970-01-01 UTC.

use std::fmt;

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::routes::Delivery;

/// The right to watch, for a while: the answer to `signed-urls` and `heartbeat`.
///
/// `Debug` leaves out whatever a signature could stand in.
#[derive(Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SignedUrls {
    /// Where the video is. Signed unless delivered by cookies.
    pub video_url: String,
    /// Where the DASH manifest is, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dash_url: Option<String>,
    /// Where the poster is, if the episode has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub poster_url: Option<String>,
    /// First second in which the signature no longer holds.
    pub expires_at: u64,
    /// The same, counted from now.
    pub expires_in: u32,
    /// Whether `video_url` is an HLS playlist.
    pub is_hls: bool,
    /// The lease of this device.
    pub session_id: String,
    /// First second in which the lease no longer holds.
    pub session_expires_at: u64,
    /// When the player should ask again.
    pub refresh_at: u64,
    /// How the signature travels.
    pub delivery: Delivery,
    /// Parameters to append to every request below the directory of the video; left out when empty.
    #[serde(skip_serializing_if = "Query::is_empty")]
    pub query: Query,
    /// Link that sets the cookies and leads on to the video; only if delivered by cookies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bootstrap_url: Option<String>,
}

/// Signature parameters, in the order CloudFront documents them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Query(pub Vec<(String, String)>);

/// The live leases of a user, the oldest first.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sessions {
    /// The leases.
    pub sessions: Vec<Session>,
}

/// A lease as its owner may see it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// Identifier of the lease.
    pub session_id: String,
    /// Whether it belongs to the device that asks.
    pub this_device: bool,
    /// Series last granted to it.
    pub series_id: String,
    /// Episode last granted to it.
    pub episode_id: String,
    /// When it was first claimed.
    pub started_at: u64,
    /// When it was last claimed or renewed.
    pub renewed_at: u64,
    /// First second in which it no longer holds.
    pub expires_at: u64,
}

/// The answer to `healthz` and `readyz`.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Health {
    /// `ok`, or `unavailable` while something is missing.
    pub status: &'static str,
    /// What is missing, for example `jwks`; left out when nothing is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub waiting_for: Vec<String>,
    /// What works, but on something old; left out when nothing does.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub degraded: Vec<Degraded>,
}

/// A part that works on what it last had, because nothing newer is to be had.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Degraded {
    /// Which part, for example `signing-keys`.
    pub part: String,
    /// Why, for people.
    pub reason: String,
    /// Since when.
    pub since: u64,
}

impl Health {
    /// Well, or waiting for the parts named.
    pub fn new(waiting_for: Vec<String>) -> Self {
        let status = if waiting_for.is_empty() { "ok" } else { "unavailable" };
        Self { status, waiting_for, degraded: Vec::new() }
    }

    /// The same with parts that work, but on something old. They change nothing about the status.
    #[must_use]
    pub fn with_degraded(self, degraded: Vec<Degraded>) -> Self {
        Self { degraded, ..self }
    }

    /// 200 or 503.
    pub fn http_status(&self) -> u16 {
        if self.waiting_for.is_empty() { 200 } else { 503 }
    }
}

impl Query {
    /// Whether there is nothing to append.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Query {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl Serialize for Delivery {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(match self {
            Self::Url => "url",
            Self::Cookies => "cookies",
            Self::Playlist => "playlist",
        })
    }
}

impl fmt::Debug for SignedUrls {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SignedUrls")
            .field("video_url", &unsigned(&self.video_url))
            .field("poster_url", &self.poster_url.as_deref().map(unsigned))
            .field("expires_at", &self.expires_at)
            .field("is_hls", &self.is_hls)
            .field("session_id", &self.session_id)
            .field("delivery", &self.delivery)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Query {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

/// The text of any answer of this crate.
pub fn json(answer: &impl Serialize) -> String {
    // The types here have neither floats nor maps with keys that are no text, so this always works;
    // an answer without content is the harmless end if one ever has.
    serde_json::to_string(answer).unwrap_or_else(|_| "{}".to_owned())
}

/// The header that keeps every answer of the API out of caches.
pub fn no_store() -> (&'static str, String) {
    ("cache-control", "no-store".to_owned())
}

fn unsigned(url: &str) -> &str {
    url.split_once('?').map_or(url, |(path, _)| path)
}

#[cfg(test)]
mod tests {
    use super::{Degraded, Delivery, Health, Query, Session, Sessions, SignedUrls, json};

    fn grant() -> SignedUrls {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        SignedUrls {
            video_url: "https://d.example/v.m3u8?Policy=secret1&Signature=secret2".into(),
            dash_url: None,
            poster_url: Some("https://d.example/p.jpg?Signature=secret3".into()),
            expires_at: 1_700_000_900,
            expires_in: 900,
            is_hls: true,
            session_id: "5e55".into(),
            session_expires_at: 1_700_000_600,
            refresh_at: 1_700_000_300,
            delivery: Delivery::Url,
            query: Query(vec![pair("Policy", "secret1"), pair("Key-Pair-Id", "K1")]),
            bootstrap_url: None,
        }
    }

    #[test]
    fn grants_have_the_shape_of_the_product() {
        let expected = concat!(
            r#"{"videoUrl":"https://d.example/v.m3u8?Policy=secret1&Signature=secret2","#,
            r#""posterUrl":"https://d.example/p.jpg?Signature=secret3","#,
            r#""expiresAt":1700000900,"expiresIn":900,"isHls":true,"sessionId":"5e55","#,
            r#""sessionExpiresAt":1700000600,"refreshAt":1700000300,"delivery":"url","#,
            r#""query":{"Policy":"secret1","Key-Pair-Id":"K1"}}"#,
        );
        assert_eq!(json(&grant()), expected);
    }

    #[test]
    fn what_is_not_there_is_left_out() {
        let bare = SignedUrls {
            poster_url: None,
            query: Query::default(),
            delivery: Delivery::Cookies,
            ..grant()
        };
        let text = json(&bare);
        for left_out in ["posterUrl", "query", "dashUrl", "bootstrapUrl"] {
            assert!(!text.contains(left_out), "{text}");
        }
        assert!(text.contains(r#""delivery":"cookies""#), "{text}");
    }

    #[test]
    fn debug_shows_no_signature() {
        let text = format!("{:?} {:?}", grant(), grant().query);
        assert!(text.contains("https://d.example/v.m3u8") && text.contains("Key-Pair-Id"));
        assert!(!text.contains("secret"), "{text}");
    }

    #[test]
    fn leases_and_health_have_their_shapes() {
        let session = Session {
            session_id: "5e55".into(),
            this_device: true,
            series_id: "s".into(),
            episode_id: "e".into(),
            started_at: 1,
            renewed_at: 2,
            expires_at: 3,
        };
        let expected = r#"{"sessions":[{"sessionId":"5e55","thisDevice":true,"seriesId":"s","episodeId":"e","startedAt":1,"renewedAt":2,"expiresAt":3}]}"#;
        assert_eq!(json(&Sessions { sessions: vec![session] }), expected);
        assert_eq!(json(&Health::new(vec![])), r#"{"status":"ok"}"#);
        let waiting = Health::new(vec!["jwks".into()]);
        assert_eq!(json(&waiting), r#"{"status":"unavailable","waitingFor":["jwks"]}"#);
        assert_eq!(waiting.http_status(), 503);
        let degraded = Degraded { part: "signing-keys".into(), reason: "r".into(), since: 7 };
        let old = Health::new(vec![]).with_degraded(vec![degraded]);
        let expected =
            r#"{"status":"ok","degraded":[{"part":"signing-keys","reason":"r","since":7}]}"#;
        assert_eq!((json(&old).as_str(), old.http_status()), (expected, 200));
    }
}
