//! The id under which CloudFront knows a public key.

use crate::error::InvalidField;

/// CloudFront's id of a public key: 1 to 128 ASCII letters and digits, for example `K2JCJMDEHXQW5F`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyPairId(String);

impl KeyPairId {
    /// Checks the form.
    pub fn new(text: &str) -> Result<Self, InvalidField> {
        let right = (1..=128).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !right {
            return Err(InvalidField::new(
                "key-pair-id",
                "must be 1 to 128 ASCII letters and digits",
            ));
        }
        Ok(Self(text.to_owned()))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
