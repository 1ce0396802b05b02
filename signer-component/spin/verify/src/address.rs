//! Which address a policy is held against. Knows nothing of Spin.

use std::net::IpAddr;

use http::HeaderMap;
use tollgate_api::{
    client::{TrustedProxies, source_ip},
    edge::middleware::forward,
};

/// The viewer's address, or none: a policy that names one does not hold then, and every other one does.
pub fn viewer(headers: &HeaderMap, trusted: &TrustedProxies) -> Option<IpAddr> {
    // Of a call within Spin (service chaining) the peer is `0.0.0.0:0`, which is nobody's address.
    let peer = forward::peer(headers)?.to_canonical();
    let peer = Some(peer).filter(|address| !address.is_unspecified())?;
    let forwarded = headers.get_all("x-forwarded-for").iter().map(|value| value.as_bytes());
    source_ip(peer, trusted, forwarded).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_held_against_an_address_that_somebody_has() {
        for (peer, forwarded, expected) in [
            (Some("203.0.113.9:1"), None, Some("203.0.113.9")),
            (Some("203.0.113.9:1"), Some("198.51.100.1"), Some("203.0.113.9")),
            (Some("10.0.0.1:1"), Some("198.51.100.1"), Some("198.51.100.1")),
            (Some("[::ffff:203.0.113.9]:1"), None, Some("203.0.113.9")),
            (Some("0.0.0.0:0"), None, None),
            (Some("0.0.0.0:0"), Some("198.51.100.1"), None),
            (Some("[::]:0"), Some("198.51.100.1"), None),
            (Some("[::ffff:0.0.0.0]:0"), None, None),
            (None, Some("198.51.100.1"), None),
        ] {
            // Even whoever trusts everybody does not trust nobody.
            for networks in [vec!["10.0.0.0/8"], vec!["10.0.0.0/8", "0.0.0.0/32", "::/128"]] {
                let trusted = TrustedProxies::parse(networks).unwrap();
                let mut headers = HeaderMap::new();
                for (name, value) in
                    [(forward::CLIENT_ADDRESS, peer), ("x-forwarded-for", forwarded)]
                {
                    if let Some(value) = value {
                        headers.append(name, value.parse().unwrap());
                    }
                }
                let found = viewer(&headers, &trusted).map(|address| address.to_string());
                assert_eq!(found.as_deref(), expected, "{peer:?} {forwarded:?}");
            }
        }
    }
}
