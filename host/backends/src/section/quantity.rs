//! Numbers with a unit, as people write them in a configuration.

/// A kind of quantity and the units it may be written in.
pub(super) struct Kind {
    /// Completes "must be …".
    pub expected: &'static str,
    /// Follows a bare number in a message.
    pub unit: &'static str,
    units: &'static [(&'static str, u64)],
}

/// Whole seconds.
pub(super) const DURATION: Kind = Kind {
    expected: "a duration such as 900, \"90s\", \"15m\" or \"1h\"",
    unit: " seconds",
    units: &[("", 1), ("s", 1), ("m", 60), ("h", 3_600), ("d", 86_400)],
};

/// Bytes.
pub(super) const SIZE: Kind = Kind {
    expected: "a size such as 1048576, \"64MiB\" or \"500kB\"",
    unit: " bytes",
    units: &[
        ("", 1),
        ("B", 1),
        ("kB", 1_000),
        ("MB", 1_000_000),
        ("GB", 1_000_000_000),
        ("KiB", 1 << 10),
        ("MiB", 1 << 20),
        ("GiB", 1 << 30),
    ],
};

impl Kind {
    /// Reads `text`; the inner `None` is a number too large to count.
    pub(super) fn parse(&self, text: &str) -> Result<Option<u64>, ()> {
        let text = text.trim();
        let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (digits, unit) = text.split_at_checked(end).ok_or(())?;
        if digits.is_empty() {
            return Err(());
        }
        let unit = unit.trim_start();
        let (_, factor) = self.units.iter().find(|(name, _)| *name == unit).ok_or(())?;
        Ok(digits.parse::<u64>().ok().and_then(|number| number.checked_mul(*factor)))
    }
}
