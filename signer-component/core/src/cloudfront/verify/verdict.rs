//! The answer: allow, or deny with CloudFront's code and a reason of our own.

use super::Reason;

/// The code CloudFront answers with, always with status 403.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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

impl Code {
    /// The text of the code as CloudFront writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MissingKey => "MissingKey",
            Self::InvalidKey => "InvalidKey",
            Self::MalformedSignature => "MalformedSignature",
            Self::MalformedPolicy => "MalformedPolicy",
            Self::AccessDenied => "AccessDenied",
        }
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

impl Denied {
    /// Denies for a reason, with the sentence that belongs to this request.
    pub(super) fn new(reason: Reason, detail: impl Into<String>) -> Self {
        Self { code: reason.code(), reason, detail: detail.into() }
    }
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
    /// The policy that was verified, as JSON text.
    pub policy: Option<String>,
    /// When the signature stops to hold.
    pub expires_at: Option<u64>,
    /// Every check in the order it was made.
    pub checks: Vec<Check>,
}
