//! The middleware `verify.wasm`: an edge in front of any HTTP component on Spin. `signer.wasm`, plugged into it,
//! judges; what comes of the verdict is in `tollgate-api`, where the native edge has it from as well.

mod address;
mod answer;
mod bindings;
mod clock;
mod edge;
mod kept;
mod log;
#[path = "../../ports/src/patience.rs"]
mod patience;

use http::Method;
use spin_sdk::{
    http::Request,
    http_service,
    wasip3::http::types::{ErrorCode, Response},
};
use tollgate_api::edge::EXPOSED;

#[http_service]
async fn handle(request: Request) -> Result<Response, ErrorCode> {
    // No method that is admitted has a body, so nobody looks at it.
    let (head, _) = request.into_parts();
    let edge = kept::edge().await;
    let (method, headers) = (head.method.clone(), head.headers.clone());
    let mut answer = edge.answer(head).await;
    // On denials as well: a player that may not read the status cannot tell that it must refresh.
    edge.cors().allow(&headers, answer.headers_mut(), EXPOSED);
    if method == Method::HEAD {
        *answer.body_mut() = answer::Body::Nothing;
    }
    answer::send(answer)
}
