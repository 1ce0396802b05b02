//! Where a request came from. Knows nothing of Spin but the name of a header.

use std::net::{IpAddr, SocketAddr};

use http::HeaderMap;
use tollgate_api::{
    FieldError,
    client::{TrustedProxies, source_ip},
};

/// The header in which Spin names its peer. Spin adds it after those that the peer sent, so the last one is Spin's.
const PEER: &str = "spin-client-addr";

/// The peer, or nobody if Spin does not say: of a call within Spin (service chaining) it says `0.0.0.0:0`.
pub(crate) fn peer(headers: &HeaderMap) -> Option<IpAddr> {
    let text = headers.get_all(PEER).iter().next_back()?.to_str().ok()?;
    let address = text.parse().map(|socket: SocketAddr| socket.ip()).or_else(|_| text.parse());
    address.ok().map(|address| address.to_canonical()).filter(|address| !address.is_unspecified())
}

/// The viewer's address, as the gateway decides it.
pub(crate) fn source(
    peer: Option<IpAddr>,
    headers: &HeaderMap,
    trusted: &TrustedProxies,
) -> Result<IpAddr, FieldError> {
    let peer = peer.ok_or_else(|| FieldError::new(PEER, "must name the peer"))?;
    let forwarded = headers.get_all("x-forwarded-for").iter().map(|value| value.as_bytes());
    source_ip(peer, trusted, forwarded)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(list: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in list {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn a_peer_cannot_name_itself() {
        for (sent, expected) in [
            (vec!["203.0.113.9:1"], Some("203.0.113.9")),
            (vec!["198.51.100.1:1", "203.0.113.9:1"], Some("203.0.113.9")),
            (vec!["198.51.100.1:1", "nonsense"], None),
            (vec!["[::ffff:203.0.113.9]:1"], Some("203.0.113.9")),
            (vec!["[2001:db8::1]:1"], Some("2001:db8::1")),
            (vec!["2001:db8::1"], Some("2001:db8::1")),
            (vec!["198.51.100.1:1", "0.0.0.0:0"], None),
            (vec!["0.0.0.0"], None),
            (vec!["[::]:0"], None),
            (vec!["::"], None),
            (vec!["[::ffff:0.0.0.0]:0"], None),
            (vec![], None),
        ] {
            let list: Vec<_> = sent.iter().map(|value| (PEER, *value)).collect();
            let found = peer(&headers(&list)).map(|address| address.to_string());
            assert_eq!(found.as_deref(), expected, "{sent:?}");
        }
    }

    #[test]
    fn proxies_are_believed_as_by_the_gateway() {
        let trusted = TrustedProxies::parse(["10.0.0.0/8"]).unwrap();
        let list = headers(&[(PEER, "10.0.0.1:1"), ("x-forwarded-for", "1.1.1.1, 203.0.113.9")]);
        let found = source(peer(&list), &list, &trusted).unwrap();
        assert_eq!(found.to_string(), "203.0.113.9");
        let found = source(peer(&list), &list, &TrustedProxies::default()).unwrap();
        assert_eq!(found.to_string(), "10.0.0.1");
        assert!(source(None, &list, &trusted).is_err());
    }
}
