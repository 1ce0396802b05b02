//! Why a token is refused. None of it repeats the token.

/// Why a token is refused. The text is fit for the viewer: it names the part, never its content.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// There is no `Authorization` header.
    #[error("a bearer token is required")]
    Missing,
    /// The header is something else than one bearer token.
    #[error("the Authorization header must be Bearer, one space and a token")]
    NotBearer,
    /// The token is longer than [`super::MAX_TOKEN_LENGTH`].
    #[error("the token is longer than 8 KiB")]
    TooLong,
    /// A part of the token cannot be read.
    #[error("the {0} of the token cannot be read")]
    Malformed(&'static str),
    /// The algorithm is not RS256, ES256 or EdDSA, or the named key is for another one.
    #[error("the algorithm of the token is not allowed")]
    Algorithm,
    /// The header demands an extension that nobody here understands.
    #[error("the token demands an extension that is not supported")]
    Critical,
    /// No trusted key has this `kid`; newer keys may.
    #[error("the token is signed with a key that is not trusted")]
    UnknownKey(String),
    /// There is no `kid`, and not exactly one trusted key that fits.
    #[error("the token does not say which key it is signed with")]
    KeyNotNamed,
    /// The signature does not hold.
    #[error("the signature of the token does not hold")]
    Signature,
    /// A claim is missing or says something that is not accepted.
    #[error("the claim {name} {rule}")]
    Claim {
        /// The claim, for example `exp`.
        name: &'static str,
        /// The rule it breaks.
        rule: &'static str,
    },
}

impl TokenError {
    /// Short stable name of the case, for metrics and logs.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::NotBearer => "not-bearer",
            Self::TooLong => "too-long",
            Self::Malformed(_) => "malformed",
            Self::Algorithm => "algorithm",
            Self::Critical => "critical",
            Self::UnknownKey(_) => "unknown-key",
            Self::KeyNotNamed => "key-not-named",
            Self::Signature => "signature",
            Self::Claim { name, .. } => name,
        }
    }
}
