//! The rules every store has for what it is asked to lease.

#[cfg(any(feature = "aws", feature = "embedded"))]
mod settled;

#[cfg(any(feature = "aws", feature = "embedded"))]
pub(crate) use self::settled::{settled_claim, settled_renewal};
use crate::ports::{ClaimRequest, PortError};

/// Refuses instants that make no sense. Some stores count in signed numbers, so all have that limit.
pub(crate) fn check(now: u64, expires_at: u64) -> Result<(), PortError> {
    if expires_at <= now {
        return Err(invalid("expires-at must be after now"));
    }
    if i64::try_from(expires_at).is_err() {
        return Err(invalid("expires-at is out of range"));
    }
    Ok(())
}

/// Refuses claims that no store could serve.
pub(crate) fn check_claim(request: &ClaimRequest) -> Result<(), PortError> {
    check(request.now, request.expires_at)?;
    if request.max_devices == 0 {
        return Err(invalid("max-devices must be at least 1"));
    }
    Ok(())
}

fn invalid(rule: &str) -> PortError {
    PortError::InvalidArgument(rule.to_owned())
}
