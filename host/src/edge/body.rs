//! The body of an answer: bytes that are at hand, or what comes out of a file or an origin while it is sent.

use std::{
    io, mem,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body_util::{BodyExt, combinators::UnsyncBoxBody};
use hyper::body::{Body, Frame, SizeHint};

/// The body of every answer of the edge.
pub struct EdgeBody(Kind);

/// Most are hits, which need neither a box nor a call that is looked up for one.
enum Kind {
    /// Bytes in memory, sent as one piece.
    Whole(Bytes),
    /// Anything that comes piece by piece.
    Passed(UnsyncBoxBody<Bytes, io::Error>),
}

/// A body in memory.
pub(super) fn whole(bytes: Bytes) -> EdgeBody {
    EdgeBody(Kind::Whole(bytes))
}

/// A body that is passed on while it comes.
pub(super) fn passed(
    body: impl Body<Data = Bytes, Error = io::Error> + Send + 'static,
) -> EdgeBody {
    EdgeBody(Kind::Passed(body.boxed_unsync()))
}

impl Body for EdgeBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        match &mut self.0 {
            Kind::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Kind::Whole(bytes) => Poll::Ready(Some(Ok(Frame::data(mem::take(bytes))))),
            Kind::Passed(body) => Pin::new(body).poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Kind::Whole(bytes) => bytes.is_empty(),
            Kind::Passed(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Kind::Passed(body) => body.size_hint(),
        }
    }
}
