//! Pages for people, served only where they are wanted: a player, and an explanation of what an edge says.
//!
//! What they show is made in the browser, out of the API and of `POST /explain`. Nothing here needs a token, so nothing
//! here holds anything of anybody.

mod explain;
mod files;
mod headers;
mod open;

use std::sync::Arc;

use bytes::Bytes;
use http::{Method, header, request::Parts, uri::Authority};
use hyper::body::Body;
use tollgate_api::Denial;

use super::{answer::Answer, body, denial::Refusal};
use crate::config::SampleViewers;
use explain::Explain;
use files::File;

/// The pages of one gateway. By default there are none. Cheap to clone.
#[derive(Clone, Default)]
pub struct Pages(Arc<Served>);

#[derive(Default)]
struct Served {
    /// Path and content of everything that never changes.
    files: Vec<(&'static str, File)>,
    explain: Option<Explain>,
    sample: Option<SampleViewers>,
}

/// What is at one path.
pub(super) enum Page<'a> {
    /// The same for everybody, until the next start.
    File { route: &'static str, file: &'a File },
    /// The explain page, and what it asks.
    Explain { file: &'a File, explain: &'a Explain },
    /// Viewers with tokens; only in a demo.
    Sample(&'a SampleViewers),
}

impl Pages {
    /// What is at this path, if these pages have it.
    pub(super) fn at(&self, path: &str) -> Option<Page<'_>> {
        let Served { files, explain, sample } = &*self.0;
        if path == SAMPLE {
            return sample.as_ref().map(Page::Sample);
        }
        let (route, file) = files.iter().find(|(known, _)| *known == path)?;
        Some(match explain {
            Some(explain) if *route == EXPLAIN => Page::Explain { file, explain },
            _ => Page::File { route, file },
        })
    }
}

impl Page<'_> {
    /// The path, for metrics and logs.
    pub(super) fn route(&self) -> &'static str {
        match self {
            Self::File { route, .. } => route,
            Self::Explain { .. } => EXPLAIN,
            Self::Sample(_) => SAMPLE,
        }
    }

    /// Answers a request for it.
    pub(super) async fn answer<B>(
        &self,
        head: &Parts,
        body: B,
        body_limit: usize,
    ) -> Result<Answer, Refusal>
    where
        B: Body<Data = Bytes> + Unpin,
    {
        match (self, &head.method) {
            (Self::Explain { explain, .. }, &Method::POST) => {
                let asked = body::collect(body, &head.headers, explain::MOST).await?;
                return explain.answer(&asked);
            }
            (_, &Method::GET | &Method::HEAD) => {}
            (Self::Explain { .. }, _) => {
                return Err(Denial::MethodNotAllowed { allow: "GET, HEAD, POST" }.into());
            }
            _ => return Err(Denial::MethodNotAllowed { allow: "GET, HEAD" }.into()),
        }
        body::discard(body, &head.headers, body_limit).await?;
        match self {
            Self::File { file, .. } | Self::Explain { file, .. } => {
                Ok(file.answer(head.headers.get(header::IF_NONE_MATCH)))
            }
            Self::Sample(sample) => {
                let named = head.headers.get(header::HOST).and_then(|host| host.to_str().ok());
                let named = named.or(head.uri.authority().map(Authority::as_str));
                if !named.is_some_and(|named| sample.hosts.iter().any(|host| host == named)) {
                    return Err(Denial::NotFound.into());
                }
                let text = (sample.make)().ok_or(Denial::Internal)?;
                Ok(Answer::json(text).with_headers(headers::own_site_only()))
            }
        }
    }
}

const PLAYER: &str = "/player";
const EXPLAIN: &str = "/explain";
const SAMPLE: &str = "/player/demo.json";
const HLS_JS: &str = "/pages/hls.js";
