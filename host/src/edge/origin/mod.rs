//! Where objects come from.

mod folder;
mod http;
mod policy;
#[cfg(feature = "aws")]
mod s3;
mod watched;

use ::http::Response;
#[cfg(feature = "aws")]
use ::http::StatusCode;
use tollgate_backends::section::Mistake;

use super::{
    body::EdgeBody,
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
    #[error("the path can be understood in more than one way")]
    Ambiguous,
    /// The object has no such part; how long it is.
    #[cfg(feature = "aws")]
    #[error("the range lies beyond the object")]
    Unsatisfiable(u64),
    /// The edge may not have it, whoever asks.
    #[cfg(feature = "aws")]
    #[error(
        "S3 answered 403: s3:GetObject on the objects is not allowed, or this one is not there and \
         s3:ListBucket on the bucket, without which S3 does not say so, is not allowed"
    )]
    Refused,
    /// It cannot now.
    #[cfg(feature = "aws")]
    #[error("the origin answered {}", .0.as_u16())]
    Failing(StatusCode),
    /// It cannot be reached, or breaks off.
    #[error("the origin cannot be reached: {0}")]
    Unreachable(String),
    /// It takes too long.
    #[error("the origin did not answer in time")]
    TimedOut,
}

impl Origin {
    /// Opens what the table names.
    pub(super) async fn open(settings: &OriginSettings) -> Result<Self, Vec<Mistake>> {
        let mistake = |key: &str, rule: String| {
            vec![Mistake { key: format!("edge.origins.{}.{key}", settings.name), rule }]
        };
        match &settings.kind {
            OriginKind::Folder(path) => Folder::open(path)
                .map(Self::Folder)
                .map_err(|error| mistake("path", format!("{}: {error}", path.display()))),
            OriginKind::Http { url, timeout } => HttpOrigin::new(url, *timeout)
                .map(|origin| Self::Http(Box::new(origin)))
                .map_err(|rule| mistake("url", rule)),
            #[cfg(feature = "aws")]
            OriginKind::S3(location) => {
                HttpOrigin::of_bucket(location.signer().await?, location.timeout())
                    .map(|origin| Self::Http(Box::new(origin)))
                    .map_err(|rule| mistake("endpoint-url", rule))
            }
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
