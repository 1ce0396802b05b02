//! The gateway on its listeners, from start to stop.

use std::{future::Future, time::Duration};

use tokio::sync::oneshot;

use super::{DrainOutcome, Gateway, Listener, ServerSettings, Surface, serve};

/// Where the gateway listens.
#[derive(Debug)]
pub struct Listeners {
    /// For viewers, and for operators as well unless they have their own.
    pub public: Listener,
    /// For operators only: `/healthz`, `/readyz` and `/metrics`, without TLS. The last two are then gone from
    /// the public listener.
    pub operators: Option<Listener>,
}

/// Serves until `stop` resolves and every request is answered, or the drain timeout is over.
pub async fn run(
    listeners: Listeners,
    gateway: Gateway,
    settings: ServerSettings,
    stop: impl Future<Output = ()>,
) -> DrainOutcome {
    // Dropped with this function as well, so that no certificate is watched for nobody.
    let _watch = settings.tls.as_ref().map(super::Tls::watch);
    let Some(operators) = listeners.operators else {
        return serve(listeners.public, gateway, settings, stop).await;
    };
    // Operators watch the drain to its end, so their listener outlives it.
    let (done, drained) = oneshot::channel::<()>();
    let public = async {
        let viewers = gateway.with_surface(Surface::Viewers);
        let outcome = serve(listeners.public, viewers, settings.clone(), stop).await;
        drop(done);
        outcome
    };
    let quiet = ServerSettings {
        tls: None,
        drain_delay: Duration::ZERO,
        // A scrape that is under way is worth a moment, and no more.
        drain_timeout: Duration::from_secs(1),
        ..settings.clone()
    };
    let operators = serve(operators, gateway.with_surface(Surface::Operators), quiet, async {
        // The sender only ever goes away, which is what is waited for.
        let _ = drained.await;
    });
    let (outcome, _) = tokio::join!(public, operators);
    outcome
}
