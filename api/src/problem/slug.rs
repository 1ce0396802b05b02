//! The kinds of problems, each with its stable name and status.

/// A kind of problem: what clients tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Slug {
    /// A field of the request breaks a rule.
    InvalidRequest,
    /// The token is missing or refused.
    Unauthenticated,
    /// The viewer's roles do not allow this.
    ForbiddenRole,
    /// The user has no entitlement that holds now.
    NotEntitled,
    /// The episode has nothing to watch.
    NoVideo,
    /// This device's lease has ended.
    SessionEnded,
    /// The link is not genuine, or its time is over.
    InvalidLink,
    /// Nothing is at this path.
    NotFound,
    /// The series has no such episode.
    EpisodeNotFound,
    /// There is no such lease.
    SessionNotFound,
    /// The origin has no such playlist.
    PlaylistNotFound,
    /// The path exists, but not for this method.
    MethodNotAllowed,
    /// The body is too long.
    PayloadTooLarge,
    /// Path and query are too long.
    UriTooLong,
    /// Every device place is taken.
    DeviceLimitExceeded,
    /// Something failed on our side.
    InternalError,
    /// What the origin has cannot be handed out as a playlist.
    PlaylistUnusable,
    /// A dependency gave no answer.
    DependencyUnavailable,
    /// An answer took too long.
    Timeout,
}

impl Slug {
    /// Every kind.
    pub const ALL: [Self; 19] = [
        Self::InvalidRequest,
        Self::Unauthenticated,
        Self::ForbiddenRole,
        Self::NotEntitled,
        Self::NoVideo,
        Self::SessionEnded,
        Self::InvalidLink,
        Self::NotFound,
        Self::EpisodeNotFound,
        Self::SessionNotFound,
        Self::PlaylistNotFound,
        Self::MethodNotAllowed,
        Self::PayloadTooLarge,
        Self::UriTooLong,
        Self::DeviceLimitExceeded,
        Self::InternalError,
        Self::PlaylistUnusable,
        Self::DependencyUnavailable,
        Self::Timeout,
    ];

    /// The `type` of the problem. It never changes once published.
    pub fn as_str(self) -> &'static str {
        self.row().0
    }

    /// The HTTP status.
    pub fn status(self) -> u16 {
        self.row().1
    }

    /// The kind in words, the same for every occurrence.
    pub fn title(self) -> &'static str {
        self.row().2
    }

    fn row(self) -> (&'static str, u16, &'static str) {
        match self {
            Self::InvalidRequest => ("invalid-request", 400, "The request breaks a rule"),
            Self::Unauthenticated => ("unauthenticated", 401, "The token is missing or refused"),
            Self::ForbiddenRole => ("forbidden-role", 403, "The roles do not allow this"),
            Self::NotEntitled => ("not-entitled", 403, "There is no entitlement that holds now"),
            Self::NoVideo => ("no-video", 403, "There is nothing to watch"),
            Self::SessionEnded => ("session-ended", 403, "This device's session has ended"),
            Self::InvalidLink => ("invalid-link", 403, "The link does not work"),
            Self::NotFound => ("not-found", 404, "Nothing is here"),
            Self::EpisodeNotFound => ("episode-not-found", 404, "There is no such episode"),
            Self::SessionNotFound => ("session-not-found", 404, "There is no such session"),
            Self::PlaylistNotFound => ("playlist-not-found", 404, "There is no such playlist"),
            Self::MethodNotAllowed => ("method-not-allowed", 405, "Another method is needed"),
            Self::PayloadTooLarge => ("payload-too-large", 413, "The body is too long"),
            Self::UriTooLong => ("uri-too-long", 414, "The URL is too long"),
            Self::DeviceLimitExceeded => ("device-limit-exceeded", 429, "Too many devices"),
            Self::InternalError => ("internal-error", 500, "Something failed"),
            Self::PlaylistUnusable => ("playlist-unusable", 502, "The playlist cannot be used"),
            Self::DependencyUnavailable => {
                ("dependency-unavailable", 503, "A dependency gave no answer")
            }
            Self::Timeout => ("timeout", 504, "An answer took too long"),
        }
    }
}
