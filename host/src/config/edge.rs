//! `[edge]`: where the local edge listens; the rest of the table is the edge's own.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use tollgate_backends::section::Section;

use super::{
    TlsFiles,
    gateway::{address, server, tls},
};
use crate::{edge::EdgeSettings, gateway::ServerSettings};

/// `[edge]`.
#[derive(Debug)]
pub struct EdgeTable {
    /// For viewers.
    pub listen: SocketAddr,
    /// Certificate and key, if the edge speaks TLS itself.
    pub tls: Option<TlsFiles>,
    /// Connections. Its `tls` is still empty.
    pub server: ServerSettings,
    /// Key groups, origins, behaviours, cache.
    pub settings: EdgeSettings,
}

impl EdgeTable {
    pub(super) fn take(root: &mut Section) -> Option<Self> {
        let mut section = root.section("edge")?;
        let table = Self {
            listen: address(&mut section, "listen").unwrap_or(DEFAULT_LISTEN),
            tls: tls(&mut section),
            server: server(&mut section),
            settings: EdgeSettings::take(&mut section),
        };
        root.absorb(section);
        Some(table)
    }
}

/// On this machine only, until somebody decides otherwise.
const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8081);
