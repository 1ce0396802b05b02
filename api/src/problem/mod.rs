//! Problems (RFC 9457): every denial of every layer, and the one place where it becomes a status.

use serde::Serialize;

use crate::field::FieldError;
use crate::routes::RouteError;
use crate::token::TokenError;
use crate::viewer::Forbidden;

mod slug;

pub use slug::Slug;

/// Why a request is not answered with what it asked for.
///
/// It carries only what its caller may know: what an operator has to know is logged where it happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Denial {
    /// The request breaks these rules.
    InvalidRequest(Vec<FieldError>),
    /// Nothing is at this path.
    NotFound,
    /// The path exists, but not for this method.
    MethodNotAllowed {
        /// Value of the `Allow` header.
        allow: &'static str,
    },
    /// Path and query are too long.
    UriTooLong,
    /// The body is too long.
    PayloadTooLarge,
    /// The token is missing or refused.
    Unauthenticated(TokenError),
    /// The viewer's roles do not allow this. The text says which rule.
    ForbiddenRole(String),
    /// The user has no entitlement that holds now. The text says why.
    NotEntitled(String),
    /// The series has no such episode.
    EpisodeNotFound,
    /// The episode has neither HLS nor a raw video.
    NoVideo,
    /// Every device place is taken.
    DeviceLimitExceeded {
        /// Places the policy gives.
        max_devices: u32,
        /// Seconds until a place may be free.
        retry_after: u32,
    },
    /// There is no such lease to end.
    SessionNotFound,
    /// This device holds no such lease: it was freed or evicted, ran out, or is another device's.
    SessionEnded {
        /// Places the policy gives.
        max_devices: u32,
        /// Whether other devices have all of them now.
        all_taken: bool,
        /// Whether the lease lives and belongs to another device.
        other_device: bool,
    },
    /// The link is not genuine, or its time is over. The text says which.
    InvalidLink(String),
    /// The origin has no such playlist.
    PlaylistNotFound,
    /// What the origin has cannot be handed out as a playlist. Viewers only learn that.
    PlaylistUnusable,
    /// A dependency gave no answer, or gave it too late.
    DependencyUnavailable {
        /// The port, for example `entitlements` or `jwks`.
        port: String,
        /// Whether it was too slow rather than out of reach.
        timed_out: bool,
    },
    /// The request as a whole took too long.
    TimedOut,
    /// The installation is set up wrongly. Viewers only learn that it failed.
    Misconfigured,
    /// Something failed that nobody foresaw.
    Internal,
}

/// An answer that says why: status, headers and `application/problem+json`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    slug: Slug,
    detail: String,
    errors: Vec<FieldError>,
    port: Option<String>,
    max_devices: Option<u32>,
    other_device: bool,
    headers: Vec<(&'static str, String)>,
}

