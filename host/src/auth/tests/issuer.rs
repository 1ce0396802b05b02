//! An issuer on a real socket whose answers the test chooses.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{Request, Response};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

/// What the issuer answers.
#[derive(Clone)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: String,
    pub(super) delay: Duration,
}

impl Answer {
    pub(super) fn keys(kids: &[&str]) -> Self {
        Self { status: 200, body: super::jwks(kids), delay: Duration::ZERO }
    }

    pub(super) fn status(status: u16) -> Self {
        Self { status, body: super::jwks(&["rsa"]), delay: Duration::ZERO }
    }

    pub(super) fn after(self, delay: Duration) -> Self {
        Self { delay, ..self }
    }
}

/// The running issuer.
pub(super) struct Issuer {
    address: SocketAddr,
    answer: Arc<Mutex<Answer>>,
    asked: Arc<AtomicUsize>,
    targets: Arc<Mutex<Vec<String>>>,
}

impl Issuer {
    pub(super) async fn start(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let answer = Arc::new(Mutex::new(answer));
        let asked = Arc::new(AtomicUsize::new(0));
        let targets = Arc::new(Mutex::new(Vec::new()));
        let issuer = Self {
            address,
            answer: answer.clone(),
            asked: asked.clone(),
            targets: targets.clone(),
        };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (answer, asked, targets) = (answer.clone(), asked.clone(), targets.clone());
                let service = service_fn(move |request: Request<Incoming>| {
                    asked.fetch_add(1, Ordering::SeqCst);
                    targets.lock().unwrap().push(request.uri().to_string());
                    let answer = answer.lock().unwrap().clone();
                    async move {
                        tokio::time::sleep(answer.delay).await;
                        let response = Response::builder()
                            .status(answer.status)
                            .header("location", "/jwks")
                            .body(Full::new(Bytes::from(answer.body)));
                        Ok::<_, Infallible>(response.unwrap())
                    }
                });
                tokio::spawn(
                    hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service),
                );
            }
        });
        issuer
    }

    pub(super) fn answer(&self, answer: Answer) {
        *self.answer.lock().unwrap() = answer;
    }

    /// How often it was asked.
    pub(super) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// The request targets it has seen.
    pub(super) fn targets(&self) -> Vec<String> {
        self.targets.lock().unwrap().clone()
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}
