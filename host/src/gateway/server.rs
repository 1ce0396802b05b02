//! Takes connections, as many as allowed, until it is told to stop.

use std::{future::Future, pin::pin, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{Request, Response};
use hyper::body::{Body, Incoming};
use tokio::{
    sync::{Semaphore, watch},
    time::Instant,
};
use tollgate_api::client::Peer;

use super::{Listener, ServerSettings, connection, listener::Accepted, refuse};
use crate::{component::gate::Seat, telemetry::InFlight};

/// Something that answers requests. Cheap to clone.
pub trait Serve: Clone + Send + Sync + 'static {
    /// The body of an answer.
    type Body: Body<Data = Bytes, Error: std::error::Error + Send + Sync> + Send + Unpin + 'static;

    /// Answers one request.
    fn serve(
        &self,
        request: Request<Incoming>,
        peer: Peer,
    ) -> impl Future<Output = Response<Self::Body>> + Send;

    /// Counts a connection for as long as the guard lives.
    fn connected(&self) -> InFlight;

    /// The thread that shall serve the next connection; `None` leaves it to the runtime of [`serve`].
    fn seat(&self) -> Option<Seat> {
        None
    }

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
    listener: impl Into<Listener>,
    service: S,
    settings: ServerSettings,
    stop: impl Future<Output = ()>,
) -> DrainOutcome {
    let listener = listener.into();
    let (phase, _) = watch::channel(Phase::Serving);
    let desk = Desk {
        places: Arc::new(Semaphore::new(settings.connections)),
        refusals: Arc::new(Semaphore::new(REFUSALS)),
        settings: Arc::new(settings),
        service,
        phase,
    };

    let stopped = async {
        stop.await;
        desk.service.drain();
        tokio::time::sleep(desk.settings.drain_delay).await;
    };
    desk.take_all(&listener, stopped).await;
    // New connections are refused by the system from here on, and the file of a Unix socket is gone.
    drop(listener);
    let Desk { settings, phase, .. } = desk;
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

/// What every connection is handed.
struct Desk<S> {
    service: S,
    settings: Arc<ServerSettings>,
    phase: watch::Sender<Phase>,
    places: Arc<Semaphore>,
    refusals: Arc<Semaphore>,
}

impl<S: Serve> Desk<S> {
    /// Takes connections until `stopped` resolves.
    async fn take_all(&self, listener: &Listener, stopped: impl Future<Output = ()>) {
        let mut stopped = pin!(stopped);
        loop {
            let accepted = tokio::select! {
                biased;
                () = &mut stopped => break,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((accepted, peer)) => self.take(accepted, peer),
                Err(error) => {
                    // A peer that is gone again is no news; a lack of file handles passes, and must not spin.
                    tracing::warn!(%error, "a connection could not be taken");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    /// Serves one connection in a task of its own, or turns it away.
    fn take(&self, accepted: Accepted, peer: Peer) {
        let tls = self.settings.tls.is_some();
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            self.service.refused();
            // Refusing politely takes time as well, so only so many are refused that way at once.
            if let Ok(turn) = Arc::clone(&self.refusals).try_acquire_owned() {
                tokio::spawn(async move {
                    match accepted {
                        Accepted::Internet(stream) => refuse::refuse(stream, tls, turn).await,
                        #[cfg(unix)]
                        Accepted::Unix(stream) => refuse::refuse(stream, tls, turn).await,
                    }
                });
            }
            return;
        };
        let (service, settings, phase) =
            (self.service.clone(), Arc::clone(&self.settings), self.phase.subscribe());
        let seat = self.service.seat();
        let work = async move |accepted: Accepted| {
            let _counted = (place, service.connected());
            match accepted {
                Accepted::Internet(stream) => {
                    connection::run(stream, peer, service, &settings, phase).await;
                }
                #[cfg(unix)]
                Accepted::Unix(stream) => {
                    connection::run(stream, peer, service, &settings, phase).await;
                }
            }
        };
        let Some(seat) = seat else {
            tokio::spawn(work(accepted));
            return;
        };
        // The thread that serves it has to hear of its bytes, and not this one.
        match accepted.detach() {
            Ok(detached) => seat.spawn(async move {
                match detached.attach() {
                    Ok(accepted) => work(accepted).await,
                    Err(error) => tracing::warn!(%error, "a connection could not be taken"),
                }
            }),
            Err(error) => tracing::warn!(%error, "a connection could not be taken"),
        }
    }
}

/// How long to wait after a connection could not be taken.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// How many connections are told at once that there is no place for them; the rest is just closed.
const REFUSALS: usize = 64;
