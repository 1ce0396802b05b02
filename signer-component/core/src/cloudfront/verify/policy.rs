//! The policy of a request: rebuilt from the request if canned, else as it was sent.

use super::{
    Denied, Reason, Statement, carrier::Carrier, judgement::decode, request::RequestUrl,
    trail::Trail,
};
use crate::{cloudfront::ResourcePattern, time::EpochSeconds};

/// A policy with the exact bytes its signature is over.
pub(super) struct Policy {
    /// The bytes. They are never written anew from the statement: one space would be another policy.
    pub(super) document: Vec<u8>,
    /// What the bytes say.
    pub(super) statement: Statement,
    /// The `Resource` of a custom policy, if it has one.
    pub(super) pattern: Option<ResourcePattern>,
    /// Whether it was rebuilt from the request, which then matches by itself.
    pub(super) is_canned: bool,
}

impl Policy {
    /// Reads the policy if there is one, else rebuilds the canned one.
    pub(super) fn of(
        carrier: &Carrier<'_>,
        url: &RequestUrl<'_>,
        strict: bool,
        trail: &mut impl Trail,
    ) -> Result<Self, Denied> {
        if let Some(text) = carrier.value("Policy") {
            let Some(document) = decode(text) else {
                let rule =
                    "is not padded base64 with `-`, `_` and `~` in place of `+`, `=` and `/`";
                let label = carrier.label("Policy");
                return Err(Denied::new(Reason::PolicyNotDecodable, format!("`{label}` {rule}")));
            };
            return Self::custom(document, strict, trail);
        }
        let Some(expires) = carrier.value("Expires") else {
            return Err(Denied::new(
                Reason::NoExpiresOrPolicy,
                format!(
                    "neither `{}` nor `{}` is there",
                    carrier.label("Expires"),
                    carrier.label("Policy")
                ),
            ));
        };
        let seconds = epoch(expires, || carrier.label("Expires"))?;
        let resource = url.signed_part();
        if resource.contains(['"', '\\']) {
            return Err(Denied::new(
                Reason::MalformedUrl,
                "the URL holds a quotation mark or a backslash, which a canned policy cannot carry; percent-encode it",
            ));
        }
        let document = canned(&resource, expires);
        trail.policy(document.as_bytes());
        trail.expires_at(seconds);
        Ok(Self {
            document: document.into_bytes(),
            statement: Statement {
                resource: Some(resource),
                date_less_than: seconds,
                date_greater_than: None,
                source_ip: None,
            },
            pattern: None,
            is_canned: true,
        })
    }

    fn custom(document: Vec<u8>, strict: bool, trail: &mut impl Trail) -> Result<Self, Denied> {
        trail.policy(&document);
        let statement = Statement::parse(&document)?;
        trail.expires_at(statement.date_less_than);
        let pattern = match &statement.resource {
            None => None,
            Some(resource) => Some(ResourcePattern::parse(resource).map_err(|invalid| {
                Denied::new(Reason::ResourceNotAPattern, format!("`Resource` {}", invalid.rule))
            })?),
        };
        if strict && let Some(range) = statement.source_ip {
            if !range.has_slash {
                return Err(Denied::new(
                    Reason::IpWithoutSlash,
                    format!("`AWS:SourceIp` must be written as {range}"),
                ));
            }
            if range.has_host_bits() {
                return Err(Denied::new(
                    Reason::IpHostBits,
                    format!(
                        "`AWS:SourceIp` is {range}, which is not the first address of its range"
                    ),
                ));
            }
        }
        Ok(Self { document, statement, pattern, is_canned: false })
    }

    /// What was seen, for people.
    pub(super) fn summary(&self) -> String {
        let mut summary = if self.is_canned {
            "canned, rebuilt from the request".to_owned()
        } else {
            format!("custom, {} bytes", self.document.len())
        };
        if self.statement.resource.is_none() {
            summary.push_str(
                "; without `Resource` it opens every file of every distribution of the key",
            );
        }
        if let Some(range) = self.statement.source_ip {
            if !range.has_slash {
                summary.push_str("; `AWS:SourceIp` has no slash and is read as /32, write the /32");
            } else if range.has_host_bits() {
                summary.push_str(
                    "; `AWS:SourceIp` has bits behind its prefix, the whole range counts",
                );
            }
        }
        summary
    }
}

/// The canned policy, byte for byte as CloudFront rebuilds it.
pub(super) fn canned(resource: &str, expires: &str) -> String {
    format!(
        r#"{{"Statement":[{{"Resource":"{resource}","Condition":{{"DateLessThan":{{"AWS:EpochTime":{expires}}}}}}}]}}"#
    )
}

fn epoch(text: &str, label: impl Fn() -> String) -> Result<u64, Denied> {
    let is_plain = !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && (text == "0" || !text.starts_with('0'));
    if !is_plain {
        return Err(Denied::new(
            Reason::ExpiresNotANumber,
            format!("`{}` must be a plain number of seconds since 1970", label()),
        ));
    }
    // Digits alone fail to parse only when there are too many of them.
    text.parse().ok().filter(|seconds| *seconds <= EpochSeconds::MAX).ok_or_else(|| {
        Denied::new(
            Reason::ExpiresOutOfRange,
            format!(
                "`{}` is above {}: seconds are needed, not milliseconds",
                label(),
                EpochSeconds::MAX
            ),
        )
    })
}
