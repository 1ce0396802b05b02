//! Which call of the API a method, path and query make.

mod query;
mod shape;

use percent_encoding::percent_decode_str;

use self::shape::Shape;
use crate::field::{FieldError, Id};

/// A call of the API, its identifiers checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// Grants playback of an episode: the main job.
    SignedUrls {
        /// In whose name is asked.
        user: Id,
        /// The series.
        series: Id,
        /// The episode.
        episode: Id,
        /// Overrides the delivery of the policy.
        delivery: Option<Delivery>,
    },
    /// Renews the lease of a device and its signature.
    Heartbeat {
        /// In whose name is asked.
        user: Id,
        /// The lease.
        session: Id,
        /// Series and episode, when the player has moved on to another one.
        watching: Option<(Id, Id)>,
        /// Overrides the delivery of the policy.
        delivery: Option<Delivery>,
    },
    /// Grants playback as [`Route::SignedUrls`] does, and answers the playlist itself.
    Playlist {
        /// In whose name is asked.
        user: Id,
        /// The series.
        series: Id,
        /// The episode.
        episode: Id,
        /// Which of the episode's playlists.
        format: Format,
    },
    /// What a link of a grant leads to. It needs no token: the query carries the link's signature.
    Linked(Link),
    /// Lists the live leases of a user.
    Sessions {
        /// Whose leases.
        user: Id,
    },
    /// Ends a lease.
    Session {
        /// Whose lease.
        user: Id,
        /// The lease.
        session: Id,
    },
    /// Whether the process lives.
    Health,
    /// Whether it can serve.
    Ready,
    /// Prometheus text.
    Metrics,
    /// The description of this API.
    OpenApi,
}

/// How the signature travels to the player.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// In the query string of the URLs.
    Url,
    /// In `Set-Cookie` headers.
    Cookies,
    /// In the playlists that the gateway serves.
    Playlist,
}

/// What kind of playlist it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `playlist.m3u8`.
    Hls,
    /// `manifest.mpd`.
    Dash,
}

/// The path of a link. Whether its query is genuine, the gate finds out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// In whose name it was made.
    pub user: Id,
    /// The series.
    pub series: Id,
    /// The episode.
    pub episode: Id,
    /// The lease it was made for.
    pub session: Id,
    /// Where it leads.
    pub target: LinkTarget,
}

/// Where a link leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkTarget {
    /// To a playlist of the episode.
    Playlist(Format),
    /// To a playlist that another one names, by its object key.
    Nested(String),
    /// To the cookies, and on to the video.
    Cookies,
}

/// Why a request is no call of the API.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RouteError {
    /// Nothing is at this path.
    #[error("nothing is at this path")]
    NotFound,
    /// The path exists, but not for this method.
    #[error("only {allow} works on this path")]
    MethodNotAllowed {
        /// Value of the `Allow` header.
        allow: &'static str,
    },
    /// Path and query are longer than [`MAX_TARGET_LENGTH`].
    #[error("path and query are longer than {MAX_TARGET_LENGTH} bytes")]
    TooLong,
    /// Identifiers or query parameters break a rule; all of them are named.
    #[error("the request breaks a rule")]
    Invalid(Vec<FieldError>),
}

/// The longest path and query together that is read, in bytes, as at CloudFront.
pub const MAX_TARGET_LENGTH: usize = 8192;

/// Every call as method and path template.
pub const CALLS: [(&str, &str); 14] = [
    ("GET", SIGNED_URLS),
    ("POST", HEARTBEAT),
    ("GET", PLAYLIST),
    ("GET", MANIFEST),
    ("GET", LINKED_PLAYLIST),
    ("GET", LINKED_MANIFEST),
    ("GET", LINKED_MEDIA),
    ("GET", LINKED_COOKIES),
    ("GET", SESSIONS),
    ("DELETE", SESSION),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
    ("GET", "/openapi.json"),
];

