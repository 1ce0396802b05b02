//! One connection: TLS if there is any, HTTP/1.1 or HTTP/2, and an end to everything that takes too long.

use std::{convert::Infallible, pin::pin, sync::Arc};

use http::Request;
use hyper::{body::Incoming, rt, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::watch,
    time::Instant,
};
use tollgate_api::client::Peer;

use super::{Serve, ServerSettings, activity::Activity, sent::Sent, server::Phase};

/// Serves one connection to its end.
pub(super) async fn run<S: Serve>(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: Peer,
    service: S,
    settings: &ServerSettings,
    mut phase: watch::Receiver<Phase>,
) {
    let accepted = Instant::now();
    let Some(tls) = &settings.tls else {
        return speak(TokioIo::new(stream), peer, service, settings, phase, accepted).await;
    };
    let handshake = tls.acceptor().accept(stream);
    let shaken = tokio::select! {
        shaken = tokio::time::timeout(settings.first_request_timeout, handshake) => shaken,
        // Nobody has asked for anything yet.
        _ = phase.wait_for(|phase| !matches!(phase, Phase::Serving)) => return,
    };
    match shaken {
        Ok(Ok(stream)) => {
            speak(TokioIo::new(stream), peer, service, settings, phase, accepted).await;
        }
        // Scanners cause these all day.
        Ok(Err(error)) => tracing::debug!(%peer, %error, "no TLS connection came about"),
        Err(_) => tracing::debug!(%peer, "the TLS handshake took too long"),
    }
}

async fn speak<S: Serve>(
    io: impl rt::Read + rt::Write + Unpin + Send + 'static,
    peer: Peer,
    service: S,
    settings: &ServerSettings,
    mut phase: watch::Receiver<Phase>,
    accepted: Instant,
) {
    let activity = Arc::new(Activity::new(accepted));
    let head_limit = settings.head_limit.max(service.least_head_limit());
    let answer = service_fn(|request: Request<Incoming>| {
        // Busy from here on and not from when the future first runs: HTTP/2 runs it in another task.
        let (service, busy) = (service.clone(), activity.begin());
        let activity = Arc::clone(&activity);
        async move {
            let _busy = busy;
            let answer = service.serve(request, peer).await;
            Ok::<_, Infallible>(answer.map(|body| Sent::new(body, activity.send())))
        }
    });
    let protocol = protocol(settings, head_limit);
    let mut connection = pin!(protocol.serve_connection(io, answer));
    let mut draining_since = None;
    let mut look = pin!(tokio::time::sleep_until(activity.next_look(settings, None)));
    loop {
        tokio::select! {
            // In this order a request that came in at the last moment is seen before the deadline.
            biased;
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(%peer, error = %error, "a connection broke off");
                }
                return;
            }
            () = activity.changed(), if draining_since.is_some() => {}
            told = phase.changed() => match (told, *phase.borrow_and_update()) {
                (Ok(()), Phase::Draining { since }) => {
                    draining_since = Some(since);
                    activity.drain();
                    connection.as_mut().graceful_shutdown();
                }
                (Ok(()), Phase::Serving) => {}
                (Ok(()), Phase::Cut) | (Err(_), _) => return,
            },
            () = look.as_mut() => {
                let deadline = activity.deadline(settings, draining_since);
                if deadline.is_some_and(|deadline| deadline <= Instant::now()) {
                    tracing::debug!(%peer, "a quiet connection was closed");
                    return;
                }
            }
        }
        look.as_mut().reset(activity.next_look(settings, draining_since));
    }
}

fn protocol(settings: &ServerSettings, head_limit: usize) -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        // A head that comes in drop by drop: the first one has its own deadline, see `activity`.
        .header_read_timeout(settings.idle_timeout)
        .max_headers(MAX_HEADERS)
        .max_buf_size(head_limit.max(MIN_HEAD_LIMIT));
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(u32::try_from(head_limit).unwrap_or(u32::MAX))
        .max_concurrent_streams(MAX_STREAMS);
    builder
}

/// Browsers send about twenty, proxies add ten.
const MAX_HEADERS: usize = 100;

/// The least that hyper can work with.
const MIN_HEAD_LIMIT: usize = 8 << 10;

/// Requests of one HTTP/2 connection at once. Proxies keep a handful of connections for many viewers.
const MAX_STREAMS: u32 = 256;
