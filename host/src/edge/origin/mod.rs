//! Where objects come from.

mod folder;
mod http;
mod path;
mod policy;
mod watched;

use ::http::Response;
use tollgate_backends::section::Mistake;

use super::{
    object::EdgeBody,
    settings::{OriginKind, OriginSettings},
};
pub(super) use folder::Folder;
pub(super) use http::{Answer, HttpOrigin};
pub(super) use policy::age;

/// An origin at work.
pub(super) enum Origin {
    Folder(Folder),
    Http(Box<HttpOrigin>),
}

/// Why an origin gives no object.
#[derive(Debug, thiserror::Error)]
pub(super) enum OriginError {
    /// It has none of this name.
    #[error("there is no such object")]
    Missing,
    /// It may understand the path otherwise than the edge does.
    #[error("the path has a dot segment")]
    Ambiguous,
    /// It cannot be reached, or breaks off.
    #[error("the origin cannot be reached: {0}")]
    Unreachable(String),
    /// It takes too long.
    #[error("the origin did not answer in time")]
    TimedOut,
}

impl Origin {
    /// Opens what the table names.
    pub(super) fn open(settings: &OriginSettings) -> Result<Self, Mistake> {
        let mistake = |key: &str, rule: String| Mistake {
            key: format!("edge.origins.{}.{key}", settings.name),
            rule,
        };
        match &settings.kind {
            OriginKind::Folder(path) => Folder::open(path)
                .map(Self::Folder)
                .map_err(|error| mistake("path", format!("{}: {error}", path.display()))),
            OriginKind::Http { url, timeout } => HttpOrigin::new(url, *timeout)
                .map(|origin| Self::Http(Box::new(origin)))
                .map_err(|rule| mistake("url", rule)),
        }
    }

    /// For one line in the log.
    pub(super) fn summary(&self) -> String {
        match self {
            Self::Folder(folder) => folder.summary(),
            Self::Http(origin) => origin.summary(),
        }
    }
}

/// An answer of an origin that is passed on as it is.
pub(super) type Relayed = Response<EdgeBody>;
