//! Request bodies, read up to a limit. No call of the API needs one, so those are forgotten; the explain page sends one.

use std::time::Duration;

use bytes::{Buf, Bytes};
use http::{HeaderMap, header};
use http_body_util::BodyExt;
use hyper::body::Body;
use tollgate_api::{Denial, FieldError};

/// Reads the body to its end, so that the connection can go on, or refuses it.
pub(super) async fn discard<B>(body: B, headers: &HeaderMap, limit: usize) -> Result<(), Denial>
where
    B: Body<Data = Bytes> + Unpin,
{
    take(body, headers, limit, None).await
}

/// Reads a body that is wanted, or refuses it.
pub(super) async fn collect<B>(
    body: B,
    headers: &HeaderMap,
    limit: usize,
) -> Result<Vec<u8>, Denial>
where
    B: Body<Data = Bytes> + Unpin,
{
    let mut kept = Vec::new();
    take(body, headers, limit, Some(&mut kept)).await?;
    Ok(kept)
}

async fn take<B>(
    body: B,
    headers: &HeaderMap,
    limit: usize,
    kept: Option<&mut Vec<u8>>,
) -> Result<(), Denial>
where
    B: Body<Data = Bytes> + Unpin,
{
    // Who waits for a go-ahead has sent nothing yet, and must not be told to go ahead.
    let waits = headers.contains_key(header::EXPECT);
    let limit = u64::try_from(limit).unwrap_or(u64::MAX);
    if waits && body.size_hint().lower() > limit {
        return Err(Denial::PayloadTooLarge);
    }
    match tokio::time::timeout(PATIENCE, read(body, limit, kept)).await {
        Ok(outcome) => outcome,
        Err(_) => Err(invalid("did not arrive in time")),
    }
}

async fn read<B>(mut body: B, limit: u64, mut kept: Option<&mut Vec<u8>>) -> Result<(), Denial>
where
    B: Body<Data = Bytes> + Unpin,
{
    let mut too_large = body.size_hint().lower() > limit;
    let mut read = 0_u64;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| invalid("broke off or is framed wrongly"))?;
        let data = frame.into_data().unwrap_or_default();
        read = read.saturating_add(data.remaining() as u64);
        too_large |= read > limit;
        if let Some(kept) = kept.as_mut().filter(|_| !too_large) {
            kept.extend_from_slice(&data);
        }
        // A connection closed with bytes unread is reset, and the caller may never see why; so somewhat
        // more than the limit is taken and dropped.
        if too_large && read > limit.saturating_mul(TOLERANCE) {
            break;
        }
    }
    if too_large { Err(Denial::PayloadTooLarge) } else { Ok(()) }
}

fn invalid(rule: &str) -> Denial {
    FieldError::new("body", rule).into()
}

/// How many times the limit is read before the connection is cut.
const TOLERANCE: u64 = 16;

/// How long a body may take. It is the caller who is late then, so this must be well below the deadline
/// of the request, which counts as our failure.
const PATIENCE: Duration = Duration::from_secs(2);
