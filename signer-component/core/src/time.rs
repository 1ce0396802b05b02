//! Time as an argument: whole seconds since 1970-01-01 UTC.

use std::fmt;

use crate::error::InvalidField;

/// Seconds since 1970-01-01T00:00:00Z, at most [`EpochSeconds::MAX`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EpochSeconds(u64);

impl EpochSeconds {
    /// The latest time CloudFront is known to accept. Milliseconds given as seconds lie above it.
    pub const MAX: u64 = 9_223_372_036;

    /// Takes seconds, refusing values above [`EpochSeconds::MAX`]; `field` names where they came from.
    pub fn new(field: &str, seconds: u64) -> Result<Self, InvalidField> {
        if seconds > Self::MAX {
            return Err(InvalidField::new(
                field,
                format!(
                    "must be seconds since 1970, at most {}; this looks like milliseconds",
                    Self::MAX
                ),
            ));
        }
        Ok(Self(seconds))
    }

    /// The number of seconds.
    pub fn seconds(self) -> u64 {
        self.0
    }

    /// This time and some seconds, no later than [`EpochSeconds::MAX`].
    pub fn plus(self, seconds: u64) -> Self {
        Self(self.0.saturating_add(seconds).min(Self::MAX))
    }
}

impl fmt::Display for EpochSeconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
