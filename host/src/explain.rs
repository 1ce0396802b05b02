//! What an edge would say of a request, check by check: one JSON for `tollgate verify --json` and for the explain page.

use serde::Serialize;

use crate::{
    component::signer::{Check, DenialCode, Denied, Report, Verdict},
    time,
};

/// A verdict for programs. Without a signature's bytes, but with the policy that was signed.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Explanation<'a> {
    allow: bool,
    code: Option<&'static str>,
    reason: Option<&'a str>,
    detail: Option<&'a str>,
    carrier: Option<&'a str>,
    expires_at: Option<u64>,
    policy: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checks: Option<Vec<Step<'a>>>,
}

#[derive(Serialize)]
struct Step<'a> {
    name: &'a str,
    passed: Option<bool>,
    detail: &'a str,
}

impl<'a> Explanation<'a> {
    /// Reads a report; `checks` says whether each check is wanted.
    pub(crate) fn of(report: &'a Report, checks: bool) -> Self {
        let denied = denied(report);
        Self {
            allow: denied.is_none(),
            code: denied.map(|denied| code(denied.code)),
            reason: denied.map(|denied| denied.reason.as_str()),
            detail: denied.map(|denied| denied.detail.as_str()),
            carrier: report.carrier.as_deref(),
            expires_at: report.expires_at,
            policy: report.policy.as_deref(),
            checks: checks.then(|| report.checks.iter().map(step).collect()),
        }
    }
}

fn step(check: &Check) -> Step<'_> {
    let Check { name, passed, detail } = check;
    Step { name, passed: *passed, detail }
}

/// The denial in a report, if it is one.
pub(crate) fn denied(report: &Report) -> Option<&Denied> {
    match &report.verdict {
        Verdict::Allow => None,
        Verdict::Deny(denied) => Some(denied),
    }
}

/// The code as CloudFront writes it.
pub(crate) fn code(code: DenialCode) -> &'static str {
    match code {
        DenialCode::MissingKey => "MissingKey",
        DenialCode::InvalidKey => "InvalidKey",
        DenialCode::MalformedSignature => "MalformedSignature",
        DenialCode::MalformedPolicy => "MalformedPolicy",
        DenialCode::AccessDenied => "AccessDenied",
    }
}

/// The time of a request: what was given, or now.
pub(crate) fn time_of(text: Option<&str>) -> Result<u64, String> {
    text.map_or_else(|| Ok(time::now()), time::parse)
}

/// The viewer's address, if one was given.
pub(crate) fn address_of(text: Option<String>) -> Result<Option<String>, &'static str> {
    match text {
        Some(ip) if ip.parse::<std::net::IpAddr>().is_err() => {
            Err("must be an IPv4 or IPv6 address")
        }
        other => Ok(other),
    }
}
