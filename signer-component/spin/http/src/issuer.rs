//! Asks the issuer for its keys: one URL, no redirects, little patience.

use std::time::Duration;

use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use spin_sdk::wasip3::{
    http::{
        client,
        types::{ErrorCode, Method},
    },
    http_compat::http_from_wasi_response,
};
use tollgate_api::{KeySet, token::MAX_JWKS};

use crate::{outbound, patience::within};

/// A request waits for it, so it stays below what people wait for.
const PATIENCE: Duration = Duration::from_secs(5);

const AGENT: &str = concat!("tollgate/", env!("CARGO_PKG_VERSION"));

/// Fetches the keys.
///
/// # Errors
/// What is the matter, for the log.
pub(crate) async fn fetch(url: &http::Uri) -> Result<KeySet, String> {
    let late = || Err(format!("the issuer did not answer within {} s", PATIENCE.as_secs()));
    within(PATIENCE, exchange(url)).await.unwrap_or_else(late)
}

async fn exchange(url: &http::Uri) -> Result<KeySet, String> {
    let authority = url.authority().map(http::uri::Authority::as_str).unwrap_or_default();
    let path = url.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    let secure = url.scheme_str() == Some("https");
    let headers = [("accept", "application/json"), ("user-agent", AGENT)];
    let request = outbound::request(&Method::Get, secure, authority, path, &headers)
        .ok_or("the Spin variable jwks_url cannot be the URL of a request")?;
    let response = client::send(request).await.map_err(|error| match error {
        ErrorCode::HttpRequestDenied | ErrorCode::DestinationIpProhibited => {
            let scheme = if secure { "https" } else { "http" };
            format!("add {scheme}://{authority} to allowed_outbound_hosts: set the Spin variable jwks_host")
        }
        error => format!("the issuer cannot be reached: {error:?}"),
    })?;
    // A redirect is refused like any other answer: it would hand the choice of keys to somebody whom the
    // configuration does not name.
    match response.get_status_code() {
        200 => {}
        status => {
            return Err(format!(
                "the issuer answered with status {status}; redirects are not followed"
            ));
        }
    }
    let response = http_from_wasi_response(response).map_err(|_| BROKEN)?;
    let body = Limited::new(response.into_body(), MAX_JWKS).collect().await;
    let body = match body {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => {
            return Err("the set of keys is larger than 1 MiB".to_owned());
        }
        Err(_) => return Err(BROKEN.to_owned()),
    };
    let text = std::str::from_utf8(&body).map_err(|_| "the set of keys is no UTF-8")?;
    KeySet::from_jwks(text).map_err(|error| format!("the set of keys {error}"))
}

const BROKEN: &str = "the issuer's answer broke off";
