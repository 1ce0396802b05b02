//! A server that runs until a test tells it to stop.

use std::{future::Future, net::SocketAddr};

use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};
use tollgate::gateway::{self, DrainOutcome, Gateway, Listeners, ServerSettings};

use super::soon;

/// A server in a task of its own.
pub struct Running {
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<DrainOutcome>,
}

impl Running {
    /// Runs what `serve` makes of the future that resolves when it is to stop.
    pub fn start<F>(serve: impl FnOnce(Stop) -> F) -> Self
    where
        F: Future<Output = DrainOutcome> + Send + 'static,
    {
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(serve(Box::pin(async {
            let _ = stopped.await;
        })));
        Self { stop: Some(stop), task }
    }

    /// What SIGTERM does.
    pub fn stop(&mut self) {
        drop(self.stop.take());
    }

    /// Stops, and waits for the end.
    pub async fn ended(mut self) -> DrainOutcome {
        self.stop();
        soon("the end of the drain", self.task).await.unwrap()
    }
}

pub type Stop = std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;

/// A listener on loopback and where it listens.
pub async fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// Runs a gateway on one listener.
pub async fn serve(gateway: Gateway, settings: ServerSettings) -> (SocketAddr, Running) {
    let (public, address) = listener().await;
    let listeners = Listeners { public: public.into(), operators: None };
    (address, Running::start(|stop| gateway::run(listeners, gateway, settings, stop)))
}
