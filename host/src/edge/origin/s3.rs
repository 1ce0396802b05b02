//! What is particular to S3 as a server: requests are signed, and its refusals say too much.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::body::Incoming;
use tollgate_backends::s3::{PathError, SignError, Signer, object_path};

use super::{OriginError, watched::Watched};

/// More of a refusal is not read; S3's are shorter.
const LONGEST_REFUSAL: usize = 16 << 10;

/// The path as S3 writes it, which is also what the cache knows the object by: other spellings and whatever stands
/// in a query are no other objects, and a query (`?acl`, `?versionId=…`) is no viewer's to choose.
pub(super) fn target(path: &str) -> Result<String, OriginError> {
    Ok(object_path(path)?)
}

/// The request for an object, signed. No viewer waits longer than for a silent server.
pub(super) async fn request(
    signer: &Signer,
    method: &Method,
    path: &str,
    timeout: Duration,
) -> Result<Request<Empty<Bytes>>, OriginError> {
    let signed = tokio::time::timeout(timeout, signer.sign(method, path)).await;
    let signed = signed.map_err(|_| OriginError::TimedOut)?.map_err(|error| match error {
        SignError::Path(error) => error.into(),
        other => OriginError::Unreachable(other.to_string()),
    })?;
    let mut request = Request::new(Empty::new());
    *request.method_mut() = method.clone();
    *request.uri_mut() = signed.uri;
    *request.headers_mut() = signed.headers;
    Ok(request)
}

/// Lets objects, and the news that one has not changed, pass; everything else becomes an error of the edge's own.
///
/// CloudFront hands on what S3 says, body and all. Here the status is handed on when it is about the object: 404,
/// 403, 416, or that S3 cannot now. The body is not: S3's names the bucket, and where the signature is at fault even
/// the signed headers, the session token among them. What S3 says about the set-up (no such bucket, another region,
/// credentials it does not know) is no viewer's fault, so it is 502 and a line in the log. A 403 of S3 has a code
/// that is none of the edge's own five, because the signature in the URL was right.
pub(super) async fn sift(
    response: Response<Incoming>,
    timeout: Duration,
) -> Result<Response<Incoming>, OriginError> {
    let status = response.status();
    if status.is_success() || status == StatusCode::NOT_MODIFIED {
        return Ok(response);
    }
    let (head, body) = response.into_parts();
    let text = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok());
    let code = code(body, timeout).await;
    let said =
        || format!("S3 answered {} {}", status.as_u16(), code.as_deref().unwrap_or_default());
    Err(match (status, code.as_deref()) {
        (StatusCode::NOT_FOUND, None | Some("NoSuchKey")) => OriginError::Missing,
        (StatusCode::FORBIDDEN, None | Some("AccessDenied")) => OriginError::Refused,
        (StatusCode::RANGE_NOT_SATISFIABLE, _) => {
            let length = text(header::CONTENT_RANGE.as_str()).and_then(|range| {
                range.strip_prefix("bytes */").and_then(|length| length.parse().ok())
            });
            OriginError::Unsatisfiable(length.unwrap_or_default())
        }
        _ if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
            OriginError::Failing(status)
        }
        _ => match text("x-amz-bucket-region").filter(|_| status.is_redirection()) {
            Some(region) => OriginError::Unreachable(format!(
                "{}: the bucket is in {region}",
                said().trim_end()
            )),
            None => OriginError::Unreachable(said().trim_end().to_owned()),
        },
    })
}

/// The code in the body of a refusal, as far as it is one: letters only, for the log.
async fn code(body: Incoming, timeout: Duration) -> Option<String> {
    let body = Limited::new(Watched::new(body, timeout), LONGEST_REFUSAL).collect().await.ok()?;
    let bytes = body.to_bytes();
    let text = std::str::from_utf8(&bytes).ok()?;
    let (code, _) = text.split_once("<Code>")?.1.split_once("</Code>")?;
    let plain = !code.is_empty() && code.len() <= 64;
    (plain && code.bytes().all(|byte| byte.is_ascii_alphanumeric())).then(|| code.to_owned())
}

impl From<PathError> for OriginError {
    fn from(error: PathError) -> Self {
        match error {
            PathError::NoObject => Self::Missing,
            PathError::Unclear => Self::Ambiguous,
        }
    }
}
