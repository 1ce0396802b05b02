//! The local edge as one configuration describes it.

use std::{future::Future, net::SocketAddr};

use tokio::net::TcpListener;

use super::{StartError, sockets, with_tls};
use crate::{
    component::{Runtime, SignerComponent},
    config::EdgeTable,
    edge::{Edge, EdgeCounters},
    gateway::{self, DrainOutcome, ServerSettings},
};

/// An edge that is ready to serve.
pub struct EdgeServer {
    edge: Edge,
    server: ServerSettings,
    listen: SocketAddr,
}

impl EdgeServer {
    /// Reads keys and certificates, and makes a verifier of each behaviour.
    ///
    /// # Errors
    /// Everything that cannot be used, at once.
    pub async fn open(table: EdgeTable, runtime: &Runtime) -> Result<Self, StartError> {
        let EdgeTable { listen, tls, server, settings } = table;
        let signer = SignerComponent::new(runtime)?;
        let server = with_tls(server, tls.as_ref(), "edge");
        let edge = Edge::open(settings, &signer).await;
        match (server, edge) {
            (Ok(server), Ok(edge)) => {
                for line in edge.summary() {
                    tracing::info!(edge = line, "configured");
                }
                let edge = edge.with_tls(server.tls.is_some());
                Ok(Self { edge, server, listen })
            }
            (server, edge) => {
                let mistakes = edge.err().unwrap_or_default();
                Err(StartError::Mistakes(mistakes.into_iter().chain(server.err()).collect()))
            }
        }
    }

    /// What it will have counted.
    pub(super) fn counters(&self) -> EdgeCounters {
        self.edge.counters()
    }

    /// Listens where the configuration says.
    ///
    /// # Errors
    /// The address cannot be listened on.
    pub async fn bind(&self) -> Result<TcpListener, StartError> {
        sockets::bind("edge.listen", self.listen).await
    }

    /// Serves until `stop` resolves and what is being answered is answered.
    pub async fn run(self, socket: TcpListener, stop: impl Future<Output = ()>) -> DrainOutcome {
        let _watch = self.server.tls.as_ref().map(gateway::Tls::watch);
        let _keys = self.edge.watch();
        gateway::serve(socket, self.edge, self.server, stop).await
    }
}
