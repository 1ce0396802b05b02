//! Which call of the API a method, path and query make.

mod query;

use percent_encoding::percent_decode_str;

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
pub const CALLS: [(&str, &str); 8] = [
    ("GET", SIGNED_URLS),
    ("POST", HEARTBEAT),
    ("GET", SESSIONS),
    ("DELETE", SESSION),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
    ("GET", "/openapi.json"),
];

const SIGNED_URLS: &str = "/users/{userId}/series/{seriesId}/episodes/{episodeId}/signed-urls";
const HEARTBEAT: &str = "/users/{userId}/sessions/{sessionId}/heartbeat";
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
            Self::Sessions { .. } => SESSIONS,
            Self::Session { .. } => SESSION,
            Self::Health => "/healthz",
            Self::Ready => "/readyz",
            Self::Metrics => "/metrics",
            Self::OpenApi => "/openapi.json",
        }
    }

    /// In whose name is asked. `None` for the calls of operators, which need no token.
    pub fn user(&self) -> Option<&Id> {
        match self {
            Self::SignedUrls { user, .. }
            | Self::Heartbeat { user, .. }
            | Self::Sessions { user }
            | Self::Session { user, .. } => Some(user),
            Self::Health | Self::Ready | Self::Metrics | Self::OpenApi => None,
        }
    }
}

/// A path that exists, before method, identifiers and query are looked at.
enum Shape<'a> {
    SignedUrls { user: &'a str, series: &'a str, episode: &'a str },
    Heartbeat { user: &'a str, session: &'a str },
    Sessions { user: &'a str },
    Session { user: &'a str, session: &'a str },
    Plain(Route),
}

impl<'a> Shape<'a> {
    fn of(segments: &[&'a str]) -> Option<Self> {
        Some(match *segments {
            ["users", user, "series", series, "episodes", episode, "signed-urls"] => {
                Self::SignedUrls { user, series, episode }
            }
            ["users", user, "sessions", session, "heartbeat"] => Self::Heartbeat { user, session },
            // A trailing slash is another path, not a session without a name.
            ["users", _, "sessions", ""] => return None,
            ["users", user, "sessions", session] => Self::Session { user, session },
            ["users", user, "sessions"] => Self::Sessions { user },
            ["healthz"] => Self::Plain(Route::Health),
            ["readyz"] => Self::Plain(Route::Ready),
            ["metrics"] => Self::Plain(Route::Metrics),
            ["openapi.json"] => Self::Plain(Route::OpenApi),
            _ => return None,
        })
    }

    fn allow(&self) -> &'static str {
        match self {
            Self::Heartbeat { .. } => "POST",
            Self::Session { .. } => "DELETE",
            Self::SignedUrls { .. } | Self::Sessions { .. } | Self::Plain(_) => "GET, HEAD",
        }
    }

    fn check(self, query: &str) -> Result<Route, Vec<FieldError>> {
        let mut errors = Vec::new();
        let mut id = |field: &str, text: &str| match Id::parse(field, text) {
            Ok(id) => Some(id),
            Err(error) => {
                errors.push(error);
                None
            }
        };
        match self {
            Self::SignedUrls { user, series, episode } => {
                let user = id("userId", user);
                let series = id("seriesId", series);
                let episode = id("episodeId", episode);
                let delivery = query::delivery(query, &mut errors);
                match (user, series, episode) {
                    (Some(user), Some(series), Some(episode)) if errors.is_empty() => {
                        Ok(Route::SignedUrls { user, series, episode, delivery })
                    }
                    _ => Err(errors),
                }
            }
            Self::Heartbeat { user, session } => {
                let user = id("userId", user);
                let session = id("sessionId", session);
                let (watching, delivery) = query::heartbeat(query, &mut errors);
                match (user, session) {
                    (Some(user), Some(session)) if errors.is_empty() => {
                        Ok(Route::Heartbeat { user, session, watching, delivery })
                    }
                    _ => Err(errors),
                }
            }
            Self::Sessions { user } => {
                let user = id("userId", user);
                query::none(query, &mut errors);
                user.filter(|_| errors.is_empty())
                    .map(|user| Route::Sessions { user })
                    .ok_or(errors)
            }
            Self::Session { user, session } => {
                let user = id("userId", user);
                let session = id("sessionId", session);
                query::none(query, &mut errors);
                match (user, session) {
                    (Some(user), Some(session)) if errors.is_empty() => {
                        Ok(Route::Session { user, session })
                    }
                    _ => Err(errors),
                }
            }
            // Probes and scrapers may add what they like; nothing reads it.
            Self::Plain(route) => Ok(route),
        }
    }
}

#[cfg(test)]
mod tests;
