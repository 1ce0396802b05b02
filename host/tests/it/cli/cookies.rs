//! `sign-cookies`: what it prints is what a browser stores, and what `verify --cookie` accepts.

use std::collections::BTreeMap;

use super::{
    openssl::{decode, key, verifies},
    process::{Outcome, tollgate},
};

const URL: &str = "https://media.example.com/v/1/a.m3u8";
const CANNED: [&str; 3] = ["CloudFront-Expires", "CloudFront-Signature", "CloudFront-Key-Pair-Id"];
const CUSTOM: [&str; 3] = ["CloudFront-Policy", "CloudFront-Signature", "CloudFront-Key-Pair-Id"];
const PATTERN: &str = "https://media.example.com/v/1/*";

fn sign(key_name: &str, more: &[&str]) -> Outcome {
    let key = key(key_name);
    let arguments = ["sign-cookies", "--url", URL, "--key-pair-id", "K1", "--private-key", &key];
    let arguments = [&arguments[..], &["--date-less-than", "2100-01-01"], more].concat();
    tollgate(&std::env::temp_dir(), &arguments)
}

/// Name, value and attributes of each line.
fn lines(outcome: &Outcome) -> Vec<(String, String, Vec<String>)> {
    let line = |line: &str| {
        let cookie = line.strip_prefix("Set-Cookie: ").unwrap_or_else(|| panic!("{line}"));
        let mut parts = cookie.split("; ").map(str::to_owned);
        let pair = parts.next().unwrap();
        let (name, value) = pair.split_once('=').unwrap();
        (name.to_owned(), value.to_owned(), parts.collect())
    };
    outcome.done().lines().map(line).collect()
}

fn verify(url: &str, public: &str, cookies: &[String]) -> Outcome {
    let trusted = format!("K1={}", key(public));
    let mut arguments = vec!["verify", "--url", url, "--public-key", &trusted, "--strict"];
    for cookie in cookies {
        arguments.extend(["--cookie", cookie]);
    }
    tollgate(&std::env::temp_dir(), &arguments)
}

#[test]
fn each_line_is_one_cookie_with_the_attributes_that_are_asked_for() {
    for (flags, attributes) in [
        (vec![], "Secure; HttpOnly"),
        (vec!["--insecure"], "HttpOnly"),
        (vec!["--readable"], "Secure"),
        (vec!["--insecure", "--readable"], ""),
        (
            vec!["--domain", "example.com", "--path", "/v/1/"],
            "Domain=example.com; Path=/v/1/; Secure; HttpOnly",
        ),
        (vec!["--same-site", "None"], "Secure; HttpOnly; SameSite=None"),
        (vec!["--same-site", "Strict", "--insecure"], "HttpOnly; SameSite=Strict"),
        (vec!["--same-site", "Lax"], "Secure; HttpOnly; SameSite=Lax"),
    ] {
        let outcome = sign("rsa-2048.pkcs8", &flags);
        let lines = lines(&outcome);
        let names: Vec<&str> = lines.iter().map(|(name, ..)| name.as_str()).collect();
        assert_eq!(names, CANNED, "{flags:?}");
        for (_, _, found) in &lines {
            assert_eq!(found.join("; "), attributes, "{flags:?}");
        }
    }
}

#[test]
fn a_pattern_makes_the_policy_travel_and_sha256_is_declared() {
    let hash = "CloudFront-Hash-Algorithm";
    for (key_name, flags, expected) in [
        ("rsa-2048.pkcs8", vec![], CANNED.to_vec()),
        ("p256.pkcs8", vec![], [&CANNED[..], &[hash]].concat()),
        ("rsa-2048.pkcs8", vec!["--policy-resource", PATTERN], CUSTOM.to_vec()),
        ("p256.pkcs8", vec!["--policy-resource", PATTERN], [&CUSTOM[..], &[hash]].concat()),
        ("rsa-2048.pkcs8", vec!["--hash-algorithm", "SHA256"], [&CANNED[..], &[hash]].concat()),
    ] {
        let lines = lines(&sign(key_name, &flags));
        let names: Vec<&str> = lines.iter().map(|(name, ..)| name.as_str()).collect();
        assert_eq!(names, expected, "{key_name} {flags:?}");
        let values: BTreeMap<_, _> =
            lines.iter().map(|(name, value, _)| (name.as_str(), value.as_str())).collect();
        assert!(values.get(hash).is_none_or(|hash| *hash == "SHA256"));
    }
}

#[test]
fn openssl_verifies_the_cookies_signature_over_their_policy() {
    let lines = lines(&sign("p256.pkcs8", &["--policy-resource", PATTERN]));
    let value = |name: &str| &lines.iter().find(|(found, ..)| found == name).unwrap().1;
    let policy = String::from_utf8(decode(value("CloudFront-Policy"))).unwrap();
    assert_eq!(
        policy,
        r#"{"Statement":[{"Resource":"https://media.example.com/v/1/*","Condition":{"DateLessThan":{"AWS:EpochTime":4102444800}}}]}"#
    );
    assert!(verifies("sha256", &key("p256.public"), &policy, value("CloudFront-Signature")));
}

#[test]
fn json_is_an_object_of_names_and_values() {
    let lines = lines(&sign("rsa-2048.pkcs8", &[]));
    let json = sign("rsa-2048.pkcs8", &["--json"]).json();
    let expected: serde_json::Map<_, _> =
        lines.into_iter().map(|(name, value, _)| (name, value.into())).collect();
    assert_eq!(json, serde_json::Value::Object(expected));
}

#[test]
fn verify_accepts_the_cookies_for_what_they_open_and_nothing_else() {
    for (private, public) in [("rsa-2048.pkcs8", "rsa-2048.public"), ("p256.pkcs8", "p256.public")]
    {
        for (flags, segment) in [(vec![], 1), (vec!["--policy-resource", PATTERN], 0)] {
            let pairs: Vec<String> = lines(&sign(private, &flags))
                .into_iter()
                .map(|(name, value, _)| format!("{name}={value}"))
                .collect();
            assert_eq!(verify(URL, public, &pairs).done(), "allow");
            let other = verify("https://media.example.com/v/1/seg0.ts", public, &pairs);
            assert_eq!(other.code, Some(segment), "{other}");
            let other = verify("https://media.example.com/v/2/a.m3u8", public, &pairs);
            assert_eq!(other.code, Some(1), "{other}");
            // In one header, as a browser sends them, is the same.
            assert_eq!(verify(URL, public, &[pairs.join("; ")]).done(), "allow");
            let fewer = verify(URL, public, &pairs[..2]);
            assert!(fewer.out.contains("MissingKey"), "{fewer}");
        }
    }
}
