//! A signature with what belongs to it, and the URLs it opens.

use std::{fmt, sync::Arc};

use super::{Unsigned, url};
use crate::{
    cloudfront::{Hash, KeyPairId, encoding::encode, resource::ResourcePattern},
    error::InvalidField,
    time::EpochSeconds,
};

/// A signature and what belongs to it. Reusable for every URL its resource matches, and cheap to clone. `Debug` hides
/// the signature.
#[derive(Clone)]
pub struct Signed(Arc<Parts>);

struct Parts {
    statement: Unsigned,
    /// Name and value of each parameter, in CloudFront's order.
    query: Vec<(&'static str, String)>,
    /// The same as it stands in a URL.
    query_text: String,
}

impl Signed {
    pub(super) fn new(statement: Unsigned, key_pair_id: &KeyPairId, signature: &[u8]) -> Self {
        let mut query = vec![
            if statement.custom {
                ("Policy", encode(statement.message()))
            } else {
                ("Expires", statement.expires_at.to_string())
            },
            ("Signature", encode(signature)),
            ("Key-Pair-Id", key_pair_id.as_str().to_owned()),
        ];
        if statement.hash == Hash::Sha256 {
            query.push(("Hash-Algorithm", "SHA256".to_owned()));
        }
        let pairs: Vec<String> =
            query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        Self(Arc::new(Parts { statement, query, query_text: pairs.join("&") }))
    }

    /// Appends the parameters to a URL that the resource matches; with a canned policy, to exactly the signed URL.
    pub fn apply_to(&self, url: &str) -> Result<SignedUrl, InvalidField> {
        self.check_covers(url)?;
        self.append_to(url)
    }

    fn check_covers(&self, url: &str) -> Result<(), InvalidField> {
        let statement = self.statement();
        let resource = &statement.resource;
        let pattern_itself = statement.custom && url == resource;
        url::validate("url", url, pattern_itself)?;
        let covered = if statement.custom {
            pattern_itself || ResourcePattern::parse(resource)?.matches(url).is_some()
        } else {
            url::without_empty_query(url) == resource
        };
        if covered {
            return Ok(());
        }
        Err(InvalidField::new("url", "does not match the signed resource"))
    }

    /// The same for a URL that its statement was made for, which was looked at then.
    pub(crate) fn append_to(&self, url: &str) -> Result<SignedUrl, InvalidField> {
        debug_assert!(self.check_covers(url).is_ok(), "made for another URL");
        let separator = match url.split_once('?') {
            None => "?",
            Some((_, "")) => "",
            Some(_) => "&",
        };
        let signed = [url, separator, self.query_text()].concat();
        if signed.len() > url::MOST_BYTES {
            let rule = "is longer than the 8192 bytes CloudFront accepts once it is signed";
            return Err(InvalidField::new("url", rule));
        }
        Ok(SignedUrl(signed))
    }

    /// The parameters in CloudFront's order: `Expires` or `Policy`, `Signature`, `Key-Pair-Id`, `Hash-Algorithm`.
    pub fn query(&self) -> &[(&'static str, String)] {
        &self.0.query
    }

    /// The same parameters as they stand in a URL.
    pub fn query_text(&self) -> &str {
        &self.0.query_text
    }

    /// The statement under the signature.
    pub fn statement(&self) -> &Unsigned {
        &self.0.statement
    }

    /// When it stops to hold.
    pub fn expires_at(&self) -> EpochSeconds {
        self.0.statement.expires_at
    }

    /// About how much memory it takes.
    pub(crate) fn bytes(&self) -> usize {
        let Parts { statement, query, query_text } = &*self.0;
        let values: usize = query.iter().map(|(_, value)| value.len()).sum();
        size_of::<Parts>()
            + statement.policy.len()
            + statement.resource.len()
            + values
            + query_text.len()
    }
}

impl fmt::Debug for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signed").field("statement", self.statement()).finish_non_exhaustive()
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
