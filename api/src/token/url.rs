//! Where an issuer publishes its keys.

use std::net::IpAddr;

use http::Uri;

/// The largest set of keys that is read, in bytes: far above any, far below what would hurt.
pub const MAX_JWKS: usize = 1024 * 1024;

/// Reads the URL of a JWKS: `https`, or `http` to this machine. `allow_http` allows `http` to others.
///
/// # Errors
/// The rule that is broken, as what follows a name.
pub fn jwks_url(url: &str, allow_http: bool) -> Result<Uri, &'static str> {
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

#[cfg(test)]
mod tests {
    use super::jwks_url;

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
            assert!(jwks_url(url, false).is_ok(), "{url}");
        }
        for url in [
            "http://issuer.example/jwks",
            "http://localhost.example/jwks",
            "http://127.0.0.1.example/jwks",
            "http://10.0.0.1/jwks",
            "http://0.0.0.0/jwks",
        ] {
            assert!(jwks_url(url, false).is_err(), "{url}");
            assert!(jwks_url(url, true).is_ok(), "{url}");
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
            assert!(jwks_url(url, true).is_err(), "{url}");
        }
    }
}
