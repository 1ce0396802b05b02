//! The same signature as `Set-Cookie` headers.

use std::fmt;

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

/// Attributes of the cookies. There is no `Expires`: they live as long as the browser's session, the signature shorter.
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

impl CookieAttributes {
    pub(crate) fn validate(&self) -> Result<(), InvalidField> {
        if let Some(domain) = &self.domain {
            let bare = domain.strip_prefix('.').unwrap_or(domain);
            let labels = bare.split('.').all(|label| {
                !label.is_empty()
                    && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            });
            if !labels {
                return Err(InvalidField::new("domain", "must be a host name"));
            }
            if bare.eq_ignore_ascii_case("cloudfront.net") {
                return Err(InvalidField::new(
                    "domain",
                    "covers every distribution; browsers refuse it",
                ));
            }
        }
        if let Some(path) = &self.path {
            let plain = path.starts_with('/')
                && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b';');
            if !plain {
                return Err(InvalidField::new(
                    "path",
                    "must begin with / and hold no space, semicolon or control character",
                ));
            }
        }
        if self.same_site == Some(SameSite::None) && !self.secure {
            return Err(InvalidField::new(
                "same-site",
                "None needs Secure, or browsers refuse the cookie",
            ));
        }
        Ok(())
    }

    fn suffix(&self) -> String {
        let mut suffix = String::new();
        if let Some(domain) = &self.domain {
            suffix.push_str(&format!("; Domain={domain}"));
        }
        if let Some(path) = &self.path {
            suffix.push_str(&format!("; Path={path}"));
        }
        if self.secure {
            suffix.push_str("; Secure");
        }
        if self.http_only {
            suffix.push_str("; HttpOnly");
        }
        suffix.push_str(match self.same_site {
            None => "",
            Some(SameSite::Strict) => "; SameSite=Strict",
            Some(SameSite::Lax) => "; SameSite=Lax",
            Some(SameSite::None) => "; SameSite=None",
        });
        suffix
    }
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

impl fmt::Debug for SignedCookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedCookie").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Signed {
    /// The cookies that carry this signature, in CloudFront's order.
    pub fn cookies(
        &self,
        attributes: &CookieAttributes,
    ) -> Result<Vec<SignedCookie>, InvalidField> {
        attributes.validate()?;
        let suffix = attributes.suffix();
        let cookie = |(parameter, value): &(&'static str, String)| {
            let name = match *parameter {
                "Policy" => "CloudFront-Policy",
                "Expires" => "CloudFront-Expires",
                "Signature" => "CloudFront-Signature",
                "Key-Pair-Id" => "CloudFront-Key-Pair-Id",
                _ => "CloudFront-Hash-Algorithm",
            };
            let header = format!("{name}={value}{suffix}");
            SignedCookie { name, value: value.clone(), header }
        };
        Ok(self.query().iter().map(cookie).collect())
    }
}