impl Denial {
    /// Translates a denial into status, slug and headers. Nowhere else does that happen.
    pub fn problem(&self) -> Problem {
        match self {
            Self::InvalidRequest(errors) => {
                let fields: Vec<_> = errors.iter().map(ToString::to_string).collect();
                let mut problem = Problem::new(Slug::InvalidRequest, fields.join("; "));
                problem.errors.clone_from(errors);
                problem
            }
            Self::NotFound => Problem::new(Slug::NotFound, "nothing is at this path"),
            Self::MethodNotAllowed { allow } => {
                Problem::new(Slug::MethodNotAllowed, format!("only {allow} works on this path"))
                    .header("allow", *allow)
            }
            Self::UriTooLong => Problem::new(Slug::UriTooLong, RouteError::TooLong.to_string()),
            Self::PayloadTooLarge => Problem::new(Slug::PayloadTooLarge, "the body is too long"),
            Self::Unauthenticated(error) => Problem::new(Slug::Unauthenticated, error.to_string())
                .header("www-authenticate", challenge(error)),
            Self::ForbiddenRole(rule) => Problem::new(Slug::ForbiddenRole, rule),
            Self::NotEntitled(reason) => Problem::new(Slug::NotEntitled, reason),
            Self::EpisodeNotFound => {
                Problem::new(Slug::EpisodeNotFound, "the series has no such episode")
            }
            Self::NoVideo => {
                Problem::new(Slug::NoVideo, "the episode has neither HLS nor a raw video nor DASH")
            }
            Self::DeviceLimitExceeded { max_devices, retry_after } => {
                let detail = format!("all {max_devices} device places of the user are taken");
                let mut problem = Problem::new(Slug::DeviceLimitExceeded, detail)
                    .header("retry-after", retry_after.max(&1).to_string());
                problem.max_devices = Some(*max_devices);
                problem
            }
            Self::SessionNotFound => {
                Problem::new(Slug::SessionNotFound, "the user has no such live session")
            }
            Self::SessionEnded { max_devices, all_taken, other_device } => {
                let taken = match all_taken {
                    true => format!("; all {max_devices} device places of the user are taken now"),
                    false => String::new(),
                };
                let ended = match other_device {
                    true => {
                        "the session is another device's: the address or the player is another one now"
                    }
                    false => "this device's session was ended or not renewed in time",
                };
                let mut problem = Problem::new(Slug::SessionEnded, format!("{ended}{taken}"));
                problem.max_devices = Some(*max_devices).filter(|_| *all_taken);
                problem.other_device = *other_device;
                problem
            }
            Self::InvalidLink(rule) => Problem::new(Slug::InvalidLink, format!("the link: {rule}")),
            Self::PlaylistNotFound => {
                Problem::new(Slug::PlaylistNotFound, "the origin has no such playlist")
            }
            Self::PlaylistUnusable => Problem::new(
                Slug::PlaylistUnusable,
                "what the origin has there cannot be handed out as a playlist",
            ),
            Self::DependencyUnavailable { port, timed_out } => {
                let mut problem = if *timed_out {
                    Problem::new(Slug::Timeout, format!("{port} did not answer in time"))
                } else {
                    Problem::new(Slug::DependencyUnavailable, format!("{port} gave no answer"))
                        .header("retry-after", RETRY_AFTER.to_string())
                };
                problem.port = Some(port.clone());
                problem
            }
            Self::TimedOut => Problem::new(Slug::Timeout, "the request took too long"),
            Self::Misconfigured | Self::Internal => {
                Problem::new(Slug::InternalError, "the request could not be served")
            }
        }
    }
}

impl Problem {
    fn new(slug: Slug, detail: impl Into<String>) -> Self {
        let headers = vec![
            ("content-type", "application/problem+json".to_owned()),
            crate::responses::no_store(),
        ];
        Self {
            slug,
            detail: detail.into(),
            errors: vec![],
            port: None,
            max_devices: None,
            other_device: false,
            headers,
        }
    }

    fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// What kind of problem it is.
    pub fn slug(&self) -> Slug {
        self.slug
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.slug.status()
    }

    /// Every header of the answer but its length, names in lower case.
    pub fn headers(&self) -> &[(&'static str, String)] {
        &self.headers
    }

    /// The JSON text. `request_id` lets people find the request in the log.
    pub fn body(&self, request_id: Option<&str>) -> String {
        let body = Body {
            slug: self.slug.as_str(),
            title: self.slug.title(),
            status: self.slug.status(),
            detail: &self.detail,
            request_id,
            errors: &self.errors,
            port: self.port.as_deref(),
            max_devices: self.max_devices,
            other_device: self.other_device,
        };
        crate::responses::json(&body)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    #[serde(rename = "type")]
    slug: &'static str,
    title: &'static str,
    status: u16,
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldError],
    #[serde(skip_serializing_if = "Option::is_none")]
    port: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_devices: Option<u32>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    other_device: bool,
}

/// RFC 6750, section 3: without a token there is no error to speak of, only the scheme to use.
fn challenge(error: &TokenError) -> String {
    if *error == TokenError::Missing {
        return "Bearer realm=\"tollgate\"".to_owned();
    }
    format!("Bearer realm=\"tollgate\", error=\"invalid_token\", error_description=\"{error}\"")
}

impl From<TokenError> for Denial {
    fn from(error: TokenError) -> Self {
        Self::Unauthenticated(error)
    }
}

impl From<Forbidden> for Denial {
    fn from(error: Forbidden) -> Self {
        Self::ForbiddenRole(error.to_string())
    }
}

impl From<FieldError> for Denial {
    fn from(error: FieldError) -> Self {
        Self::InvalidRequest(vec![error])
    }
}

impl From<RouteError> for Denial {
    fn from(error: RouteError) -> Self {
        match error {
            RouteError::NotFound => Self::NotFound,
            RouteError::MethodNotAllowed { allow } => Self::MethodNotAllowed { allow },
            RouteError::TooLong => Self::UriTooLong,
            RouteError::Invalid(errors) => Self::InvalidRequest(errors),
        }
    }
}

/// Long enough for a dependency to come back from a hiccup, short enough for somebody who wants to watch.
const RETRY_AFTER: u32 = 5;

#[cfg(test)]
mod tests;
