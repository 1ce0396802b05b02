//! What may be recorded, in whatever store: nothing that could never be asked for.

use crate::ports::{Media, PortError};

/// No time of Tollgate is later: values above are milliseconds that somebody took for seconds.
const LATEST: u64 = 9_223_372_036;

/// Checks an entitlement.
pub(crate) fn grant(
    user: &str,
    series: &str,
    status: &str,
    valid_until: Option<u64>,
) -> Result<(), PortError> {
    identifiers([("user", user), ("series", series)])?;
    if !(1..=64).contains(&status.len()) || !status.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(invalid("status", "must be one word of 1 to 64 letters"));
    }
    if valid_until.is_some_and(|time| time > LATEST) {
        return Err(invalid("valid-until", "must be in seconds, not milliseconds"));
    }
    Ok(())
}

/// Checks an episode.
pub(crate) fn episode(series: &str, episode: &str, media: &Media) -> Result<(), PortError> {
    identifiers([("series", series), ("episode", episode)])?;
    for (field, key) in [("video", &media.video), ("poster", &media.poster)] {
        let Some(key) = key else { continue };
        if !(1..=1024).contains(&key.len()) || key.chars().any(char::is_control) {
            return Err(invalid(field, "must be 1 to 1024 bytes without control characters"));
        }
        if key.starts_with('/') {
            return Err(invalid(field, "must be an object key, without a leading slash"));
        }
    }
    Ok(())
}

/// The rule of the HTTP interface for identifiers; `.` and `..` would not survive a path.
pub(crate) fn identifiers<const FIELDS: usize>(
    given: [(&str, &str); FIELDS],
) -> Result<(), PortError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._~-".contains(&byte);
    for (field, text) in given {
        let fits = (1..=128).contains(&text.len()) && text.bytes().all(allowed);
        if !fits || text == "." || text == ".." {
            let rule = "must be 1 to 128 of A-Z a-z 0-9 . _ ~ - and neither . nor ..";
            return Err(invalid(field, rule));
        }
    }
    Ok(())
}

fn invalid(field: &str, rule: &str) -> PortError {
    PortError::InvalidArgument(format!("{field} {rule}"))
}
