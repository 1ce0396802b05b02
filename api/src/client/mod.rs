//! Which address a request came from, and with which player.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
};

use ipnet::IpNet;

use crate::field::FieldError;

/// The other end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Peer {
    /// A program that has an address.
    Internet(IpAddr),
    /// A program on this machine that came through a Unix socket, which tells no address.
    Unix,
}

impl From<IpAddr> for Peer {
    fn from(address: IpAddr) -> Self {
        Self::Internet(address)
    }
}

impl From<SocketAddr> for Peer {
    fn from(address: SocketAddr) -> Self {
        Self::Internet(address.ip())
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Internet(address) => address.fmt(formatter),
            Self::Unix => UNIX.fmt(formatter),
        }
    }
}

/// How a Unix socket is called where addresses are expected.
const UNIX: &str = "unix";

/// The proxies whose `X-Forwarded-For` is believed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies {
    networks: Vec<IpNet>,
    unix: bool,
}

impl TrustedProxies {
    /// Reads networks (`10.0.0.0/8`), single addresses (`10.0.0.1`), and `unix` for whoever comes through a Unix
    /// socket. All mistakes are reported.
    pub fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, Vec<FieldError>> {
        let mut networks = Vec::new();
        let mut unix = false;
        let mut errors = Vec::new();
        for text in texts {
            if text == UNIX {
                unix = true;
                continue;
            }
            match text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from)) {
                Ok(network) => networks.push(network),
                Err(_) => {
                    let rule = format!("must hold networks or addresses, and {text:?} is neither");
                    errors.push(FieldError::new("trusted-proxies", rule));
                }
            }
        }
        if errors.is_empty() { Ok(Self { networks, unix }) } else { Err(errors) }
    }

    /// Whether whoever comes through a Unix socket is believed.
    pub fn trusts_unix(&self) -> bool {
        self.unix
    }

    fn contains(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(&address))
    }
}

/// Decides where a request came from: the peer, or the right-most entry of `X-Forwarded-For` that is
/// no trusted proxy, if the peer is one.
///
/// `forwarded` are the values of all `X-Forwarded-For` headers in the order they were sent. What
/// stands left of the deciding entry was written by somebody untrusted and is not even read. An
/// entry that is no address, or no entry at all behind a proxy, means that nobody knows the
/// address: falling back to the proxy's would make one device of everybody behind it. A Unix socket has no
/// address to fall back to: unless its peer is trusted, nobody knows it either.
pub fn source_ip<'a>(
    peer: impl Into<Peer>,
    trusted: &TrustedProxies,
    forwarded: impl DoubleEndedIterator<Item = &'a [u8]>,
) -> Result<IpAddr, FieldError> {
    match peer.into() {
        Peer::Internet(peer) => {
            let peer = peer.to_canonical();
            if !trusted.contains(peer) {
                return Ok(peer);
            }
        }
        Peer::Unix if trusted.unix => {}
        Peer::Unix => {
            let rule = "is not believed on this socket, which tells no address by itself";
            return Err(FieldError::new(HEADER, rule));
        }
    }
    for entry in forwarded.rev().flat_map(|value| value.rsplit(|byte| *byte == b',')) {
        let address = std::str::from_utf8(entry).ok().and_then(|text| address(text.trim()));
        let Some(address) = address else {
            return Err(FieldError::new(HEADER, "holds an entry that is no IP address"));
        };
        if !trusted.contains(address) {
            return Ok(address);
        }
    }
    Err(FieldError::new(HEADER, "must name the viewer's address behind a trusted proxy"))
}

/// The player as it names itself, exactly as sent; an empty name is none.
///
/// Bytes that are no UTF-8 are read as Latin-1, so that no byte is lost.
pub fn user_agent(value: &[u8]) -> Option<String> {
    let text = match std::str::from_utf8(value) {
        Ok(text) => text.to_owned(),
        Err(_) => value.iter().copied().map(char::from).collect(),
    };
    Some(text).filter(|text| !text.is_empty())
}

/// Reads `1.2.3.4`, `1.2.3.4:80`, `2001:db8::1`, `[2001:db8::1]` and `[2001:db8::1]:443`.
fn address(text: &str) -> Option<IpAddr> {
    let bracketed =
        || text.strip_prefix('[')?.strip_suffix(']')?.parse::<std::net::Ipv6Addr>().ok();
    let socket = || text.parse::<SocketAddr>().ok().map(|socket| socket.ip());
    let address = text.parse().ok().or_else(socket).or_else(|| bracketed().map(IpAddr::V6))?;
    Some(address.to_canonical())
}

const HEADER: &str = "X-Forwarded-For";

#[cfg(test)]
mod tests;
