//! Fetches a JWKS over HTTP: one URL, no redirects, little patience.

use std::net::IpAddr;
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
use tollgate_api::KeySet;

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
        let uri = check_url(&settings.url, settings.allow_http).map_err(AuthSetupError::Url)?;
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
        let body = Limited::new(response.into_body(), MAX_BODY).collect().await;
        let body = match body {
            Ok(body) => body.to_bytes(),
            Err(error) if error.is::<LengthLimitError>() => return Err(LoadError::TooLarge),
            Err(error) => return Err(LoadError::Interrupted(error)),
        };
        let text = std::str::from_utf8(&body).map_err(|_| LoadError::NotText)?;
        KeySet::from_jwks(text).map_err(LoadError::Keys)
    }
}

fn check_url(url: &str, allow_http: bool) -> Result<Uri, &'static str> {
    if url.contains('#') {
        return Err("must not have a fragment");
    }
    let uri: Uri = url.parse().map_err(|_| "is no URL")?;
    let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return Err("must start with https:// and a host");
    };
    if authority.as_str().contains('@') {
        return Err("must not hold a user name");
    }
    let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    let loopback = host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    match scheme {
        "https" => Ok(uri),
        "http" if loopback || allow_http => Ok(uri),
        "http" => Err("must be https unless it points to this machine or http is allowed"),
        _ => Err("must start with https://"),
    }
}

/// Far above any set of keys, far below what would hurt.
pub(super) const MAX_BODY: usize = 1024 * 1024;

const AGENT: &str = concat!("tollgate/", env!("CARGO_PKG_VERSION"));

#[cfg(test)]
mod tests {
    use super::check_url;

    #[test]
    fn keys_come_over_https_or_from_this_machine() {
        for url in [
            "https://issuer.example/.well-known/jwks.json?a=%2F",
            "HTTPS://issuer.example:8443/",
            "http://127.0.0.1:8080/jwks",
            "http://127.9.9.9/",
            "http://[::1]:80/jwks",
            "http://LocalHost/jwks",
        ] {
            assert!(check_url(url, false).is_ok(), "{url}");
        }
        for url in [
            "http://issuer.example/jwks",
            "http://localhost.example/jwks",
            "http://127.0.0.1.example/jwks",
            "http://10.0.0.1/jwks",
            "http://0.0.0.0/jwks",
        ] {
            assert!(check_url(url, false).is_err(), "{url}");
            assert!(check_url(url, true).is_ok(), "{url}");
        }
        for url in [
            "",
            "/jwks",
            "issuer.example",
            "ftp://localhost/jwks",
            "file:///etc/jwks",
            "https://user:password@issuer.example/jwks",
            "https://issuer.example/jwks#x",
            "https://issuer example/jwks",
            "https:///jwks",
        ] {
            assert!(check_url(url, true).is_err(), "{url}");
        }
    }
}
