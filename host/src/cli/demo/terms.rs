//! What of the demo can be chosen: the rules it plays by, and the names its servers are reached by.

use std::{fmt, net::SocketAddr, path::PathBuf};

use crate::cli::Failure;

/// Rules and names.
#[derive(Debug, clap::Args)]
#[group(skip)]
pub(super) struct Terms {
    /// How long a signature holds. It is then exactly as long: the expiry is not rounded up
    #[arg(long, value_name = "SECONDS")]
    pub(super) ttl: Option<u64>,
    /// How long the place of a device lives without a heartbeat
    #[arg(long, value_name = "SECONDS")]
    pub(super) device_lease: Option<u64>,
    /// What becomes of one device too many: it is refused, or takes the place of the one seen longest ago
    #[arg(long, value_name = "RULE", value_parser = ["block-new", "evict-oldest"], conflicts_with = "check")]
    pub(super) on_limit: Option<String>,
    /// How signatures travel, unless a request says otherwise
    #[arg(long, value_name = "WAY", value_parser = ["url", "cookies", "playlist"], conflicts_with = "check")]
    pub(super) delivery: Option<String>,
    /// The name viewers reach the gateway by, like app.tollgate.localhost. It listens on 127.0.0.1 all the same
    #[arg(long, value_name = "NAME", requires = "edge_host")]
    host: Option<String>,
    /// The name viewers reach the edge by, like media.tollgate.localhost. Cookies are then for the domain that both
    /// names share
    #[arg(long, value_name = "NAME", requires = "host")]
    edge_host: Option<String>,
    /// The file hls.min.js of hls.js, for the player page; without it the page plays what the browser plays by itself.
    /// `scripts/setup-player` fetches it
    #[arg(long, value_name = "FILE")]
    pub(super) hls_js: Option<PathBuf>,
}

/// Where viewers find the gateway and the edge: host and port.
#[derive(Clone, Debug)]
pub(super) struct Names {
    pub(super) gateway: String,
    pub(super) edge: String,
    /// What the cookies of the gateway are for; none when both have one name.
    pub(super) cookie_domain: Option<String>,
}

impl Terms {
    /// The names of two servers that listen there.
    pub(super) fn names(&self, gateway: SocketAddr, edge: SocketAddr) -> Result<Names, Failure> {
        let (Some(host), Some(edge_host)) = (&self.host, &self.edge_host) else {
            let (gateway, edge) = (gateway.to_string(), edge.to_string());
            return Ok(Names { gateway, edge, cookie_domain: None });
        };
        for (flag, name) in [("host", host), ("edge-host", edge_host)] {
            if !is_name(name) {
                let rule = "must be a host name in lower case, without a port";
                return Err(Failure::argument(flag, rule));
            }
        }
        let cookie_domain = if host == edge_host {
            None
        } else {
            let rule = "must share a domain of two labels or more with --host, or cookies cannot be for both";
            Some(shared(host, edge_host).ok_or_else(|| Failure::argument("edge-host", rule))?)
        };
        Ok(Names {
            gateway: format!("{host}:{}", gateway.port()),
            edge: format!("{edge_host}:{}", edge.port()),
            cookie_domain,
        })
    }
}

/// Labels of letters, digits and hyphens: what can be a host, a web origin and the domain of a cookie alike.
fn is_name(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    text.split('.').all(|label| !label.is_empty() && label.bytes().all(allowed))
}

/// The longest domain that both names are in.
fn shared(one: &str, other: &str) -> Option<String> {
    let pairs = one.rsplit('.').zip(other.rsplit('.'));
    let mut labels: Vec<&str> =
        pairs.take_while(|(one, other)| one == other).map(|(label, _)| label).collect();
    labels.reverse();
    (labels.len() >= 2).then(|| labels.join("."))
}

/// A line of TOML, if there is something to say.
pub(super) fn line(key: &str, value: Option<impl fmt::Display>) -> String {
    value.map(|value| format!("{key} = {value}\n")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_for_what_both_names_share() {
        for (one, other, domain) in [
            ("app.tollgate.localhost", "media.tollgate.localhost", Some("tollgate.localhost")),
            ("tollgate.localhost", "media.tollgate.localhost", Some("tollgate.localhost")),
            ("a.b.tollgate.localhost", "c.b.tollgate.localhost", Some("b.tollgate.localhost")),
            ("app.localhost", "media.localhost", None),
            ("xa.localhost", "a.localhost", None),
        ] {
            assert_eq!(shared(one, other).as_deref(), domain, "{one} {other}");
        }
        for name in ["", "a..b", "A.b", "a:80", "a_b.c", "a/b", "a b"] {
            assert!(!is_name(name), "{name}");
        }
    }
}
