//! The gateway on a Unix socket: who is asking, and how it ends.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use tempfile::TempDir;
use tokio::{io::AsyncReadExt as _, net::UnixStream};
use tollgate::gateway::{
    self, DrainOutcome, ListenAddress, Listener, Listeners, Playback, RequestSettings,
    ServerSettings,
};
use tollgate_api::client::TrustedProxies;

use super::support::{
    client::{Call, Line},
    desk::{Scripted, ask, gateway},
    running::Running,
    soon, until,
};

/// A gateway on a socket in a folder of its own.
struct Sidecar {
    folder: TempDir,
    gate: Arc<Scripted>,
    running: Running,
}

impl Sidecar {
    async fn open(trusted: &[&str], server: ServerSettings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let gate = Arc::new(Scripted::new().await);
        let trusted_proxies = TrustedProxies::parse(trusted.iter().copied()).unwrap();
        let requests = RequestSettings { trusted_proxies, ..RequestSettings::default() };
        let playback = Arc::clone(&gate) as Arc<dyn Playback>;
        let gateway = gateway(playback, requests);
        let address = ListenAddress::Unix { path: socket(folder.path()), mode: 0o660 };
        let public = Listener::bind(&address).await.unwrap();
        assert!(public.local_addr().is_err());
        let listeners = Listeners { public, operators: None };
        let running = Running::start(|stop| gateway::run(listeners, gateway, server, stop));
        Self { folder, gate, running }
    }

    fn socket(&self) -> PathBuf {
        socket(self.folder.path())
    }

    async fn line(&self) -> Line {
        Line::open(UnixStream::connect(self.socket()).await.unwrap()).await
    }
}

fn socket(folder: &Path) -> PathBuf {
    folder.join("tollgate.sock")
}

#[tokio::test]
async fn the_viewer_has_the_address_that_a_trusted_neighbour_names() {
    let sidecar = Sidecar::open(&["unix", "10.0.0.0/8"], ServerSettings::default()).await;
    let mut line = sidecar.line().await;
    let call = ask("s").header("x-forwarded-for", "198.51.100.1, 203.0.113.7, 10.1.2.3");
    assert_eq!(line.send(&call).await.unwrap().status, 200);
    let seen = sidecar.gate.seen.lock().unwrap()[0].source_ip.clone();
    assert_eq!(seen.as_deref(), Some("203.0.113.7"));

    for call in [ask("s"), ask("s").header("x-forwarded-for", "10.1.2.3")] {
        let reply = line.send(&call).await.unwrap();
        assert_eq!(reply.slug(), (400, "invalid-request".to_owned()));
        assert!(reply.text().contains("X-Forwarded-For"), "{}", reply.text());
    }
    assert_eq!(sidecar.gate.seen.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn without_trust_in_the_socket_nothing_is_granted() {
    for trusted in [&[][..], &["0.0.0.0/0", "::/0"]] {
        let sidecar = Sidecar::open(trusted, ServerSettings::default()).await;
        let mut line = sidecar.line().await;
        let reply = line.send(&ask("s").header("x-forwarded-for", "203.0.113.7")).await.unwrap();
        assert_eq!(reply.slug(), (400, "invalid-request".to_owned()));
        assert!(sidecar.gate.seen.lock().unwrap().is_empty());
        // What needs no address is answered.
        assert_eq!(line.send(&Call::get("/healthz")).await.unwrap().status, 200);
    }
}

#[tokio::test]
async fn a_request_in_flight_is_answered_and_the_socket_is_gone() {
    let mut sidecar = Sidecar::open(&["unix"], ServerSettings::default()).await;
    let mut line = sidecar.line().await;
    let waiting = tokio::spawn(async move {
        line.send(&ask("hold").header("x-forwarded-for", "203.0.113.7")).await
    });
    sidecar.gate.holds(1).await;
    sidecar.running.stop();
    until("the end of the socket", async || !sidecar.socket().exists()).await;
    sidecar.gate.release();
    assert_eq!(waiting.await.unwrap().unwrap().status, 200);
    assert_eq!(sidecar.running.ended().await, DrainOutcome::Finished);
}

#[tokio::test]
async fn one_connection_too_many_is_turned_away() {
    let server = ServerSettings { connections: 1, ..ServerSettings::default() };
    let sidecar = Sidecar::open(&["unix"], server).await;
    let mut first = sidecar.line().await;
    assert_eq!(first.send(&Call::get("/healthz")).await.unwrap().status, 200);
    // Nothing is sent: the answer does not wait for it.
    let mut second = UnixStream::connect(sidecar.socket()).await.unwrap();
    let mut answer = String::new();
    soon("an answer", second.read_to_string(&mut answer)).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    assert_eq!(first.send(&Call::get("/healthz")).await.unwrap().status, 200);
}