const SIGNED_URLS: &str = "/users/{userId}/series/{seriesId}/episodes/{episodeId}/signed-urls";
const HEARTBEAT: &str = "/users/{userId}/sessions/{sessionId}/heartbeat";
const PLAYLIST: &str = "/users/{userId}/series/{seriesId}/episodes/{episodeId}/playlist.m3u8";
const MANIFEST: &str = "/users/{userId}/series/{seriesId}/episodes/{episodeId}/manifest.mpd";
const LINKED_PLAYLIST: &str =
    "/users/{userId}/series/{seriesId}/episodes/{episodeId}/sessions/{sessionId}/playlist.m3u8";
const LINKED_MANIFEST: &str =
    "/users/{userId}/series/{seriesId}/episodes/{episodeId}/sessions/{sessionId}/manifest.mpd";
const LINKED_MEDIA: &str =
    "/users/{userId}/series/{seriesId}/episodes/{episodeId}/sessions/{sessionId}/media/{objectKey}";
const LINKED_COOKIES: &str =
    "/users/{userId}/series/{seriesId}/episodes/{episodeId}/sessions/{sessionId}/cookies";
const SESSIONS: &str = "/users/{userId}/sessions";
const SESSION: &str = "/users/{userId}/sessions/{sessionId}";

impl Route {
    /// Reads method, raw path and raw query.
    ///
    /// `HEAD` is the same call as `GET`; the server leaves the body out. Identifiers are percent-decoded once.
    pub fn parse(method: &str, path: &str, query: Option<&str>) -> Result<Self, RouteError> {
        if path.len().saturating_add(query.map_or(0, |query| query.len() + 1)) > MAX_TARGET_LENGTH {
            return Err(RouteError::TooLong);
        }
        let segments: Vec<_> = path
            .strip_prefix('/')
            .ok_or(RouteError::NotFound)?
            .split('/')
            // Bytes that are no UTF-8 become U+FFFD, which no identifier may hold.
            .map(|segment| percent_decode_str(segment).decode_utf8_lossy())
            .collect();
        let segments: Vec<&str> = segments.iter().map(AsRef::as_ref).collect();
        let shape = Shape::of(&segments).ok_or(RouteError::NotFound)?;
        let allow = shape.allow();
        if !allow.split(", ").any(|allowed| allowed == method) {
            return Err(RouteError::MethodNotAllowed { allow });
        }
        shape.check(query.unwrap_or_default()).map_err(RouteError::Invalid)
    }

    /// The path template, for metrics and logs: it holds no identifier.
    pub fn template(&self) -> &'static str {
        match self {
            Self::SignedUrls { .. } => SIGNED_URLS,
            Self::Heartbeat { .. } => HEARTBEAT,
            Self::Playlist { format: Format::Hls, .. } => PLAYLIST,
            Self::Playlist { format: Format::Dash, .. } => MANIFEST,
            Self::Linked(link) => match link.target {
                LinkTarget::Playlist(Format::Hls) => LINKED_PLAYLIST,
                LinkTarget::Playlist(Format::Dash) => LINKED_MANIFEST,
                LinkTarget::Nested(_) => LINKED_MEDIA,
                LinkTarget::Cookies => LINKED_COOKIES,
            },
            Self::Sessions { .. } => SESSIONS,
            Self::Session { .. } => SESSION,
            Self::Health => "/healthz",
            Self::Ready => "/readyz",
            Self::Metrics => "/metrics",
            Self::OpenApi => "/openapi.json",
        }
    }

    /// Whether viewers call it; operators do otherwise.
    pub fn is_for_viewers(&self) -> bool {
        !matches!(self, Self::Health | Self::Ready | Self::Metrics | Self::OpenApi)
    }

    /// In whose name is asked, as the token has to say. `None` for the calls of operators and for links, which need
    /// no token.
    pub fn user(&self) -> Option<&Id> {
        match self {
            Self::SignedUrls { user, .. }
            | Self::Heartbeat { user, .. }
            | Self::Playlist { user, .. }
            | Self::Sessions { user }
            | Self::Session { user, .. } => Some(user),
            Self::Linked(_) | Self::Health | Self::Ready | Self::Metrics | Self::OpenApi => None,
        }
    }
}

#[cfg(test)]
mod tests;
