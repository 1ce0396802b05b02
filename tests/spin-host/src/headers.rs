//! What the host adds to a request before a component sees it.

use std::net::SocketAddr;

use http::{HeaderName, HeaderValue, Request, header};

/// The route that every request takes here.
const ROUTE: &str = "/...";

/// Adds what Spin adds, after what the client sent under the same names: a component must read the last value. Takes
/// away what is between the client and this host only. An error means a request that Spin answers with 500 as well.
pub(crate) fn prepare<B>(request: &mut Request<B>, peer: SocketAddr) -> Result<(), &'static str> {
    let headers = request.headers_mut();
    headers.remove(header::CONNECTION);
    if headers.values().any(|value| std::str::from_utf8(value.as_bytes()).is_err()) {
        return Err("a header that is no UTF-8");
    }
    let host =
        headers.get(header::HOST).ok_or("no Host")?.to_str().map_err(|_| "a strange Host")?;
    let host = host.to_owned();
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let address = format!("http://{host}{path}");
    let below = request.uri().path().to_owned();
    *request.uri_mut() = address.parse().map_err(|_| "a strange Host")?;
    for (name, value) in [
        ("spin-path-info", below.as_str()),
        ("spin-full-url", &address),
        ("spin-matched-route", ROUTE),
        ("spin-base-path", "/"),
        ("spin-raw-component-route", ROUTE),
        ("spin-component-route", ""),
        ("spin-client-addr", &peer.to_string()),
    ] {
        let value = HeaderValue::from_str(value).map_err(|_| "a strange path")?;
        request.headers_mut().append(HeaderName::from_static(name), value);
    }
    Ok(())
}
