//! Times as people write them, with the formats of `aws cloudfront sign`.

use std::time::{SystemTime, UNIX_EPOCH};

use time::{
    Date, OffsetDateTime, PrimitiveDateTime,
    format_description::well_known::{Iso8601, Rfc3339},
};

/// What a time may look like, for `--help`.
pub(crate) const FORMATS: &str = "epoch seconds, YYYY-MM-DD, YYYY-MM-DDThh:mm:ss (both UTC), or with an offset \
                                  like +02:00 or Z";

/// Reads a time as epoch seconds.
pub(crate) fn parse(text: &str) -> Result<u64, String> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().map_err(|_| "is too large".to_owned());
    }
    let iso = &Iso8601::DEFAULT;
    let time = OffsetDateTime::parse(text, &Rfc3339)
        .or_else(|_| PrimitiveDateTime::parse(text, iso).map(PrimitiveDateTime::assume_utc))
        .or_else(|_| Date::parse(text, iso).map(|date| date.midnight().assume_utc()))
        .map_err(|_| format!("must be one of: {FORMATS}"))?;
    u64::try_from(time.unix_timestamp()).map_err(|_| "must not be before 1970".to_owned())
}

/// Writes epoch seconds for people.
pub(crate) fn format(epoch: u64) -> String {
    let time =
        i64::try_from(epoch).ok().and_then(|at| OffsetDateTime::from_unix_timestamp(at).ok());
    time.and_then(|time| time.format(&Rfc3339).ok()).unwrap_or_else(|| epoch.to_string())
}

/// The machine's clock.
pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_every_form_the_aws_command_line_takes() {
        for (text, epoch) in [
            ("1767290400", 1_767_290_400),
            ("2026-01-01", 1_767_225_600),
            ("2026-01-01T18:00:00", 1_767_290_400),
            ("2026-01-01T18:00:00Z", 1_767_290_400),
            ("2026-01-01T20:00:00+02:00", 1_767_290_400),
            ("2026-01-01T10:30:00-07:30", 1_767_290_400),
            ("0", 0),
        ] {
            assert_eq!(parse(text), Ok(epoch), "{text}");
        }
        for text in
            ["", "tomorrow", "-1", "1969-12-31", "2026-13-01", "1.5", "99999999999999999999"]
        {
            assert!(parse(text).is_err(), "{text}");
        }
        assert_eq!(format(1_767_290_400), "2026-01-01T18:00:00Z");
    }
}
