//! Between the contract's types and the core's. Compiled into both components.

use tollgate_core::{
    cloudfront::{self, SameSite},
    error,
    time::EpochSeconds,
};

use crate::bindings::{
    exports::tollgate::gate::signing::{CookieAttributes, Terms},
    types::{Algorithm, Hash, InvalidField},
};

impl From<error::InvalidField> for InvalidField {
    fn from(invalid: error::InvalidField) -> Self {
        Self { field: invalid.field, rule: invalid.rule.into_owned() }
    }
}

impl From<cloudfront::Algorithm> for Algorithm {
    fn from(algorithm: cloudfront::Algorithm) -> Self {
        match algorithm {
            cloudfront::Algorithm::Rsa2048 => Self::Rsa2048,
            cloudfront::Algorithm::EcdsaP256 => Self::EcdsaP256,
        }
    }
}

impl From<Hash> for cloudfront::Hash {
    fn from(hash: Hash) -> Self {
        match hash {
            Hash::Sha1 => Self::Sha1,
            Hash::Sha256 => Self::Sha256,
        }
    }
}

impl TryFrom<Terms> for cloudfront::Terms {
    type Error = error::InvalidField;

    fn try_from(terms: Terms) -> Result<Self, Self::Error> {
        Ok(Self {
            expires_at: EpochSeconds::new("expires-at", terms.expires_at)?,
            not_before: terms
                .not_before
                .map(|at| EpochSeconds::new("not-before", at))
                .transpose()?,
            ip_address: terms.ip_address,
            resource: terms.resource,
            allow_wildcard_domain: terms.allow_wildcard_domain,
            hash: terms.hash.into(),
            now: terms.now.map(|at| EpochSeconds::new("now", at)).transpose()?,
        })
    }
}

impl TryFrom<CookieAttributes> for cloudfront::CookieAttributes {
    type Error = error::InvalidField;

    fn try_from(attributes: CookieAttributes) -> Result<Self, Self::Error> {
        let same_site = match attributes.same_site.as_deref() {
            None => None,
            Some("Strict") => Some(SameSite::Strict),
            Some("Lax") => Some(SameSite::Lax),
            Some("None") => Some(SameSite::None),
            Some(_) => {
                return Err(error::InvalidField::new("same-site", "must be Strict, Lax or None"));
            }
        };
        Ok(Self {
            domain: attributes.domain,
            path: attributes.path,
            secure: attributes.secure,
            http_only: attributes.http_only,
            same_site,
        })
    }
}
