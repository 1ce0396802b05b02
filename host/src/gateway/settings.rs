//! What the gateway is told about connections and requests, with defaults that suit most installations.

use std::time::Duration;

use tollgate_api::client::TrustedProxies;

use super::{Cors, Tls};

/// How connections are taken, kept and ended.
#[derive(Clone, Debug)]
pub struct ServerSettings {
    /// How many connections may be open at once. One more is answered 503 and closed.
    pub connections: usize,
    /// The longest request line and headers together that are read, in bytes.
    pub head_limit: usize,
    /// How long a new connection may take to its first complete request head, TLS included.
    pub first_request_timeout: Duration,
    /// How long a connection may do nothing between two requests.
    pub idle_timeout: Duration,
    /// How long readiness says no before new connections are refused, so that balancers notice first.
    pub drain_delay: Duration,
    /// How long requests that are being answered may take once the gateway is to stop.
    pub drain_timeout: Duration,
    /// Certificate and key, if the gateway speaks TLS itself.
    pub tls: Option<Tls>,
}

impl Default for ServerSettings {
    fn default() -> Self {
        Self {
            // Some 40 MiB of buffers when all of them are open.
            connections: 4096,
            // A token may have 8 KiB and a URL 8 KiB; half of the rest is for proxies.
            head_limit: 32 << 10,
            first_request_timeout: Duration::from_secs(10),
            // Longer than the minute that balancers keep a connection: whoever closes first must be them,
            // or a request meets a connection that is just going away.
            idle_timeout: Duration::from_secs(75),
            drain_delay: Duration::ZERO,
            // The thirty seconds that Kubernetes and ECS give are over after that.
            drain_timeout: Duration::from_secs(25),
            tls: None,
        }
    }
}

/// How one request is answered.
#[derive(Clone, Debug)]
pub struct RequestSettings {
    /// How long an answer may take, authentication and all.
    pub timeout: Duration,
    /// The longest body that is read, in bytes. No call of the API needs one.
    pub body_limit: usize,
    /// The proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: TrustedProxies,
    /// The web origins whose scripts may call the API.
    pub cors: Cors,
}

impl Default for RequestSettings {
    fn default() -> Self {
        Self {
            // Two waits for ports of three seconds each, and the signature, fit into it.
            timeout: Duration::from_secs(10),
            body_limit: 16 << 10,
            trusted_proxies: TrustedProxies::default(),
            cors: Cors::default(),
        }
    }
}
