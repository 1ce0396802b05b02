//! The body of an answer that tells the connection how it gets on.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use hyper::body::{Body, Frame, SizeHint};

use super::activity::Sending;

/// A body, and the news of every piece that the connection takes of it. A film is sent for an hour, which
/// must not look like an hour of silence.
pub(super) struct Sent<B> {
    body: B,
    sending: Sending,
}

impl<B> Sent<B> {
    pub(super) fn new(body: B, sending: Sending) -> Self {
        Self { body, sending }
    }
}

impl<B: Body + Unpin> Body for Sent<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if matches!(polled, Poll::Ready(Some(_))) {
            self.sending.piece();
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
