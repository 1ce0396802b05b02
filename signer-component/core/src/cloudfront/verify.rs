//! What an edge asks of a request, answered the way CloudFront does.

use super::{KeyPairId, PublicKey};

/// A request as it came in.
#[derive(Clone, Debug)]
pub struct EdgeRequest<'a> {
    /// `scheme://host/path?query`, as on the wire.
    pub url: &'a str,
    /// Values of the `Cookie` headers, in order.
    pub cookies: &'a [String],
    /// Peer address in text.
    pub client_ip: Option<&'a str>,
    /// The edge's clock, in seconds since 1970.
    pub now: u64,
}

/// The code CloudFront answers with, always with status 403.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// No key pair id.
    MissingKey,
    /// A key pair id outside the trusted groups.
    InvalidKey,
    /// A signature that cannot be decoded.
    MalformedSignature,
    /// A policy or expiry that cannot be read.
    MalformedPolicy,
    /// Wrong signature, resource, time or address.
    AccessDenied,
}

/// The finer reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {}

impl Reason {
    /// Stable slug, for example `expired`.
    pub fn slug(self) -> &'static str {
        unimplemented!()
    }
}

/// Why a request is denied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denied {
    /// What CloudFront says.
    pub code: Code,
    /// Finer.
    pub reason: Reason,
    /// A sentence a person can act on.
    pub detail: String,
}

/// Allow, or deny with a reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The origin may be asked.
    Allow,
    /// It may not.
    Deny(Denied),
}

/// One step of the verification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Short stable name.
    pub name: &'static str,
    /// Whether it held; `None` if it was not reached or does not apply.
    pub passed: Option<bool>,
    /// What was seen, without any signature.
    pub detail: String,
}

/// The verdict with everything that led to it.
#[derive(Clone, Debug)]
pub struct Report {
    /// The verdict.
    pub verdict: Verdict,
    /// `url`, `cookies`, or `None`.
    pub carrier: Option<&'static str>,
    /// The policy that was verified.
    pub policy: Option<String>,
    /// When the signature stops to hold.
    pub expires_at: Option<u64>,
    /// Every check in the order it was made.
    pub checks: Vec<Check>,
}

/// A set of trusted keys.
#[derive(Clone, Debug)]
pub struct Verifier(());

impl Verifier {
    /// `strict` denies what CloudFront's documents leave open.
    pub fn new(keys: Vec<(KeyPairId, PublicKey)>, strict: bool) -> Self {
        let _ = (keys, strict);
        unimplemented!()
    }

    /// Allows or denies.
    pub fn verify(&self, request: &EdgeRequest<'_>) -> Verdict {
        let _ = request;
        unimplemented!()
    }

    /// The same, with every check spelled out.
    pub fn explain(&self, request: &EdgeRequest<'_>) -> Report {
        let _ = request;
        unimplemented!()
    }
}

/// Removes the signing parameters of a URL.
pub fn strip(url: &str) -> String {
    let _ = url;
    unimplemented!()
}
