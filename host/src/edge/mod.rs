//! Stand-in.
use crate::{component::SignerComponent, gateway::Serve, telemetry::InFlight};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use std::net::SocketAddr;
use tollgate_backends::section::{Mistake, Section};
#[derive(Debug)]
/// x
pub struct EdgeSettings;
impl EdgeSettings {
    /// x
    pub fn take(_: &mut Section) -> Self {
        Self
    }
}
#[derive(Clone)]
/// x
pub struct Edge;
impl Edge {
    /// x
    pub fn open(_: EdgeSettings, _: &SignerComponent) -> Result<Self, Vec<Mistake>> {
        Ok(Self)
    }
    /// x
    pub fn summary(&self) -> Vec<String> {
        vec![]
    }
    /// x
    pub fn with_tls(self, _: bool) -> Self {
        self
    }
}
impl Serve for Edge {
    type Body = Full<Bytes>;
    async fn serve(&self, _: Request<Incoming>, _: SocketAddr) -> Response<Self::Body> {
        Response::default()
    }
    fn connected(&self) -> InFlight {
        unimplemented!()
    }
}
