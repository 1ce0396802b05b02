//! What `OPTIONS` is answered, without asking for any object.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header, request::Parts};

use super::{EXPOSED, METHODS, PREFLIGHT_HEADERS};
use crate::cors::Cors;

/// 204 with what may be done, and with what a preflight asks for. Whatever every answer carries is not in it yet.
pub fn options(cors: &Cors, head: &Parts) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    headers.insert(header::ALLOW, HeaderValue::from_static(METHODS));
    if cors.is_preflight(&head.method, &head.headers) {
        cors.allow(&head.headers, headers, EXPOSED);
        Cors::allow_preflight(headers, METHODS, PREFLIGHT_HEADERS);
        // Every answer gets it.
        headers.remove(header::VARY);
    }
    response
}
