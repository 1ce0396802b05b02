//! What an edge asks of a request, answered the way CloudFront does.
//!
//! Everything is judged as it was on the wire. Only the names of query parameters and the values
//! that hold base64 are percent-decoded; a URL is never normalised, and a policy is never written anew.

mod carrier;
mod conditions;
mod genuine;
mod hints;
mod json;
mod judgement;
mod policy;
mod reason;
mod request;
mod source_ip;
mod statement;
mod trail;
mod verdict;

pub use reason::Reason;
pub use request::strip;
pub use source_ip::SourceIp;
pub use statement::Statement;
pub use verdict::{Check, Code, Denied, Report, Verdict};

use std::collections::HashMap;

use self::{
    genuine::Genuine,
    judgement::judge,
    trail::{Record, Silence},
};
use super::{KeyPairId, PublicKey};
use crate::error::InvalidField;

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

/// A set of trusted keys, looked up by their id.
#[derive(Clone, Debug)]
pub struct Verifier {
    keys: HashMap<String, PublicKey>,
    strict: bool,
    /// Of these keys, and of no others: who is trusted is never asked of it.
    genuine: Genuine,
}

impl Verifier {
    /// Takes the keys of the trusted groups; `strict` denies what CloudFront's documents leave open.
    ///
    /// Two keys with one id are refused, because which of them counts would depend on their order.
    pub fn new(keys: Vec<(KeyPairId, PublicKey)>, strict: bool) -> Result<Self, InvalidField> {
        let mut by_id = HashMap::with_capacity(keys.len());
        for (position, (id, key)) in keys.into_iter().enumerate() {
            if by_id.insert(id.as_str().to_owned(), key).is_some() {
                return Err(InvalidField::new(
                    format!("keys[{position}].key-pair-id"),
                    format!("{} is the id of an earlier key too", id.as_str()),
                ));
            }
        }
        Ok(Self { keys: by_id, strict, genuine: Genuine::default() })
    }

    /// Allows or denies.
    pub fn verify(&self, request: &EdgeRequest<'_>) -> Verdict {
        match judge(self, request, &mut Silence) {
            Ok(()) => Verdict::Allow,
            Err(denied) => Verdict::Deny(denied),
        }
    }

    /// The same, with every check spelled out and made anew.
    pub fn explain(&self, request: &EdgeRequest<'_>) -> Report {
        let mut record = Record::default();
        let judged = judge(self, request, &mut record);
        record.into_report(judged)
    }
}

#[cfg(test)]
mod tests;
