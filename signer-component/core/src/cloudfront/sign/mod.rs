//! From a URL and terms to a signed URL, in three types that cannot be mixed up:
//! terms and URL make an [`Unsigned`], a signature makes it [`Signed`], and that signs URLs.

mod address;
mod signed;
mod statement;
mod url;

pub(crate) use address::{Ipv4Range, parse_range};
pub use signed::{Signed, SignedUrl};

use super::{Hash, KeyPairId, SigningKey, resource::ResourcePattern};
use crate::{bytes::same, error::InvalidField, time::EpochSeconds};

/// What a signature allows.
#[derive(Clone, Debug)]
pub struct Terms {
    /// First second in which it no longer holds.
    pub expires_at: EpochSeconds,
    /// Last second in which it does not hold yet.
    pub not_before: Option<EpochSeconds>,
    /// IPv4 address or CIDR range that may use it.
    pub ip_address: Option<String>,
    /// Resource pattern to sign instead of the URL.
    pub resource: Option<String>,
    /// Accept a wildcard in the domain of the resource.
    pub allow_wildcard_domain: bool,
    /// Hash under the signature.
    pub hash: Hash,
    /// The caller's clock, to refuse what has already expired.
    pub now: Option<EpochSeconds>,
}

/// A checked statement that waits for its signature. Equal statements have equal signatures, so it is also a cache's key.
#[derive(Clone, Debug, Eq)]
pub struct Unsigned {
    policy: String,
    resource: String,
    custom: bool,
    bound: bool,
    expires_at: EpochSeconds,
    hash: Hash,
}

impl Unsigned {
    /// Checks URL and terms and writes the policy, canned where the terms allow it.
    pub fn new(url: &str, terms: &Terms) -> Result<Self, InvalidField> {
        let resource = terms.resource.as_deref().unwrap_or(url);
        let wildcard = resource.contains('*');
        let url_is_pattern = terms.resource.is_none() && wildcard;
        url::validate("url", url, url_is_pattern)?;
        if terms.resource.is_some() {
            url::validate("resource", resource, true)?;
        }
        let pattern = ResourcePattern::parse(resource)?;
        if wildcard || terms.resource.is_some() {
            check_wildcards(&pattern, terms.allow_wildcard_domain)?;
        }
        if !url_is_pattern && resource != url && pattern.matches(url).is_none() {
            return Err(InvalidField::new("resource", "does not match the url"));
        }
        check_times(terms)?;
        let ip =
            terms.ip_address.as_deref().map(|text| parse_range("ip-address", text)).transpose()?;

        let custom = wildcard || resource != url || terms.not_before.is_some() || ip.is_some();
        // A canned policy leaves out the `?` of an empty query; a custom one is compared section by section.
        let signed = if custom { resource } else { url::without_empty_query(resource) };
        let policy = statement::write(signed, terms.expires_at, terms.not_before, ip);
        Ok(Self {
            policy,
            resource: signed.to_owned(),
            custom,
            bound: ip.is_some(),
            expires_at: terms.expires_at,
            hash: terms.hash,
        })
    }

    /// The bytes to sign: the policy as CloudFront rebuilds or decodes it.
    pub fn message(&self) -> &[u8] {
        self.policy.as_bytes()
    }

    /// The hash to sign with.
    pub fn hash(&self) -> Hash {
        self.hash
    }

    /// Whether it holds for certain addresses only, so that hardly anybody else will ask for the same.
    pub fn is_bound_to_address(&self) -> bool {
        self.bound
    }

    /// When the signature will stop to hold.
    pub fn expires_at(&self) -> EpochSeconds {
        self.expires_at
    }

    /// Signs with a key at hand.
    pub fn sign(self, id: &KeyPairId, key: &SigningKey) -> Result<Signed, InvalidField> {
        let signature = key.sign(self.message(), self.hash)?;
        Ok(self.with_signature(id, &signature))
    }

    /// Takes a signature made elsewhere, for example by an HSM.
    pub fn with_signature(self, id: &KeyPairId, signature: &[u8]) -> Signed {
        Signed::new(self, id, signature)
    }
}

impl PartialEq for Unsigned {
    fn eq(&self, other: &Self) -> bool {
        let Self { policy, resource, custom, bound, expires_at, hash } = self;
        // What tells most of them apart comes first.
        *expires_at == other.expires_at
            && *hash == other.hash
            && *custom == other.custom
            && *bound == other.bound
            && same(resource, &other.resource)
            && same(policy, &other.policy)
    }
}

impl std::hash::Hash for Unsigned {
    /// Resource and end say nearly everything that the policy says once more.
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.resource.hash(state);
        self.expires_at.hash(state);
    }
}

fn check_wildcards(
    pattern: &ResourcePattern,
    allow_wildcard_domain: bool,
) -> Result<(), InvalidField> {
    if pattern.has_wildcard_domain() && !allow_wildcard_domain {
        return Err(InvalidField::new(
            "resource",
            "has a wildcard in its domain, which opens other sites; allow-wildcard-domain accepts it",
        ));
    }
    // `/v/12*` opens `/v/123/` too, and so does `/v/1?*` where its `?` is read as one character. A star may end a
    // path only right after a slash, or within a query.
    let path = pattern.after_domain();
    let before = path.trim_end_matches(['*', '?']);
    let ends_in_star = path.get(before.len()..).is_some_and(|end| end.contains('*'));
    if ends_in_star && !before.ends_with('/') && !before.contains('?') {
        return Err(InvalidField::new(
            "resource",
            "must have a / before a * at its end, or it opens neighbours that begin alike",
        ));
    }
    Ok(())
}

fn check_times(terms: &Terms) -> Result<(), InvalidField> {
    if terms.not_before.is_some_and(|not_before| not_before >= terms.expires_at) {
        return Err(InvalidField::new("not-before", "must be before expires-at"));
    }
    if terms.now.is_some_and(|now| terms.expires_at <= now) {
        return Err(InvalidField::new("expires-at", "has already passed"));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
