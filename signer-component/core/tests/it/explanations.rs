//! What an explanation says beyond the verdict.

use tollgate_core::cloudfront::{KeyPairId, PublicKey, Report, Verdict, Verifier};

use crate::support::*;

const ORDER: [&str; 11] = [
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

fn explain(row: &Row) -> Report {
    verifier(row.strict).explain(&row.request())
}

fn detail(report: &Report, name: &str) -> String {
    report.checks.iter().find(|check| check.name == name).unwrap().detail.clone()
}

fn denial(report: &Report) -> String {
    match &report.verdict {
        Verdict::Allow => panic!("allowed: {report:#?}"),
        Verdict::Deny(denied) => denied.detail.clone(),
    }
}

#[test]
fn every_check_is_listed_in_order_whatever_happens() {
    let url = at_d8("/a.mp4");
    for url in [
        url.clone(),
        "no url".to_owned(),
        Parts::canned(&url).on(&url),
        Parts::canned(&url).with("Signature", "!").on(&url),
        Parts::custom(&ip_policy("192.0.2.0/24")).on(&at_d8("/b.mp4")),
        Parts::custom("{").on(&url),
    ] {
        let report = explain(&Row::allow("", url));
        let names: Vec<&str> = report.checks.iter().map(|check| check.name).collect();
        assert_eq!(names, ORDER);
        let failed = report.checks.iter().any(|check| check.passed == Some(false));
        assert_eq!(failed, report.verdict != Verdict::Allow, "{report:#?}");
    }
}

#[test]
fn a_report_shows_carrier_policy_and_end() {
    let url = at_d8("/a.mp4");
    let report = explain(&Row::allow("", &url));
    assert_eq!((report.carrier, report.policy, report.expires_at), (None, None, None));

    let report = explain(&Row::allow("", Parts::canned(&url).on(&url)));
    assert_eq!(report.carrier, Some("url"));
    assert_eq!(report.policy, Some(canned_policy(&url, EXP)));
    assert_eq!(report.expires_at, Some(EXP));

    let policy = custom_policy(&at_d8("/*"), "");
    let report = explain(&Row::allow("", &url).cookie(Parts::custom(&policy).cookie()));
    assert_eq!((report.carrier, report.policy), (Some("cookies"), Some(policy)));
    assert_eq!(report.expires_at, Some(EXP));
}

#[test]
fn what_was_noticed_is_told() {
    let url = at_d8("/a.mp4");
    let query = at_d8("/a?x=1");
    let custom = |resource: &str, url: &str| Parts::custom(&custom_policy(resource, "")).on(url);
    for (url, check, word) in [
        (
            Parts::custom(&custom_policy(&url, "")).with("Expires", "1").on(&url),
            "request",
            "`Policy` decides",
        ),
        (Parts::custom(&ip_policy("192.0.2.7")).on(&url), "policy", "no slash"),
        (Parts::custom(&ip_policy("192.0.2.7/24")).on(&url), "policy", "behind its prefix"),
        (custom(&query, &query), "resource", "start of the query"),
        (custom(&at_d8("/im?.jpg"), &at_d8("/img.jpg")), "resource", "one character"),
        (custom(&format!("http*://{D8}/*"), &url), "resource", "not documented"),
        (
            Parts::custom(&custom_policy("", "").replace(r#""Resource":"","#, "")).on(&url),
            "policy",
            "every file",
        ),
    ] {
        let report = explain(&Row::allow("", url));
        assert_eq!(report.verdict, Verdict::Allow, "{report:#?}");
        assert!(detail(&report, check).contains(word), "{report:#?}");
    }
}

#[test]
fn a_signature_that_does_not_fit_comes_with_a_hint() {
    let url = at_d8("/v/a.mp4");
    let mixed = Parts::canned_by(Key::K2, Hash::Sha1, &url).with("Key-Pair-Id", Key::K1.id());
    let sha256 = Parts::canned_by(Key::K1, Hash::Sha256, &url).without("Hash-Algorithm");
    for (url, word) in [
        (sha256.on(&url), "Hash-Algorithm=SHA256"),
        (Parts::canned(&url).with("Hash-Algorithm", "SHA256").on(&url), "leave out"),
        (mixed.on(&url), Key::K2.id()),
        (Parts::canned(&url).on(&at_d8("/v/a.mp4?x=1")), "without its query"),
        (Parts::canned(&url.replace("https", "http")).on(&url), "scheme"),
        (Parts::canned(&at_d8("/v/*")).on(&url), "custom policy"),
    ] {
        let row = Row::allow("", url);
        assert!(denial(&explain(&row)).contains(word), "{:#?}", explain(&row));
    }
}

#[test]
fn every_condition_that_fails_is_told_at_once() {
    // Made by hand, since no signer makes a policy that starts after its end.
    let policy = ip_policy("198.51.100.0/24");
    let start = format!(r#","DateGreaterThan":{{"AWS:EpochTime":{}}},"IpAddress""#, EXP + 99);
    let url = Parts::custom(&policy.replace(r#","IpAddress""#, &start)).on(&at_d8("/b.mp4"));
    let report = explain(&Row::allow("", url).at(EXP + 7));
    let failed: Vec<&str> = report
        .checks
        .iter()
        .filter(|check| check.passed == Some(false))
        .map(|check| check.name)
        .collect();
    assert_eq!(failed, ["not-before", "expiry", "ip", "resource"]);
    assert!(detail(&report, "expiry").contains("7 s ago"));
    // The first of them is the reason.
    assert!(denial(&report).contains("in 93 s"), "{report:#?}");
}

#[test]
fn conditions_of_a_policy_nobody_signed_are_not_told() {
    let policy = base64(ip_policy("198.51.100.0/24").as_bytes());
    let unsigned = Parts::custom(&ip_policy("192.0.2.0/24")).with("Policy", policy);
    let report = explain(&Row::allow("", unsigned.on(&at_d8("/b.mp4"))).at(EXP));
    for name in ["not-before", "expiry", "ip", "resource"] {
        let check = report.checks.iter().find(|check| check.name == name).unwrap();
        assert_eq!((check.passed, check.detail.as_str()), (None, "not reached"));
    }
}

#[test]
fn a_policy_cannot_steer_a_terminal() {
    let url = at_d8("/a.mp4");
    let report = explain(&Row::allow("", Parts::custom("\u{1b}[2J\u{9b}{").on(&url)));
    assert!(!report.policy.unwrap().contains(['\u{1b}', '\u{9b}']));
}

#[test]
fn two_keys_with_one_id_are_refused() {
    let key = |id| {
        let pem = include_str!("../../testdata/p256.public.pem");
        (KeyPairId::new(id).unwrap(), PublicKey::from_pem(pem).unwrap())
    };
    let refusal = Verifier::new(vec![key("A"), key("B"), key("A")], false).unwrap_err();
    assert_eq!(refusal.field, "keys[2].key-pair-id");
    assert!(Verifier::new(vec![key("A"), key("a")], false).is_ok());
}
