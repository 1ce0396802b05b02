//! What CloudFront says to a request it does not serve, byte for byte.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};

/// CloudFront's codes for a request whose signature it does not take, always with status 403.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DenialCode {
    /// No key pair id.
    MissingKey,
    /// A key pair id outside the trusted groups.
    InvalidKey,
    /// A signature that cannot be decoded.
    MalformedSignature,
    /// A policy or expiry that cannot be read.
    MalformedPolicy,
    /// Wrong signature, wrong resource, wrong time or wrong address.
    AccessDenied,
}

impl DenialCode {
    /// CloudFront's code and message.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::MissingKey => {
                ("MissingKey", "Missing Key-Pair-Id query parameter or cookie value")
            }
            Self::InvalidKey => ("InvalidKey", "Unknown Key"),
            Self::MalformedSignature => ("MalformedSignature", "Could not unencode Signature"),
            Self::MalformedPolicy => ("MalformedPolicy", "Malformed Policy"),
            Self::AccessDenied => ("AccessDenied", "Access denied"),
        }
    }
}

/// 403 with the body CloudFront has for this code. `reason` is for people who debug, and goes out only then.
pub fn forbidden(code: DenialCode, reason: Option<&str>) -> Response<Bytes> {
    let (code, message) = code.words();
    let mut response = error(StatusCode::FORBIDDEN, code, message);
    if let Some(Ok(reason)) = reason.map(HeaderValue::from_str) {
        response.headers_mut().insert(REASON, reason);
    }
    response
}

/// Any other error, in the same form.
pub fn error(status: StatusCode, code: &str, message: &str) -> Response<Bytes> {
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
    headers.insert(X_CACHE, HeaderValue::from_static("Error from cloudfront"));
    response
}

/// 400: the request cannot be understood in one way only.
pub fn invalid(message: &str) -> Response<Bytes> {
    error(StatusCode::BAD_REQUEST, "InvalidRequest", message)
}

/// 400: somebody behind the edge may resolve this path to another one than was signed.
pub fn ambiguous() -> Response<Bytes> {
    invalid("The path can be understood in more than one way")
}

/// 404, in the words of S3.
pub fn missing() -> Response<Bytes> {
    error(StatusCode::NOT_FOUND, "NoSuchKey", "The specified key does not exist.")
}

/// 405.
pub fn method_not_allowed() -> Response<Bytes> {
    let message = "Only GET, HEAD and OPTIONS are served";
    let mut response = error(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", message);
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(super::METHODS));
    response
}

/// 413. Whoever sends it closes the connection.
pub fn too_large() -> Response<Bytes> {
    error(
        StatusCode::PAYLOAD_TOO_LARGE,
        "RequestTooLarge",
        "The URL may have 8,192 bytes, and the request line with all headers 20,480",
    )
}

/// 416, with the length that ranges must keep to.
pub fn unsatisfiable(length: u64) -> Response<Bytes> {
    let message = "The requested range is not satisfiable";
    let mut response = error(StatusCode::RANGE_NOT_SATISFIABLE, "InvalidRange", message);
    if let Ok(value) = HeaderValue::from_str(&format!("bytes */{length}")) {
        response.headers_mut().insert(header::CONTENT_RANGE, value);
    }
    response
}

/// How CloudFront says where an answer came from.
pub const X_CACHE: HeaderName = HeaderName::from_static("x-cache");

/// Carries the finer reason, on an edge that is told to explain.
pub const REASON: &str = "x-tollgate-reason";

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
