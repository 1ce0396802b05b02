//! Request bodies: nobody needs one, so they are read up to a limit and forgotten.

use std::time::Duration;

use http_body_util::BodyExt as _;
use spin_sdk::wasip3::http_compat::IncomingRequestBody;
use tollgate_api::{Denial, FieldError};

use crate::patience::within;

/// The longest body that is read, in bytes, as the gateway's.
const LIMIT: usize = 16 << 10;

/// How long a body may take. It is the caller who is late then, so this must be well below the deadline of the
/// request, which counts as our failure.
const PATIENCE: Duration = Duration::from_secs(2);

/// Reads the body to its end, or refuses it.
pub(crate) async fn discard(body: IncomingRequestBody) -> Result<(), Denial> {
    let read = within(PATIENCE, read(body)).await;
    read.unwrap_or_else(|| Err(invalid("did not arrive in time")))
}

async fn read(mut body: IncomingRequestBody) -> Result<(), Denial> {
    let mut read = 0_usize;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| invalid("broke off or is framed wrongly"))?;
        read = read.saturating_add(frame.data_ref().map_or(0, bytes::Bytes::len));
        if read > LIMIT {
            return Err(Denial::PayloadTooLarge);
        }
    }
    Ok(())
}

fn invalid(rule: &str) -> Denial {
    FieldError::new("body", rule).into()
}
