//! The little HTTP client of the check: plain http to this machine.

use std::{net::SocketAddr, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, Method, Request};
use http_body_util::{BodyExt, Empty};
use hyper_util::{
    client::legacy::{Client as Pool, connect::HttpConnector},
    rt::TokioExecutor,
};

use super::scene::Scene;

/// Longer than the gateway's own deadline, so that its answer is seen.
const PATIENCE: Duration = Duration::from_secs(15);

/// One answer, read whole.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Reply {
    /// A header as text, or nothing.
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The body as JSON; `null` if it is none.
    pub(super) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The body as text.
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Keeps connections open between requests.
pub(super) struct Client {
    pool: Pool<HttpConnector, Empty<Bytes>>,
    /// What viewers call a server, and where it is: not every resolver knows names below `localhost`.
    places: [(String, SocketAddr); 2],
}

impl Client {
    pub(super) fn new(scene: &Scene) -> Self {
        let Scene { names, gateway, edge, .. } = scene;
        let places = [(names.gateway.clone(), *gateway), (names.edge.clone(), *edge)];
        Self { pool: Pool::builder(TokioExecutor::new()).build_http(), places }
    }

    /// Sends one request. URLs are left out of errors: they are signed.
    pub(super) async fn send(
        &self,
        method: Method,
        url: &str,
        headers: &[(&str, &str)],
    ) -> Result<Reply, String> {
        let there = self.places.iter().find_map(|(name, place)| {
            let target = url.strip_prefix("http://")?.strip_prefix(name.as_str())?;
            Some((name, format!("http://{place}{target}")))
        });
        let (host, url) = there.ok_or("a URL leads to neither gateway nor edge")?;
        let mut request = Request::builder().method(method).uri(url).header("host", host);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Empty::new()).map_err(|error| error.to_string())?;
        let answer = async {
            let response = self.pool.request(request).await.map_err(|error| error.to_string())?;
            let (head, body) = response.into_parts();
            let body = body.collect().await.map_err(|error| error.to_string())?.to_bytes();
            Ok(Reply { status: head.status.as_u16(), headers: head.headers, body })
        };
        tokio::time::timeout(PATIENCE, answer).await.map_err(|_| "no answer in time".to_owned())?
    }
}
