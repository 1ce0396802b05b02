//! The sockets of an installation, bound after everything else works.

use std::net::SocketAddr;

use tokio::net::TcpListener;

use super::StartError;
use crate::{config::GatewayTable, gateway::Listeners};

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
        let public = bind("gateway.listen", gateway.listen).await?;
        let operators = match gateway.operators_listen {
            Some(address) => Some(bind("gateway.operators-listen", address).await?),
            None => None,
        };
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
        address,
        source,
    })?;
    // Port 0 lets the system choose, so what is logged is what was given.
    let bound = listener.local_addr().unwrap_or(address);
    tracing::info!(address = %bound, key, "listening");
    Ok(listener)
}
