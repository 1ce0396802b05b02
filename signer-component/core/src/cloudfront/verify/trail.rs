//! What is remembered of a judgement: nothing when only the verdict counts, everything to explain it.

use super::{Check, Denied, Report, Verdict};

/// The checks in the order they are made.
pub(super) const CHECKS: [&str; 11] = [
    "request",
    "key-pair-id",
    "key",
    "signature-decodable",
    "hash",
    "policy",
    "signature",
    "not-before",
    "expiry",
    "ip",
    "resource",
];

/// Takes note of a judgement while it is made. There is one judgement, so that an explanation can
/// never differ from the verdict that it explains.
pub(super) trait Trail {
    /// Whether checks and hints that cannot change the verdict any more are wanted too.
    const WANTS_EVERYTHING: bool;

    /// Notes a check; `passed` is `None` if it does not apply.
    fn check(&mut self, name: &'static str, passed: Option<bool>, detail: impl FnOnce() -> String);

    /// Notes where the signature travels.
    fn carrier(&mut self, name: Option<&'static str>);

    /// Notes the policy.
    fn policy(&mut self, document: &[u8]);

    /// Notes the end.
    fn expires_at(&mut self, seconds: u64);

    /// Notes the outcome of a check and hands it on.
    fn step<V>(
        &mut self,
        name: &'static str,
        outcome: Result<V, Denied>,
        seen: impl FnOnce(&V) -> String,
    ) -> Result<V, Denied> {
        match &outcome {
            Ok(value) => self.check(name, Some(true), || seen(value)),
            Err(denied) => self.check(name, Some(false), || denied.detail.clone()),
        }
        outcome
    }
}

/// Remembers nothing.
pub(super) struct Silence;

impl Trail for Silence {
    const WANTS_EVERYTHING: bool = false;

    fn check(&mut self, _: &'static str, _: Option<bool>, _: impl FnOnce() -> String) {}

    fn carrier(&mut self, _: Option<&'static str>) {}

    fn policy(&mut self, _: &[u8]) {}

    fn expires_at(&mut self, _: u64) {}
}

/// Remembers everything.
#[derive(Default)]
pub(super) struct Record {
    carrier: Option<&'static str>,
    policy: Option<String>,
    expires_at: Option<u64>,
    checks: Vec<Check>,
}

impl Trail for Record {
    const WANTS_EVERYTHING: bool = true;

    fn check(&mut self, name: &'static str, passed: Option<bool>, detail: impl FnOnce() -> String) {
        self.checks.push(Check { name, passed, detail: detail() });
    }

    fn carrier(&mut self, name: Option<&'static str>) {
        self.carrier = name;
    }

    fn policy(&mut self, document: &[u8]) {
        // What a stranger sent must not steer the terminal of the person who reads the report.
        let printable = |character: char| match character {
            '\n' | '\r' | '\t' => character,
            _ if character.is_control() => char::REPLACEMENT_CHARACTER,
            _ => character,
        };
        let text = str::from_utf8(document).ok();
        self.policy = text.map(|text| text.chars().map(printable).collect());
    }

    fn expires_at(&mut self, seconds: u64) {
        self.expires_at = Some(seconds);
    }
}

impl Record {
    /// The report, with the checks that were not reached at its end.
    pub(super) fn into_report(mut self, judged: Result<(), Denied>) -> Report {
        let not_reached = CHECKS.get(self.checks.len()..).unwrap_or_default();
        self.checks.extend(not_reached.iter().map(|name| Check {
            name,
            passed: None,
            detail: "not reached".to_owned(),
        }));
        Report {
            verdict: match judged {
                Ok(()) => Verdict::Allow,
                Err(denied) => Verdict::Deny(denied),
            },
            carrier: self.carrier,
            policy: self.policy,
            expires_at: self.expires_at,
            checks: self.checks,
        }
    }
}
