//! An issuer on a real socket that publishes a JWKS, or something else, or nothing.

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use bytes::Bytes;
use http::Response;
use http_body_util::Full;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

/// An issuer. `None` as its page means that it is down: it closes every connection.
pub struct Issuer {
    address: SocketAddr,
    page: Arc<Mutex<Option<String>>>,
    asked: Arc<AtomicUsize>,
}

impl Issuer {
    pub async fn start(page: Option<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let issuer = Self { address, page: Arc::new(Mutex::new(page)), asked: Arc::default() };
        let (page, asked) = (Arc::clone(&issuer.page), Arc::clone(&issuer.asked));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                asked.fetch_add(1, Ordering::SeqCst);
                let Some(page) = page.lock().unwrap().clone() else { continue };
                let service = service_fn(move |_| {
                    let page = page.clone();
                    async move { Ok::<_, Infallible>(Response::new(Full::new(Bytes::from(page)))) }
                });
                let http = hyper::server::conn::http1::Builder::new();
                tokio::spawn(http.serve_connection(TokioIo::new(stream), service));
            }
        });
        issuer
    }

    /// Publishes something else from now on.
    pub fn publish(&self, page: Option<String>) {
        *self.page.lock().unwrap() = page;
    }

    /// How many connections it has seen; each fetch makes one.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// The lines of `[auth]` that name it, with a gap between fetches that no test outlives.
    pub fn table(&self) -> String {
        format!("type = \"jwks-url\"\nurl = \"http://{}/jwks\"\nmin-gap = 3600", self.address)
    }
}
