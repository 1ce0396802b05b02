//! Identifiers that can stand in a path segment and in a JSON string without any escape.

use crate::error::InvalidField;

/// 1 to 128 of `A-Z a-z 0-9 . _ ~ -`, and neither `.` nor `..`, which a path would swallow.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Id(String);

impl Id {
    /// Checks the form; `field` names where the text came from.
    pub fn new(field: &str, text: &str) -> Result<Self, InvalidField> {
        let plain =
            text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._~-".contains(&byte));
        if !plain || !(1..=128).contains(&text.len()) || text == "." || text == ".." {
            return Err(InvalidField::new(
                field,
                "must be 1 to 128 of A-Z a-z 0-9 . _ ~ - and not a dot segment",
            ));
        }
        Ok(Self(text.to_owned()))
    }

    /// The identifier as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
