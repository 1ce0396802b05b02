//! From a URL and terms to a signed URL, in three types that cannot be mixed up:
//! terms and URL make an [`Unsigned`], a signature makes it [`Signed`], and that signs URLs.

use super::{Hash, KeyPairId, SigningKey};
use crate::{error::InvalidField, time::EpochSeconds};

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

/// A checked statement that waits for its signature.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Unsigned(());

impl Unsigned {
    /// Checks URL and terms and writes the policy, canned where the terms allow it.
    pub fn new(url: &str, terms: &Terms) -> Result<Self, InvalidField> {
        let _ = (url, terms);
        unimplemented!()
    }

    /// The bytes to sign: the policy as CloudFront rebuilds or decodes it.
    pub fn message(&self) -> &[u8] {
        unimplemented!()
    }

    /// The hash to sign with.
    pub fn hash(&self) -> Hash {
        unimplemented!()
    }

    /// Signs with a key at hand.
    pub fn sign(self, id: &KeyPairId, key: &SigningKey) -> Result<Signed, InvalidField> {
        let _ = (id, key);
        unimplemented!()
    }

    /// Takes a signature made elsewhere, for example by an HSM.
    pub fn with_signature(self, id: &KeyPairId, signature: &[u8]) -> Signed {
        let _ = (id, signature);
        unimplemented!()
    }
}

/// A signature and what belongs to it. Reusable for every URL its resource matches. `Debug` hides the signature.
#[derive(Clone)]
pub struct Signed(());

impl Signed {
    /// Appends the parameters to a URL that the resource matches.
    pub fn apply_to(&self, url: &str) -> Result<SignedUrl, InvalidField> {
        let _ = url;
        unimplemented!()
    }

    /// The parameters in CloudFront's order: `Expires` or `Policy`, `Signature`, `Key-Pair-Id`, `Hash-Algorithm`.
    pub fn query(&self) -> Vec<(&'static str, String)> {
        unimplemented!()
    }

    /// When it stops to hold.
    pub fn expires_at(&self) -> EpochSeconds {
        unimplemented!()
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
