//! Bodies of an origin, which may take as long as they like, but may not fall silent.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::time::{Sleep, sleep};

/// A body that fails with [`io::ErrorKind::TimedOut`] once nothing has come for too long.
pub(super) struct Watched {
    body: Incoming,
    timeout: Duration,
    /// There only while somebody waits for a frame: the origin is not to blame for a slow viewer.
    silence: Option<Pin<Box<Sleep>>>,
}

impl Watched {
    pub(super) fn new(body: Incoming, timeout: Duration) -> Self {
        Self { body, timeout, silence: None }
    }
}

impl Body for Watched {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        // What has come counts, even if it was late to be looked at.
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) {
            self.silence = None;
            return Poll::Ready(frame.map(|frame| frame.map_err(io::Error::other)));
        }
        let timeout = self.timeout;
        let silence = self.silence.get_or_insert_with(|| Box::pin(sleep(timeout)));
        silence.as_mut().poll(context).map(|()| Some(Err(io::ErrorKind::TimedOut.into())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
