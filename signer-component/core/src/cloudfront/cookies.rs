//! The same signature as `Set-Cookie` headers.

use super::Signed;
use crate::error::InvalidField;

/// `SameSite` of a cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SameSite {
    /// Sent only to the site that set it.
    Strict,
    /// Sent on top-level navigation too.
    Lax,
    /// Sent everywhere; browsers demand `Secure`.
    None,
}

/// Attributes of the cookies.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct CookieAttributes {
    /// `Domain`, without which the cookies go only to the host that sets them.
    pub domain: Option<String>,
    /// `Path` prefix the cookies are sent under.
    pub path: Option<String>,
    /// `Secure`.
    pub secure: bool,
    /// `HttpOnly`.
    pub http_only: bool,
    /// `SameSite`.
    pub same_site: Option<SameSite>,
}

/// One `Set-Cookie`. `Debug` hides the value.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedCookie {
    /// Name, for example `CloudFront-Policy`.
    pub name: &'static str,
    /// Value in CloudFront's alphabet.
    pub value: String,
    /// The complete header value with its attributes.
    pub header: String,
}

impl Signed {
    /// The cookies that carry this signature.
    pub fn cookies(
        &self,
        attributes: &CookieAttributes,
    ) -> Result<Vec<SignedCookie>, InvalidField> {
        let _ = attributes;
        unimplemented!()
    }
}
