//! Answers on their way out: words of the edge, or the body of the component behind it.

use bytes::Bytes;
use http::{Response, StatusCode};
use spin_sdk::{
    http::{EmptyBody, FullBody, IntoResponse},
    wasip3::{
        self,
        http::types::{self, ErrorCode, Fields},
        wit_future,
    },
};
use tollgate_api::edge::denial;

/// The body of an answer.
pub enum Body {
    /// None, as `HEAD` wants it, whatever the headers say.
    Nothing,
    /// These bytes.
    Whole(Bytes),
    /// What comes from behind, as it comes.
    Inner(types::Response),
}

/// 502: the component behind gives no answer.
pub fn unreachable() -> Response<Body> {
    let status = StatusCode::BAD_GATEWAY;
    denial::error(status, "BadGateway", "The origin cannot be reached").map(Body::Whole)
}

/// Hands an answer to the host.
///
/// # Errors
/// The host takes none of its headers.
pub fn send(answer: Response<Body>) -> Result<types::Response, ErrorCode> {
    let (head, body) = answer.into_parts();
    let inner = match body {
        Body::Nothing => return Response::from_parts(head, EmptyBody::new()).into_response(),
        Body::Whole(bytes) => {
            return Response::from_parts(head, FullBody::new(bytes)).into_response();
        }
        Body::Inner(inner) => inner,
    };
    let fields = Fields::new();
    for (name, value) in &head.headers {
        // One that the host has to itself, such as `Connection`, is nothing to break an answer for.
        let _ = fields.append(name.as_str(), value.as_bytes());
    }
    // The stream is handed over, so the bytes never come into this component.
    let (taken, whether) = wit_future::new(|| Ok(()));
    let (bytes, trailers) = types::Response::consume_body(inner, whether);
    let (response, _) = types::Response::new(fields, Some(bytes), trailers);
    let _ = response.set_status_code(head.status.as_u16());
    wasip3::spawn(async move {
        let _ = taken.write(Ok(())).await;
    });
    Ok(response)
}
