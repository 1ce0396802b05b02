//! Fields of a request: identifiers that cannot leave their path segment, and the rule a field broke.

use std::fmt;

use serde::Serialize;

/// A field of the request that breaks a rule, named so that the caller can mend it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{field} {rule}")]
pub struct FieldError {
    /// The field as the caller knows it, for example `userId`.
    pub field: String,
    /// The rule that was broken, without a final period.
    pub rule: String,
}

impl FieldError {
    /// Says that `field` breaks `rule`.
    pub fn new(field: impl Into<String>, rule: impl Into<String>) -> Self {
        Self { field: field.into(), rule: rule.into() }
    }
}

/// An identifier: 1 to 128 of `A-Z a-z 0-9 . _ ~ -`, and neither `.` nor `..`.
///
/// Such a text means the same in a path segment, a JSON string and an object key, so nothing
/// downstream has to escape it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Id(String);

impl Id {
    /// Takes a decoded text, or says which rule `field` breaks.
    pub fn parse(field: &str, text: &str) -> Result<Self, FieldError> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._~-".contains(&byte);
        let fits = (1..=MAX_LENGTH).contains(&text.len()) && text.bytes().all(allowed);
        if !fits || text == "." || text == ".." {
            return Err(FieldError::new(field, RULE));
        }
        Ok(Self(text.to_owned()))
    }

    /// The identifier as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The identifier as an owned text.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Display for Id {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Longer than any UUID, ULID or slug, and short enough for eight of them in a URL.
const MAX_LENGTH: usize = 128;

const RULE: &str = "must be 1 to 128 of A-Z a-z 0-9 . _ ~ - and neither . nor ..";

#[cfg(test)]
mod tests {
    use super::Id;

    #[test]
    fn takes_unreserved_characters_only() {
        let longest = "a".repeat(128);
        for good in ["a", "A-z_0.9~", "...", "-", longest.as_str()] {
            assert_eq!(Id::parse("userId", good).expect(good).as_str(), good);
        }
        let too_long = "a".repeat(129);
        for bad in
            ["", ".", "..", "a/b", "a b", "a%2Fb", "ä", "\0", "a\"", "*", "?", too_long.as_str()]
        {
            let error = Id::parse("userId", bad).expect_err(bad);
            assert_eq!(error.field, "userId", "{bad:?}");
        }
    }
}
