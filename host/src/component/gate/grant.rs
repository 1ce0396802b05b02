//! What was granted, in a form that can be printed without giving it away.

use std::fmt;

use crate::component::bindings::gate::exports::tollgate::gate::playback::{self, Delivery};

/// The right to watch, for a while. Whoever has its URLs, query or cookies can watch, so `Debug` shows none of them.
#[derive(Clone, PartialEq, Eq)]
pub struct Grant {
    /// Where the video is: an HLS playlist, a raw file, or, where there is neither, a DASH manifest. Signed unless
    /// delivered by cookies; a link if delivered by playlist.
    pub video_url: String,
    /// Where the DASH manifest is, if there is one.
    pub dash_url: Option<String>,
    /// Where the poster is, if the episode has one.
    pub poster_url: Option<String>,
    /// Whether `video_url` is an HLS playlist.
    pub is_hls: bool,
    /// First second in which the signature no longer holds, in epoch seconds.
    pub expires_at: u64,
    /// The same in seconds, counted from now.
    pub expires_in: u32,
    /// When the player should ask again, in epoch seconds: well before lease and signature end.
    pub refresh_at: u64,
    /// The lease of this device.
    pub session_id: String,
    /// First second in which the lease no longer holds, in epoch seconds.
    pub session_expires_at: u64,
    /// How the signature travels.
    pub delivery: Delivery,
    /// Signature parameters to append to every request below the directory of the video. Empty when each URL has its
    /// own signature, or cookies or playlists carry it.
    pub query: Vec<(String, String)>,
    /// Complete `Set-Cookie` header values. Empty unless delivered by cookies.
    pub cookies: Vec<String>,
    /// Link that sets the same cookies and leads on to the video. Only if delivered by cookies and the policy says
    /// where the host is reached.
    pub bootstrap_url: Option<String>,
}

impl fmt::Debug for Grant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Grant")
            .field("is_hls", &self.is_hls)
            .field("expires_at", &self.expires_at)
            .field("refresh_at", &self.refresh_at)
            .field("session_expires_at", &self.session_expires_at)
            .finish_non_exhaustive()
    }
}

impl From<playback::Grant> for Grant {
    fn from(grant: playback::Grant) -> Self {
        Self {
            video_url: grant.video_url,
            dash_url: grant.dash_url,
            poster_url: grant.poster_url,
            is_hls: grant.is_hls,
            expires_at: grant.expires_at,
            expires_in: grant.expires_in,
            refresh_at: grant.refresh_at,
            session_id: grant.session_id,
            session_expires_at: grant.session_expires_at,
            delivery: grant.delivery,
            query: grant.query,
            cookies: grant.cookies,
            bootstrap_url: grant.bootstrap_url,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_opens_nothing() {
        let grant = Grant {
            video_url: "https://media.example.com/a.m3u8?Signature=SECRET".to_owned(),
            dash_url: Some("https://media.example.com/a.mpd?Signature=SECRET".to_owned()),
            poster_url: Some("https://media.example.com/a.jpg?Signature=SECRET".to_owned()),
            is_hls: true,
            expires_at: 1_795_500_900,
            expires_in: 900,
            refresh_at: 1_795_500_300,
            session_id: "SECRET".to_owned(),
            session_expires_at: 1_795_500_600,
            delivery: Delivery::Cookies,
            query: vec![("Signature".to_owned(), "SECRET".to_owned())],
            cookies: vec!["CloudFront-Signature=SECRET".to_owned()],
            bootstrap_url: Some("https://api.example.com/cookies?Signature=SECRET".to_owned()),
        };
        let printed = format!("{grant:?}");
        assert!(printed.contains("1795500900") && !printed.contains("SECRET"), "{printed}");
    }
}
