//! Request bodies: nobody needs one, so they are read up to a limit and forgotten.

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
    // Who waits for a go-ahead has sent nothing yet, and must not be told to go ahead.
    let waits = headers.contains_key(header::EXPECT);
    let limit = u64::try_from(limit).unwrap_or(u64::MAX);
    if waits && body.size_hint().lower() > limit {
        return Err(Denial::PayloadTooLarge);
    }
    match tokio::time::timeout(PATIENCE, read(body, limit)).await {
        Ok(outcome) => outcome,
        Err(_) => Err(invalid("did not arrive in time")),
    }
}

async fn read<B>(mut body: B, limit: u64) -> Result<(), Denial>
where
    B: Body<Data = Bytes> + Unpin,
{
    let mut too_large = body.size_hint().lower() > limit;
    let mut read = 0_u64;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| invalid("broke off or is framed wrongly"))?;
        read = read.saturating_add(frame.data_ref().map_or(0, |data| data.remaining() as u64));
        too_large |= read > limit;
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
