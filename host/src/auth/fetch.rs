//! Fetches a JWKS over HTTP: one URL, no redirects, little patience.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{ACCEPT, DATE, USER_AGENT};
use http::{Request, StatusCode, Uri};
use http_body_util::{BodyExt as _, Empty, LengthLimitError, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tollgate_api::{
    KeySet,
    token::{self, MAX_JWKS},
};

use super::LoadError;
use super::settings::{AuthSetupError, JwksUrl};
use crate::outbound::tls_config;

/// Asks one URL for keys.
pub(super) struct Fetcher {
    client: Client<HttpsConnector<HttpConnector>, Empty<Bytes>>,
    uri: Uri,
    timeout: Duration,
    /// What the last answer said the time was.
    time: Mutex<Option<SystemTime>>,
}

impl Fetcher {
    pub(super) fn new(settings: &JwksUrl) -> Result<Self, AuthSetupError> {
        let uri =
            token::jwks_url(&settings.url, settings.allow_http).map_err(AuthSetupError::Url)?;
        let tls = tls_config(uri.scheme_str() == Some("https")).map_err(AuthSetupError::Tls)?;
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .build();
        // Between two fetches lies an hour; a connection kept that long would only be found dead.
        let client =
            Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector);
        Ok(Self { client, uri, timeout: settings.timeout, time: Mutex::new(None) })
    }

    pub(super) async fn fetch(&self) -> Result<KeySet, LoadError> {
        tokio::time::timeout(self.timeout, self.exchange()).await.map_err(|_| LoadError::Slow)?
    }

    /// What time it is at the issuer, as of the last answer.
    pub(super) fn time(&self) -> Option<SystemTime> {
        *self.time.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The URL without its query, which may hold a secret.
    pub(super) fn summary(&self) -> String {
        let scheme = self.uri.scheme_str().unwrap_or_default();
        let authority = self.uri.authority().map_or("", |authority| authority.as_str());
        format!("{scheme}://{authority}{}", self.uri.path())
    }

    async fn exchange(&self) -> Result<KeySet, LoadError> {
        let mut request = Request::new(Empty::new());
        *request.uri_mut() = self.uri.clone();
        let headers = request.headers_mut();
        headers.insert(ACCEPT, http::HeaderValue::from_static("application/json"));
        headers.insert(USER_AGENT, http::HeaderValue::from_static(AGENT));
        let response = self.client.request(request).await.map_err(LoadError::Unreachable)?;
        let date = response.headers().get(DATE).and_then(|date| date.to_str().ok());
        let time = date.and_then(|date| httpdate::parse_http_date(date).ok());
        *self.time.lock().unwrap_or_else(PoisonError::into_inner) = time;
        // A redirect is refused like any other answer: it would hand the choice of keys to somebody
        // whom the configuration does not name.
        if response.status() != StatusCode::OK {
            return Err(LoadError::Status(response.status().as_u16()));
        }
        let body = Limited::new(response.into_body(), MAX_JWKS).collect().await;
        let body = match body {
            Ok(body) => body.to_bytes(),
            Err(error) if error.is::<LengthLimitError>() => return Err(LoadError::TooLarge),
            Err(error) => return Err(LoadError::Interrupted(error)),
        };
        let text = std::str::from_utf8(&body).map_err(|_| LoadError::NotText)?;
        KeySet::from_jwks(text).map_err(LoadError::Keys)
    }
}

const AGENT: &str = concat!("tollgate/", env!("CARGO_PKG_VERSION"));
