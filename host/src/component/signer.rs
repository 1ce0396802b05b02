//! The signer component: signing for the command line, verification for the edge.

pub use super::bindings::signer::exports::tollgate::gate::signing::{
    CookieAttributes, SignedCookie, Terms,
};
pub use super::bindings::signer::exports::tollgate::gate::verification::{
    Check, DenialCode, Denied, EdgeRequest, Report, TrustedKey, Verdict,
};
pub use super::bindings::signer::tollgate::gate::types::{Hash, InvalidField};
use super::{Runtime, RuntimeError};

/// Why the component gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum SignerError {
    /// A value was refused.
    #[error("{}: {}", .0.field, .0.rule)]
    Invalid(InvalidField),
    /// The component trapped or hung; its instance is replaced.
    #[error("the component failed on this request")]
    Failed,
}

/// Instances of the signer component. Cheap to clone.
#[derive(Clone)]
pub struct SignerComponent {}

impl SignerComponent {
    /// Compiles the component, or takes it from the cache.
    pub fn new(runtime: &Runtime) -> Result<Self, RuntimeError> {
        let _ = runtime;
        unimplemented!()
    }

    /// Signs one URL.
    pub fn sign_url(
        &self,
        id: &str,
        pem: &str,
        url: &str,
        terms: &Terms,
    ) -> Result<String, SignerError> {
        let _ = (id, pem, url, terms);
        unimplemented!()
    }

    /// Makes the cookies that allow a URL.
    pub fn sign_cookies(
        &self,
        id: &str,
        pem: &str,
        url: &str,
        terms: &Terms,
        attributes: &CookieAttributes,
    ) -> Result<Vec<SignedCookie>, SignerError> {
        let _ = (id, pem, url, terms, attributes);
        unimplemented!()
    }

    /// Takes and checks a set of trusted keys. `strict` denies what CloudFront's documents leave open.
    pub fn verifier(
        &self,
        keys: Vec<TrustedKey>,
        strict: bool,
    ) -> Result<EdgeVerifier, SignerError> {
        let _ = (keys, strict);
        unimplemented!()
    }

    /// Removes the signing parameters of a URL.
    pub fn strip(&self, url: &str) -> Result<String, SignerError> {
        let _ = url;
        unimplemented!()
    }
}

/// A set of trusted keys that judges requests.
#[derive(Clone)]
pub struct EdgeVerifier {}

impl EdgeVerifier {
    /// Allows or denies. Takes well under a millisecond; an error must be answered as a denial.
    pub fn verify(&self, request: &EdgeRequest) -> Result<Verdict, SignerError> {
        let _ = request;
        unimplemented!()
    }

    /// The same, with every check spelled out.
    pub fn explain(&self, request: &EdgeRequest) -> Result<Report, SignerError> {
        let _ = request;
        unimplemented!()
    }
}
