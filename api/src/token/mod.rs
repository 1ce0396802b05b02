//! Bearer tokens, checked in the order of Amazon API Gateway's JWT authoriser.
//!
//! Algorithm and `kid`, signature, `iss`, `aud`, `exp`, `nbf`, `iat`, then `sub`. Roles are read
//! here and judged by [`crate::viewer`]. The JOSE library of the ecosystem is not used: on wasm it
//! needs a JavaScript host, and two of three parts of its work would be switched off anyhow.

mod claims;
mod error;
mod header;
mod keys;
mod public_key;
mod url;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use http::{HeaderMap, header::AUTHORIZATION};

pub use claims::{Claims, DEFAULT_LEEWAY, DEFAULT_ROLES_CLAIM, TokenRules};
pub use error::TokenError;
pub use keys::{KeySet, KeySetError, SkippedKey};
pub use public_key::Algorithm;
pub use url::{MAX_JWKS, jwks_url};

/// The longest token that is read, in bytes: what common servers take as one header.
pub const MAX_TOKEN_LENGTH: usize = 8 * 1024;

/// The value of the `Authorization` header, or `None` if there is none.
///
/// # Errors
/// There is more than one, or it is no text. Which of two tokens counts is a question that proxies and servers
/// answer differently.
pub fn authorization(headers: &HeaderMap) -> Result<Option<&str>, TokenError> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| TokenError::NotBearer),
        (Some(_), Some(_)) => Err(TokenError::NotBearer),
    }
}

/// Takes the token out of an `Authorization` header: `Bearer`, one space, the token, nothing else.
pub fn bearer(header_value: &str) -> Result<&str, TokenError> {
    let (scheme, token) = header_value.split_once(' ').ok_or(TokenError::NotBearer)?;
    // RFC 9110 has schemes compared without case.
    if !scheme.eq_ignore_ascii_case("Bearer") || token.is_empty() {
        return Err(TokenError::NotBearer);
    }
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if token.bytes().all(allowed) { Ok(token) } else { Err(TokenError::NotBearer) }
}

/// Checks a token against keys and rules at the time `now`, in seconds since 1970.
pub fn check(
    token: &str,
    keys: &KeySet,
    rules: &TokenRules,
    now: u64,
) -> Result<Claims, TokenError> {
    if token.len() > MAX_TOKEN_LENGTH {
        return Err(TokenError::TooLong);
    }
    let (message, signature) = token.rsplit_once('.').ok_or(TokenError::Malformed("token"))?;
    let (header, payload) = message.split_once('.').ok_or(TokenError::Malformed("token"))?;
    let header = header::Header::parse(&decode(header, "header")?)?;
    let key = keys.choose(header.algorithm, header.kid.as_deref())?;
    let signature = decode(signature, "signature")?;
    if !key.verifies(message.as_bytes(), &signature) {
        return Err(TokenError::Signature);
    }
    // A second dot in the payload fails here, because base64url has none.
    claims::check(&decode(payload, "claims")?, rules, now)
}

fn decode(part: &str, name: &'static str) -> Result<Vec<u8>, TokenError> {
    BASE64_URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenError::Malformed(name))
}

#[cfg(test)]
mod tests;
