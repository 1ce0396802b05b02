//! The export `verification`: core's verifier behind the contract's words. Compiled into both components.

use tollgate_core::cloudfront::{self, Code, KeyPairId, PublicKey};

use crate::{
    Component,
    bindings::{
        exports::tollgate::gate::verification::{
            Check, DenialCode, Denied, EdgeRequest, Guest, GuestVerifier, Report, TrustedKey,
            Verdict, Verifier,
        },
        types::InvalidField,
    },
};

/// Trusted keys, parsed and checked once.
pub struct ParsedVerifier(cloudfront::Verifier);

impl Guest for Component {
    type Verifier = ParsedVerifier;

    fn strip(url: String) -> String {
        cloudfront::strip(&url)
    }
}

impl GuestVerifier for ParsedVerifier {
    fn create(keys: Vec<TrustedKey>, strict: bool) -> Result<Verifier, InvalidField> {
        let mut parsed = Vec::with_capacity(keys.len());
        for (index, key) in keys.iter().enumerate() {
            let locate = |mut invalid: tollgate_core::error::InvalidField| {
                invalid.field = format!("keys[{index}].{}", invalid.field);
                invalid
            };
            let id = KeyPairId::new(&key.key_pair_id).map_err(locate)?;
            parsed.push((id, PublicKey::from_pem(&key.public_key).map_err(locate)?));
        }
        Ok(Verifier::new(Self(cloudfront::Verifier::new(parsed, strict)?)))
    }

    fn verify(&self, request: EdgeRequest) -> Verdict {
        self.0.verify(&core_request(&request)).into()
    }

    fn explain(&self, request: EdgeRequest) -> Report {
        let report = self.0.explain(&core_request(&request));
        let check = |check: cloudfront::Check| Check {
            name: check.name.to_owned(),
            passed: check.passed,
            detail: check.detail,
        };
        Report {
            verdict: report.verdict.into(),
            carrier: report.carrier.map(str::to_owned),
            policy: report.policy,
            expires_at: report.expires_at,
            checks: report.checks.into_iter().map(check).collect(),
        }
    }
}

fn core_request(request: &EdgeRequest) -> cloudfront::EdgeRequest<'_> {
    cloudfront::EdgeRequest {
        url: &request.url,
        cookies: &request.cookies,
        client_ip: request.client_ip.as_deref(),
        now: request.now,
    }
}

impl From<cloudfront::Verdict> for Verdict {
    fn from(verdict: cloudfront::Verdict) -> Self {
        match verdict {
            cloudfront::Verdict::Allow => Self::Allow,
            cloudfront::Verdict::Deny(denied) => Self::Deny(Denied {
                code: match denied.code {
                    Code::MissingKey => DenialCode::MissingKey,
                    Code::InvalidKey => DenialCode::InvalidKey,
                    Code::MalformedSignature => DenialCode::MalformedSignature,
                    Code::MalformedPolicy => DenialCode::MalformedPolicy,
                    Code::AccessDenied => DenialCode::AccessDenied,
                },
                reason: denied.reason.slug().to_owned(),
                detail: denied.detail,
            }),
        }
    }
}
