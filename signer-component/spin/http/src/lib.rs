//! The component `http.wasm`: the HTTP interface of Tollgate on Spin, in front of the gate.
//!
//! It does what the gateway does with a request, in the same order and with the same words, which are those of
//! `tollgate-api`; how it gets to clocks, keys and logs is Spin's way.

mod bindings;
mod body;
mod configuration;
mod issuer;
mod keys;
#[path = "../../ports/src/log.rs"]
mod log;
#[path = "../../ports/src/outbound.rs"]
mod outbound;
#[path = "../../ports/src/patience.rs"]
mod patience;
mod peer;
mod readiness;
#[path = "../../ports/src/recent.rs"]
mod recent;
mod record;
mod schedule;
mod service;
mod settings;
#[path = "../../ports/src/variables.rs"]
mod variables;
mod wire;

use spin_sdk::{
    http::{FullBody, Request, Response},
    http_service,
};

#[http_service]
async fn handle(request: Request) -> Response<FullBody<bytes::Bytes>> {
    let response = service::respond(request).await;
    response.map(|body| FullBody::new(bytes::Bytes::from(body)))
}
