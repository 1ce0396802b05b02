//! What CloudFront says to a request it does not serve, byte for byte.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};

use crate::component::signer::DenialCode;

/// CloudFront's code and message.
pub(super) fn words(code: DenialCode) -> (&'static str, &'static str) {
    match code {
        DenialCode::MissingKey => {
            ("MissingKey", "Missing Key-Pair-Id query parameter or cookie value")
        }
        DenialCode::InvalidKey => ("InvalidKey", "Unknown Key"),
        DenialCode::MalformedSignature => ("MalformedSignature", "Could not unencode Signature"),
        DenialCode::MalformedPolicy => ("MalformedPolicy", "Malformed Policy"),
        DenialCode::AccessDenied => ("AccessDenied", "Access denied"),
    }
}

/// 403 with the body CloudFront has for this code. `reason` is for people who debug, and goes out only then.
pub(super) fn forbidden(code: DenialCode, reason: Option<&str>) -> Response<Bytes> {
    let (code, message) = words(code);
    let mut response = error(StatusCode::FORBIDDEN, code, message);
    if let Some(Ok(reason)) = reason.map(HeaderValue::from_str) {
        response.headers_mut().insert(REASON, reason);
    }
    response
}

/// Any other error, in the same form.
pub(super) fn error(status: StatusCode, code: &str, message: &str) -> Response<Bytes> {
    let body = format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><Error><Code>{code}</Code><Message>{message}</Message></Error>"#
    );
    let length = body.len();
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    // The answer to HEAD has no body to count.
    headers.insert(header::CONTENT_LENGTH, length.into());
    headers.insert(header::SERVER, HeaderValue::from_static("CloudFront"));
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/xml"));
    headers.insert(super::object::X_CACHE, HeaderValue::from_static("Error from cloudfront"));
    response
}

/// 413, after which the connection is closed.
pub(super) fn too_large() -> Response<Bytes> {
    let mut response = error(
        StatusCode::PAYLOAD_TOO_LARGE,
        "RequestTooLarge",
        "The URL may have 8,192 bytes, and the request line with all headers 20,480",
    );
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

/// Carries the finer reason, on an edge that is told to explain.
pub(super) const REASON: &str = "x-tollgate-reason";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_have_the_lengths_that_were_computed_from_cloudfronts() {
        for (code, length) in [
            (DenialCode::MissingKey, 146),
            (DenialCode::InvalidKey, 106),
            (DenialCode::MalformedSignature, 131),
            (DenialCode::MalformedPolicy, 116),
            (DenialCode::AccessDenied, 110),
        ] {
            assert_eq!(forbidden(code, None).body().len(), length, "{code:?}");
        }
    }
}
