//! The component `http.wasm`: the HTTP interface of Tollgate on Spin, in front of the gate.

mod bindings;

use bindings::tollgate::gate::playback;
use spin_sdk::{
    http::{FullBody, Request, Response},
    http_service,
};

#[http_service]
async fn handle(_request: Request) -> Response<FullBody<bytes::Bytes>> {
    let ready = playback::ready().await;
    Response::new(FullBody::new(bytes::Bytes::from(format!("{ready:?}"))))
}
