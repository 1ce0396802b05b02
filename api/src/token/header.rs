//! The JOSE header of a token.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::error::TokenError;
use super::public_key::Algorithm;

/// What is read of the header. Keys it may bring along (`jwk`, `jku`, `x5c`, `x5u`) are never looked at.
pub(super) struct Header {
    pub(super) algorithm: Algorithm,
    pub(super) kid: Option<String>,
}

#[derive(Deserialize)]
struct RawHeader {
    alg: String,
    #[serde(default)]
    kid: Option<String>,
    #[serde(default, deserialize_with = "present")]
    crit: bool,
}

impl Header {
    pub(super) fn parse(json: &[u8]) -> Result<Self, TokenError> {
        let raw: RawHeader =
            serde_json::from_slice(json).map_err(|_| TokenError::Malformed("header"))?;
        let algorithm = Algorithm::from_name(&raw.alg).ok_or(TokenError::Algorithm)?;
        if raw.crit {
            return Err(TokenError::Critical);
        }
        if raw.kid.as_ref().is_some_and(|kid| kid.len() > MAX_KID_LENGTH) {
            return Err(TokenError::Malformed("kid"));
        }
        Ok(Self { algorithm, kid: raw.kid })
    }
}

/// `crit` counts whatever it holds: even an empty or broken one asks for what is not done here.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    IgnoredAny::deserialize(deserializer).map(|_| true)
}

/// Longer than any thumbprint, short enough to be kept with an error.
const MAX_KID_LENGTH: usize = 256;
