//! The HTTP server in front of the instances.

use std::{convert::Infallible, net::SocketAddr};

use http::{Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use tokio::{net::TcpListener, task::JoinSet};
use wasmtime_wasi_http::{Error, WasiBody};

use crate::{App, app::nothing, headers};

/// Serves until it is dropped, and its connections with it.
pub(crate) async fn serve(app: App, listener: TcpListener) {
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = connections.join_next() => continue,
        };
        let Ok((stream, peer)) = accepted else { continue };
        let app = app.clone();
        connections.spawn(async move {
            let service = service_fn(move |request| {
                let app = app.clone();
                async move { Ok::<_, Infallible>(answer(&app, request, peer).await) }
            });
            let server = auto::Builder::new(TokioExecutor::new());
            // The client may go away at any time; that is no error of ours.
            let _ = server.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn answer(app: &App, mut request: Request<Incoming>, peer: SocketAddr) -> Response<WasiBody> {
    if let Err(reason) = headers::prepare(&mut request, peer) {
        return failed(reason);
    }
    let request = request.map(|body| body.map_err(Error::from).boxed_unsync());
    match app.answer(request).await {
        Ok(answer) => answer,
        Err(error) => failed(&format!("{error:#}")),
    }
}

/// What is answered for a trap, like all of Spin's own failures: 500, and nothing that says why.
#[expect(clippy::print_stderr, reason = "for whoever reads a test that failed")]
fn failed(reason: &str) -> Response<WasiBody> {
    eprintln!("the test host answers 500: {reason}");
    let mut answer = Response::new(nothing());
    *answer.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    answer
}
