//! The port `objects` at an HTTP server.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};

use super::{
    address::Base,
    failure::{Failure, broken, found, unanswered},
};
use crate::{
    administration::Upkeep,
    objects::{Gathered, LONGEST_KEY, Store, check_encoding},
    outbound::tls_config,
    ports::{Answer, PortError},
};

/// How long a server that answered is believed to be there.
const BELIEVED: Duration = Duration::from_secs(15);

/// Objects below one URL.
pub(super) struct HttpObjects {
    client: Client<HttpsConnector<HttpConnector>, Empty<Bytes>>,
    base: Base,
    /// How long one question may take, from its beginning to the last byte of its answer.
    timeout: Duration,
    seen: Mutex<Option<Instant>>,
}

impl HttpObjects {
    pub(super) fn new(base: Base, timeout: Duration) -> Result<Self, String> {
        let tls = tls_config(base.is_secure()).map_err(|error| error.to_string())?;
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .build();
        let client =
            Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).build(connector);
        Ok(Self { client, base, timeout, seen: Mutex::default() })
    }

    /// Asks, and once more if the connection ended early. Both together have the time of one.
    async fn twice<T, F>(&self, question: impl Fn() -> F) -> Result<T, PortError>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        let both = async {
            match question().await {
                Err(Failure::Broken(_)) => question().await,
                answer => answer,
            }
        };
        let answer = tokio::time::timeout(self.timeout, both).await;
        answer.map_err(|_| PortError::Timeout)?.map_err(PortError::from)
    }

    async fn ask(&self, method: Method, url: &str) -> Result<Response<Incoming>, Failure> {
        const AGENT: &str = concat!("tollgate/", env!("CARGO_PKG_VERSION"));
        let request = Request::builder()
            .method(method)
            .uri(url)
            .header(header::USER_AGENT, AGENT)
            // Nothing has to be unpacked, so that what is counted is all there is.
            .header(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"))
            .body(Empty::new())
            .map_err(|_| PortError::InvalidArgument("the key makes no URL".to_owned()))?;
        let asked = Instant::now();
        let answer = self.client.request(request).await;
        let answer = answer.map_err(|error| unanswered(&self.base, &error))?;
        if !answer.status().is_server_error() {
            *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(asked);
        }
        Ok(answer)
    }

    async fn look_once(&self, url: &str) -> Result<bool, Failure> {
        let mut status = self.ask(Method::HEAD, url).await?.status();
        // Some packagers know GET only. The answer's body is left where it is.
        if matches!(status, StatusCode::METHOD_NOT_ALLOWED | StatusCode::NOT_IMPLEMENTED) {
            status = self.ask(Method::GET, url).await?.status();
        }
        Ok(found(&self.base, status)?)
    }

    async fn read_once(&self, url: &str, most: u32) -> Result<Option<Bytes>, Failure> {
        let answer = self.ask(Method::GET, url).await?;
        if !found(&self.base, answer.status())? {
            return Ok(None);
        }
        let (head, mut body) = answer.into_parts();
        let encoding = head.headers.get(header::CONTENT_ENCODING);
        check_encoding(encoding.map(|value| value.to_str().unwrap_or("unreadable")))?;
        if !has_an_end(&head.headers) {
            return Err(PortError::Other(format!(
                "{} does not say where its answer ends, so that a part of it would look whole",
                self.base.origin()
            ))
            .into());
        }
        let mut gathered = Gathered::announced(length(&head.headers), most)?;
        while let Some(frame) = body.frame().await {
            if let Ok(part) = frame.map_err(|_| broken(&self.base))?.into_data() {
                gathered.add(&part)?;
            }
        }
        Ok(Some(gathered.whole()))
    }
}

/// Whether a connection that ends early shows: hyper then answers an error.
fn has_an_end(headers: &HeaderMap) -> bool {
    headers.contains_key(header::CONTENT_LENGTH) || headers.contains_key(header::TRANSFER_ENCODING)
}

fn length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

impl Store for HttpObjects {
    /// Servers disagree about where dot segments, backslashes and empty names lead, so that no object has them.
    fn admits(&self, key: &str) -> Result<bool, PortError> {
        let leads_up = key.split(['/', '\\']).any(|name| name == "..");
        if leads_up || key.contains('\0') {
            return Err(PortError::AccessDenied(
                "the key has NUL or a dot segment in it".to_owned(),
            ));
        }
        let plain = |name: &str| !name.is_empty() && name != ".";
        Ok(key.len() <= LONGEST_KEY && key.split(['/', '\\']).all(plain))
    }

    fn takes_queries(&self) -> bool {
        true
    }

    fn look<'a>(&'a self, key: &'a str) -> Answer<'a, bool> {
        Box::pin(async move {
            let url = self.base.url_of(key, None);
            self.twice(|| self.look_once(&url)).await
        })
    }

    fn fetch<'a>(
        &'a self,
        key: &'a str,
        query: Option<&'a str>,
        most: u32,
    ) -> Answer<'a, Option<Bytes>> {
        Box::pin(async move {
            let url = self.base.url_of(key, query);
            self.twice(|| self.read_once(&url, most)).await
        })
    }
}

impl Upkeep for HttpObjects {
    fn part(&self) -> &'static str {
        "objects"
    }

    fn purge(&self, _: u64) -> Answer<'_, u64> {
        Box::pin(async { Ok(0) })
    }

    /// Any answer will do, unless it is that the server cannot answer now.
    fn check(&self) -> Answer<'_, ()> {
        Box::pin(async move {
            let seen = *self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            if seen.is_some_and(|seen| seen.elapsed() < BELIEVED) {
                return Ok(());
            }
            let url = format!("{}/", self.base);
            let answer = self.twice(|| self.ask(Method::HEAD, &url)).await?;
            match answer.status() {
                StatusCode::NOT_IMPLEMENTED => Ok(()),
                status if status.is_server_error() => found(&self.base, status).map(|_| ()),
                _ => Ok(()),
            }
        })
    }
}
