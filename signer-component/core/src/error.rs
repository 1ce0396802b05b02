//! The one shape in which the core refuses a value.

use std::borrow::Cow;

/// A value that breaks a rule, named so that a person can mend it.
///
/// Never holds a secret: neither key material nor a signature nor a token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {rule}")]
pub struct InvalidField {
    /// The field as the caller knows it, for example `url` or `policy.ttl`.
    pub field: String,
    /// The rule that was broken, as a sentence without a final period.
    pub rule: Cow<'static, str>,
}

impl InvalidField {
    /// Names a field and the rule it breaks.
    pub fn new(field: impl Into<String>, rule: impl Into<Cow<'static, str>>) -> Self {
        Self { field: field.into(), rule: rule.into() }
    }
}
