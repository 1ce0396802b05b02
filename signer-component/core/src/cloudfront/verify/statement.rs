//! A custom policy, read leniently in its whitespace and strictly in its shape.

use super::{Denied, Reason, json::Json, source_ip::SourceIp};
use crate::time::EpochSeconds;

/// The one statement of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Pattern of the URLs it opens; `None` opens every file of every distribution that trusts the key.
    pub resource: Option<String>,
    /// First second in which it no longer holds.
    pub date_less_than: u64,
    /// Last second in which it does not hold yet.
    pub date_greater_than: Option<u64>,
    /// Range of addresses that may use it.
    pub source_ip: Option<SourceIp>,
}

impl Statement {
    /// The largest policy that is read. CloudFront takes no request above 20,480 bytes, of which base64
    /// leaves three quarters.
    pub const MAX_BYTES: usize = 15_360;

    /// Reads a policy document.
    pub fn parse(document: &[u8]) -> Result<Self, Denied> {
        if document.len() > Self::MAX_BYTES {
            return Err(Denied::new(
                Reason::PolicyTooLarge,
                format!("the policy has more than {} bytes", Self::MAX_BYTES),
            ));
        }
        let document = read(document).map_err(|error| {
            let place = format!("line {}, column {}", error.line(), error.column());
            Denied::new(Reason::PolicyNotJson, format!("the policy is not JSON: see {place}"))
        })?;
        let [statements] = members(document, "the policy", ["Statement"])?;
        let Some(Json::Array(mut statements)) = statements else {
            return Err(shape("`Statement` must be a list with one statement in it"));
        };
        let Some(statement) = statements.pop() else {
            return Err(shape("`Statement` is empty; it must hold one statement"));
        };
        if !statements.is_empty() {
            return Err(Denied::new(
                Reason::MoreThanOneStatement,
                format!(
                    "the policy has {} statements and CloudFront takes one; use one wildcard, or one signature each",
                    statements.len() + 1
                ),
            ));
        }

        let [resource, condition] = members(statement, "the statement", ["Resource", "Condition"])?;
        let resource = match resource {
            None => None,
            Some(Json::Text(resource)) => Some(resource),
            Some(_) => return Err(shape("`Resource` must be one string")),
        };
        let Some(condition) = condition else {
            return Err(no_date_less_than());
        };
        let names = ["DateLessThan", "DateGreaterThan", "IpAddress"];
        let [less_than, greater_than, ip_address] = members(condition, "`Condition`", names)?;
        let less_than = less_than.ok_or_else(no_date_less_than)?;
        Ok(Self {
            resource,
            date_less_than: epoch(less_than, "DateLessThan")?,
            date_greater_than: greater_than
                .map(|value| epoch(value, "DateGreaterThan"))
                .transpose()?,
            source_ip: ip_address.map(source_ip).transpose()?,
        })
    }
}

/// Reads JSON, in which `\?` may stand as older guides write it: a question mark that starts the query.
fn read(document: &[u8]) -> serde_json::Result<Json> {
    serde_json::from_slice(document).or_else(|error| {
        let mut mended = Vec::with_capacity(document.len() + 1);
        let mut bytes = document.iter();
        while let Some(&byte) = bytes.next() {
            mended.push(byte);
            if byte == b'\\' {
                let escaped = bytes.next();
                // The one escape that is none in JSON and that the guide had people write.
                if escaped == Some(&b'?') {
                    mended.push(b'\\');
                }
                mended.extend(escaped);
            }
        }
        // The place of the first error counts in the document as it was sent.
        serde_json::from_slice(&mended).map_err(|_| error)
    })
}

/// Takes an object apart into the members it may have. Nothing is ignored: a condition that is not
/// understood must not open what its author meant to close.
fn members<const N: usize>(
    value: Json,
    what: &str,
    names: [&'static str; N],
) -> Result<[Option<Json>; N], Denied> {
    let kind = value.kind();
    let Json::Object(written) = value else {
        return Err(shape(format!("{what} must be an object and is {kind}")));
    };
    let mut found = [const { None }; N];
    for (name, value) in written {
        let place = names.iter().zip(&mut found).find(|(known, _)| **known == name);
        match place {
            Some((_, empty @ None)) => *empty = Some(value),
            Some((known, Some(_))) => {
                return Err(Denied::new(
                    Reason::DuplicatePolicyKey,
                    format!("{what} has `{known}` more than once"),
                ));
            }
            None => {
                return Err(Denied::new(
                    Reason::UnknownPolicyKey,
                    format!(
                        "{what} has a key that CloudFront does not know; names are exact, and it may have {}",
                        names.join(", ")
                    ),
                ));
            }
        }
    }
    Ok(found)
}

fn epoch(condition: Json, name: &str) -> Result<u64, Denied> {
    let [epoch] = members(condition, &format!("`{name}`"), ["AWS:EpochTime"])?;
    match epoch {
        Some(Json::Whole(seconds)) if seconds <= EpochSeconds::MAX => Ok(seconds),
        Some(Json::Whole(_)) => Err(Denied::new(
            Reason::EpochOutOfRange,
            format!(
                "the time of `{name}` is above {}: seconds are needed, not milliseconds",
                EpochSeconds::MAX
            ),
        )),
        Some(_) => Err(Denied::new(
            Reason::EpochNotAnInteger,
            format!("the time of `{name}` must be a whole number of seconds without quotes"),
        )),
        None => Err(shape(format!("`{name}` has no `AWS:EpochTime`"))),
    }
}

fn source_ip(condition: Json) -> Result<SourceIp, Denied> {
    let [range] = members(condition, "`IpAddress`", ["AWS:SourceIp"])?;
    let range = match &range {
        Some(Json::Text(range)) => SourceIp::parse(range),
        _ => None,
    };
    range.ok_or_else(|| {
        Denied::new(
            Reason::IpNotIpv4Range,
            "`AWS:SourceIp` must be one IPv4 range such as 192.0.2.0/24; IPv6 and lists are not supported",
        )
    })
}

fn shape(detail: impl Into<String>) -> Denied {
    Denied::new(Reason::PolicyShape, detail)
}

fn no_date_less_than() -> Denied {
    Denied::new(Reason::NoDateLessThan, "the policy has no `DateLessThan`, so it would never end")
}
