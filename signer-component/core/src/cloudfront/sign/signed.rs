//! A signature with what belongs to it, and the URLs it opens.

use std::fmt;

use super::{Unsigned, url};
use crate::{
    cloudfront::{Hash, KeyPairId, encoding::encode, resource::ResourcePattern},
    error::InvalidField,
    time::EpochSeconds,
};

/// A signature and what belongs to it. Reusable for every URL its resource matches. `Debug` hides the signature.
#[derive(Clone)]
pub struct Signed {
    statement: Unsigned,
    key_pair_id: KeyPairId,
    signature: String,
}

impl Signed {
    pub(super) fn new(statement: Unsigned, key_pair_id: &KeyPairId, signature: &[u8]) -> Self {
        Self { statement, key_pair_id: key_pair_id.clone(), signature: encode(signature) }
    }

    /// Appends the parameters to a URL that the resource matches; with a canned policy, to exactly the signed URL.
    pub fn apply_to(&self, url: &str) -> Result<SignedUrl, InvalidField> {
        let resource = &self.statement.resource;
        let pattern_itself = self.statement.custom && url == resource;
        url::validate("url", url, pattern_itself)?;
        let covered = if self.statement.custom {
            pattern_itself || ResourcePattern::parse(resource)?.matches(url).is_some()
        } else {
            url::without_empty_query(url) == resource
        };
        if !covered {
            return Err(InvalidField::new("url", "does not match the signed resource"));
        }
        let separator = match url.split_once('?') {
            None => "?",
            Some((_, "")) => "",
            Some(_) => "&",
        };
        let query: Vec<String> =
            self.query().into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        let signed = format!("{url}{separator}{}", query.join("&"));
        if signed.len() > url::MOST_BYTES {
            let rule = "is longer than the 8192 bytes CloudFront accepts once it is signed";
            return Err(InvalidField::new("url", rule));
        }
        Ok(SignedUrl(signed))
    }

    /// The parameters in CloudFront's order: `Expires` or `Policy`, `Signature`, `Key-Pair-Id`, `Hash-Algorithm`.
    pub fn query(&self) -> Vec<(&'static str, String)> {
        let mut query = vec![
            if self.statement.custom {
                ("Policy", encode(self.statement.message()))
            } else {
                ("Expires", self.statement.expires_at.to_string())
            },
            ("Signature", self.signature.clone()),
            ("Key-Pair-Id", self.key_pair_id.as_str().to_owned()),
        ];
        if self.statement.hash == Hash::Sha256 {
            query.push(("Hash-Algorithm", "SHA256".to_owned()));
        }
        query
    }

    /// The statement under the signature.
    pub fn statement(&self) -> &Unsigned {
        &self.statement
    }

    /// When it stops to hold.
    pub fn expires_at(&self) -> EpochSeconds {
        self.statement.expires_at
    }
}

impl fmt::Debug for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signed").field("statement", &self.statement).finish_non_exhaustive()
    }
}

/// A URL that opens the object. `Debug` and `Display` hide the signature.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedUrl(String);

impl SignedUrl {
    /// The URL itself, to be given to its viewer and to nobody else.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Display for SignedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}?(signed)", self.0.split('?').next().unwrap_or_default())
    }
}

impl fmt::Debug for SignedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
