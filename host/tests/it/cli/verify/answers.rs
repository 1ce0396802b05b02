//! What `verify` says, to people and to programs, and what it does not take for a question.

use serde_json::Value;

use super::request::{EXPIRES, HOST, NOW, canned, plain, verdict, with};
use crate::cli::{
    openssl::key,
    process::{Outcome, tollgate},
};

fn ask(url: &str, more: &[&str]) -> Outcome {
    let trusted = format!("KRSA={}", key("rsa-2048.public"));
    let arguments = ["verify", "--url", url, "--public-key", &trusted];
    tollgate(&std::env::temp_dir(), &[&arguments[..], more].concat())
}

#[test]
fn the_exit_code_is_the_verdict() {
    let url = plain(&format!("{HOST}/a"));
    let now = NOW.to_string();
    let allowed = ask(&url, &["--at", &now]);
    assert_eq!((allowed.code, allowed.out.as_str()), (Some(0), "allow\n"));
    let denied = ask(&url, &["--at", "2100-01-01"]);
    assert_eq!(denied.code, Some(1), "{denied}");
    assert!(denied.out.starts_with("deny  AccessDenied (expired)\n"), "{denied}");
    // Now is the default, and these signatures have expired.
    let now = ask(&url, &[]);
    assert!(now.code == Some(1) && now.out.starts_with("deny  AccessDenied (expired)\n"), "{now}");
    for outcome in [allowed, denied] {
        assert!(outcome.err.is_empty() && !outcome.out.contains("Signature="), "{outcome}");
    }
}

#[test]
fn json_has_the_same_members_whatever_the_verdict() {
    let url = format!("{HOST}/a");
    let members = |answer: &Value| answer.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let allowed = verdict(&plain(&url), &[]);
    let denied = verdict(&with(&url, "Key-Pair-Id=KOTHER"), &[]);
    assert_eq!(
        members(&allowed),
        ["allow", "carrier", "code", "detail", "expiresAt", "policy", "reason"]
    );
    assert_eq!(members(&allowed), members(&denied));
    for name in ["code", "reason", "detail"] {
        assert!(allowed[name].is_null() && denied[name].is_string(), "{name}");
    }
    assert_eq!(allowed["allow"], true);
    assert_eq!(allowed["expiresAt"], EXPIRES);
    assert_eq!(allowed["policy"], canned(&url, EXPIRES));
    assert_eq!(denied["allow"], false);
    assert_eq!(denied["code"], "InvalidKey");
    assert_eq!(denied["reason"], "unknown-key");
}

#[test]
fn explain_lists_every_check_in_its_order() {
    let url = plain(&format!("{HOST}/a"));
    let answer = verdict(&url, &["--explain"]);
    let checks = answer["checks"].as_array().unwrap();
    assert!(checks.len() >= 6, "{answer:#}");
    assert!(checks.iter().all(|check| check["passed"] != false), "{answer:#}");

    let now = NOW.to_string();
    let text = ask(&url, &["--explain", "--at", &now]);
    let text = text.done();
    let mut rest = text;
    for check in checks {
        let name = check["name"].as_str().unwrap();
        let at = rest.find(&format!("  {name} ")).unwrap_or_else(|| panic!("{name} in {text}"));
        rest = &rest[at + 1..];
    }
    assert!(text.contains(&format!("policy  {}", canned(&format!("{HOST}/a"), EXPIRES))), "{text}");
    assert!(text.contains("expires 2026-01-01T18:00:00Z"), "{text}");

    let denied = verdict(&url, &["--explain", "--at", "2100-01-01"]);
    let failed: Vec<_> = denied["checks"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|check| check["passed"] == false)
        .collect();
    assert_eq!(failed.len(), 1, "{denied:#}");
    assert!(verdict(&url, &[]).get("checks").is_none());
}

#[test]
fn any_of_several_keys_may_have_signed() {
    let url = plain(&format!("{HOST}/a"));
    let now = NOW.to_string();
    let [other, right] = [
        format!("KOTHER={}", key("other-rsa-2048.public")),
        format!("KRSA={}", key("rsa-2048.public")),
    ];
    for (keys, code) in [(vec![&other, &right], 0), (vec![&right, &other], 0), (vec![&other], 1)] {
        let mut arguments = vec!["verify", "--url", &url, "--at", &now];
        for key in keys {
            arguments.extend(["--public-key", key]);
        }
        let outcome = tollgate(&std::env::temp_dir(), &arguments);
        assert_eq!(outcome.code, Some(code), "{outcome}");
    }
}

#[test]
fn a_question_that_is_wrong_is_no_verdict() {
    let url = format!("{HOST}/a");
    let [public, p384, rsa3072] =
        ["p256.public", "p384.public", "rsa-3072.public"].map(|name| format!("K2={}", key(name)));
    let same = format!("KRSA={}", key("p256.public"));
    let nameless = format!("={}", key("p256.public"));
    for (more, says) in [
        (vec!["--at", "noon"], "--at: must be one of"),
        (vec!["--at", ""], "--at: must be one of"),
        (vec!["--ip", "here"], "--ip: must be an IPv4 or IPv6 address"),
        (vec!["--ip", "192.0.2.0/24"], "--ip: must be an IPv4 or IPv6 address"),
        (vec!["--cookie", "CloudFront-Policy"], "--cookie: must be NAME=VALUE"),
        (vec!["--public-key", "K2"], "--public-key: must be ID=PATH"),
        (vec!["--public-key", "K2="], "--public-key: "),
        (vec!["--public-key", &nameless], "--public-key: the id: must be 1 to 128"),
        (vec!["--public-key", &same], "--public-key: the id: KRSA is the id of an earlier key too"),
        (vec!["--public-key", &p384], "--public-key: K2: CloudFront accepts RSA-2048"),
        (vec!["--public-key", &rsa3072], "--public-key: K2: CloudFront accepts RSA-2048"),
    ] {
        ask(&url, &more).refused(&[says]);
    }
    ask(&url, &["--public-key", &public]).ended_with_a_verdict();
    tollgate(&std::env::temp_dir(), &["verify", "--url", &url]).refused(&["--public-key"]);
    tollgate(&std::env::temp_dir(), &["verify", "--public-key", &public]).refused(&["--url"]);
    // A cookie's value is a secret, and so is what stands in its place.
    let outcome = ask(&url, &["--cookie", "a=b", "--cookie", "hunter2hunter2"]);
    outcome.refused(&["--cookie"]);
    assert!(!outcome.err.contains("hunter2"), "{outcome}");
}

impl Outcome {
    fn ended_with_a_verdict(&self) {
        assert!(self.code == Some(1) && self.out.starts_with("deny  MissingKey"), "{self}");
    }
}
