//! The sockets of an installation, bound after everything else works.

use std::net::SocketAddr;

use tokio::net::TcpListener;

use super::StartError;
use crate::{
    config::GatewayTable,
    gateway::{ListenAddress, Listener, Listeners},
};

/// Where an installation listens.
#[derive(Debug)]
pub struct Sockets {
    /// For the gateway.
    pub gateway: Listeners,
    /// For the edge, if there is one.
    pub edge: Option<TcpListener>,
}

impl Sockets {
    /// Listens on every address of the configuration.
    ///
    /// # Errors
    /// An address is taken, is not of this machine, or needs more rights.
    pub async fn bind(
        gateway: &GatewayTable,
        edge: Option<SocketAddr>,
    ) -> Result<Self, StartError> {
        let public = listen("gateway.listen", &gateway.listen).await?;
        let operators = match &gateway.operators_listen {
            Some(address) => Some(listen("gateway.operators-listen", address).await?),
            None => None,
        };
        let over_unix = matches!(gateway.listen, ListenAddress::Unix { .. });
        if over_unix && !gateway.requests.trusted_proxies.trusts_unix() {
            tracing::warn!(
                "a Unix socket tells no viewer's address, and without one nothing is granted: add \"unix\" to \
                 gateway.trusted-proxies if whoever connects sets X-Forwarded-For"
            );
        }
        let edge = match edge {
            Some(address) => Some(bind("edge.listen", address).await?),
            None => None,
        };
        Ok(Self { gateway: Listeners { public, operators }, edge })
    }
}

/// Listens on one address.
pub(super) async fn bind(
    key: &'static str,
    address: SocketAddr,
) -> Result<TcpListener, StartError> {
    let listener = TcpListener::bind(address).await.map_err(|source| StartError::Listen {
        key,
        address: address.into(),
        source,
    })?;
    // Port 0 lets the system choose, so what is logged is what was given.
    let bound = listener.local_addr().unwrap_or(address);
    tracing::info!(address = %bound, key, "listening");
    Ok(listener)
}

async fn listen(key: &'static str, address: &ListenAddress) -> Result<Listener, StartError> {
    if let ListenAddress::Internet(address) = address {
        return bind(key, *address).await.map(Listener::from);
    }
    let listener = Listener::bind(address).await.map_err(|source| StartError::Listen {
        key,
        address: address.clone(),
        source,
    })?;
    tracing::info!(%address, key, "listening");
    Ok(listener)
}
