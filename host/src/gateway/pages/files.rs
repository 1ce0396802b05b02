//! The files of the pages, as they stand in `host/pages`, and how one is answered.

use std::fmt::Write as _;

use aws_lc_rs::digest;
use bytes::Bytes;
use http::{HeaderValue, header};

use super::headers::{self, Header};
use crate::gateway::answer::Answer;

/// One file, with what is said about it.
pub(in crate::gateway) struct File {
    content_type: &'static str,
    bytes: Bytes,
    tag: String,
    headers: Vec<Header>,
}

impl File {
    /// A file that every page may use.
    pub(super) fn new(content_type: &'static str, bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        let hash = digest::digest(&digest::SHA256, &bytes);
        let mut tag = String::from("\"");
        for byte in hash.as_ref().iter().take(16) {
            // Writing into a text cannot fail.
            let _ = write!(tag, "{byte:02x}");
        }
        tag.push('"');
        Self { content_type, bytes, tag, headers: headers::own_site_only().into() }
    }

    /// A page under this Content-Security-Policy.
    pub(super) fn page(html: String, policy: &str) -> Self {
        let mut file = Self::new("text/html; charset=utf-8", html);
        file.headers.extend(headers::of_page(policy));
        file
    }

    /// The file, or that the browser has it already.
    pub(super) fn answer(&self, known: Option<&HeaderValue>) -> Answer {
        let known = known.and_then(|known| known.to_str().ok()).unwrap_or_default();
        let same = known.split(',').any(|known| known.trim().trim_start_matches("W/") == self.tag);
        let answer = if same {
            Answer::new(304, "", String::new())
        } else {
            Answer::file(self.content_type, self.bytes.clone())
        };
        // Asked each time, because another version of the program has other files under the same names.
        let mut headers = self.headers.clone();
        headers.push((header::CACHE_CONTROL, HeaderValue::from_static("no-cache")));
        if let Ok(tag) = HeaderValue::from_str(&self.tag) {
            headers.push((header::ETAG, tag));
        }
        answer.with_headers(headers)
    }
}

macro_rules! file {
    ($name:literal) => {
        (
            concat!("/pages/", $name),
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/pages/", $name)),
        )
    };
}

/// Path and text of what both pages need.
pub(super) const SHARED: [(&str, &str); 3] =
    [file!("page.css"), file!("page.js"), file!("icon.svg")];

/// What the player needs besides.
pub(super) const OF_PLAYER: [(&str, &str); 9] = [
    file!("player/player.css"),
    file!("player/main.js"),
    file!("player/form.js"),
    file!("player/gateway.js"),
    file!("player/devices.js"),
    file!("player/engines.js"),
    file!("player/place.js"),
    file!("player/playback.js"),
    file!("player/sentences.js"),
];

/// What the explain page needs besides.
pub(super) const OF_EXPLAIN: [(&str, &str); 3] =
    [file!("explain/explain.css"), file!("explain/main.js"), file!("explain/sentences.js")];

pub(super) const PLAYER_HTML: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/pages/player/player.html"));

pub(super) const EXPLAIN_HTML: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/pages/explain/explain.html"));

/// The type of one of these, by its name.
pub(super) fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => JAVASCRIPT,
    }
}

pub(super) const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
