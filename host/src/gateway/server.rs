//! Takes connections, as many as allowed, until it is told to stop.

use std::{future::Future, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{Request, Response};
use hyper::body::{Body, Incoming};
use tokio::{
    net::TcpListener,
    sync::{Semaphore, watch},
    time::Instant,
};

use super::{ServerSettings, connection, refuse};
use crate::telemetry::InFlight;

/// Something that answers requests. Cheap to clone.
pub trait Serve: Clone + Send + Sync + 'static {
    /// The body of an answer.
    type Body: Body<Data = Bytes, Error: std::error::Error + Send + Sync> + Send + Unpin + 'static;

    /// Answers one request.
    fn serve(
        &self,
        request: Request<Incoming>,
        peer: SocketAddr,
    ) -> impl Future<Output = Response<Self::Body>> + Send;

    /// Counts a connection for as long as the guard lives.
    fn connected(&self) -> InFlight;

    /// The least number of bytes of a request head that must be read, whatever is configured.
    fn least_head_limit(&self) -> usize {
        0
    }

    /// A connection was turned away at the limit.
    fn refused(&self) {}

    /// No new connection will be taken soon.
    fn drain(&self) {}
}

/// How the last connections ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DrainOutcome {
    /// Every request was answered.
    Finished,
    /// The drain timeout was over before these connections were done; they were cut.
    Cut {
        /// How many.
        connections: usize,
    },
}

impl DrainOutcome {
    /// The outcome of two servers together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Finished, outcome) | (outcome, Self::Finished) => outcome,
            (Self::Cut { connections }, Self::Cut { connections: more }) => {
                Self::Cut { connections: connections + more }
            }
        }
    }
}

/// What the connections are told.
#[derive(Clone, Copy, Debug)]
pub(super) enum Phase {
    Serving,
    Draining { since: Instant },
    Cut,
}

/// Serves `service` on `listener` until `stop` resolves, then lets the requests that are being
/// answered finish.
pub async fn serve<S: Serve>(
    listener: TcpListener,
    service: S,
    settings: ServerSettings,
    stop: impl Future<Output = ()>,
) -> DrainOutcome {
    let settings = Arc::new(settings);
    let (phase, _) = watch::channel(Phase::Serving);
    let places = Arc::new(Semaphore::new(settings.connections));
    let refusals = Arc::new(Semaphore::new(REFUSALS));

    let stopped = async {
        stop.await;
        service.drain();
        tokio::time::sleep(settings.drain_delay).await;
    };
    let mut stopped = pin!(stopped);
    loop {
        let accepted = tokio::select! {
            biased;
            () = &mut stopped => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // A peer that is gone again is no news; a lack of file handles passes, and must not spin.
                tracing::warn!(%error, "a connection could not be taken");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        // Answers are small and written at once; waiting for more would only add latency.
        let _ = stream.set_nodelay(true);
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            service.refused();
            // Refusing politely takes time as well, so only so many are refused that way at once.
            if let Ok(turn) = Arc::clone(&refusals).try_acquire_owned() {
                tokio::spawn(refuse::refuse(stream, settings.tls.is_some(), turn));
            }
            continue;
        };
        let (service, settings, phase) =
            (service.clone(), Arc::clone(&settings), phase.subscribe());
        tokio::spawn(async move {
            let _counted = (place, service.connected());
            connection::run(stream, peer, service, &settings, phase).await;
        });
    }
    // New connections are refused by the system from here on.
    drop(listener);
    phase.send_replace(Phase::Draining { since: Instant::now() });
    // Every connection holds a receiver until it ends.
    if tokio::time::timeout(settings.drain_timeout, phase.closed()).await.is_ok() {
        return DrainOutcome::Finished;
    }
    let connections = phase.receiver_count();
    phase.send_replace(Phase::Cut);
    phase.closed().await;
    DrainOutcome::Cut { connections }
}

/// How long to wait after a connection could not be taken.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// How many connections are told at once that there is no place for them; the rest is just closed.
const REFUSALS: usize = 64;
