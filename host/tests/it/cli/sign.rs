//! `sign` against openssl: what is printed is what CloudFront will verify, byte for byte.

use super::{
    openssl::{decode, key, verifies},
    process::{Outcome, tollgate},
};

const URL: &str = "https://d111111abcdef8.cloudfront.net/v/1/a.m3u8?size=large&x=%20";
const EXPIRES: u64 = 4_102_444_800;

/// Signs `URL` until 2100 with a key of the test data and more flags.
fn sign(key_name: &str, more: &[&str]) -> Outcome {
    let key = key(key_name);
    let mut arguments = vec!["sign", "--url", URL, "--key-pair-id", "K2JCJMDEHXQW5F"];
    arguments.extend(["--private-key", &key]);
    if !more.contains(&"--date-less-than") {
        arguments.extend(["--date-less-than", "4102444800"]);
    }
    arguments.extend(more);
    tollgate(&std::env::temp_dir(), &arguments)
}

/// The query parameters that signing added, in their order.
fn added(outcome: &Outcome) -> Vec<(String, String)> {
    let url = outcome.done();
    assert_eq!(outcome.out, format!("{url}\n"), "one line and nothing else");
    assert!(!url.contains('\n') && outcome.err.is_empty(), "{outcome}");
    let added = url.strip_prefix(URL).and_then(|rest| rest.strip_prefix('&')).expect("as given");
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap();
        (name.to_owned(), value.to_owned())
    };
    added.split('&').map(pair).collect()
}

fn names(added: &[(String, String)]) -> Vec<&str> {
    added.iter().map(|(name, _)| name.as_str()).collect()
}

fn value<'a>(added: &'a [(String, String)], name: &str) -> &'a str {
    &added.iter().find(|(found, _)| found == name).expect(name).1
}

/// The policy a URL without one stands for, as the CloudFront guide documents it.
fn canned(expires: u64) -> String {
    format!(
        r#"{{"Statement":[{{"Resource":"{URL}","Condition":{{"DateLessThan":{{"AWS:EpochTime":{expires}}}}}}}]}}"#
    )
}

#[test]
fn openssl_verifies_every_kind_of_signature_over_the_canned_policy() {
    for (private, public, flag, hash) in [
        ("rsa-2048.pkcs8", "rsa-2048.public", None, "sha1"),
        ("rsa-2048.pkcs1", "rsa-2048.public", Some("SHA1"), "sha1"),
        ("rsa-2048.pkcs8", "rsa-2048.public", Some("SHA256"), "sha256"),
        ("p256.pkcs8", "p256.public", None, "sha256"),
        ("p256.sec1", "p256.public", Some("SHA256"), "sha256"),
        ("p256.pkcs8", "p256.public", Some("SHA1"), "sha1"),
    ] {
        let more = flag.map_or(vec![], |hash| vec!["--hash-algorithm", hash]);
        let added = added(&sign(private, &more));
        let mut expected = vec!["Expires", "Signature", "Key-Pair-Id"];
        if hash == "sha256" {
            expected.push("Hash-Algorithm");
            assert_eq!(value(&added, "Hash-Algorithm"), "SHA256");
        }
        assert_eq!(names(&added), expected, "{private} {flag:?}");
        assert_eq!(value(&added, "Expires"), EXPIRES.to_string());
        assert_eq!(value(&added, "Key-Pair-Id"), "K2JCJMDEHXQW5F");

        let signature = value(&added, "Signature");
        let public = key(public);
        assert!(verifies(hash, &public, &canned(EXPIRES), signature), "{private} {flag:?}");
        assert!(!verifies(hash, &public, &canned(EXPIRES + 1), signature), "{private} {flag:?}");
    }
}

#[test]
fn openssl_verifies_the_custom_policy_that_the_flags_describe() {
    let policy = |resource: &str, conditions: &str| {
        format!(
            r#"{{"Statement":[{{"Resource":"{resource}","Condition":{{"DateLessThan":{{"AWS:EpochTime":{EXPIRES}}}{conditions}}}}}]}}"#
        )
    };
    let after = r#","DateGreaterThan":{"AWS:EpochTime":1767225600}"#;
    let from = |range: &str| format!(r#","IpAddress":{{"AWS:SourceIp":"{range}"}}"#);
    let pattern = "https://d111111abcdef8.cloudfront.net/v/1/*";
    for (flags, expected) in [
        (vec!["--date-greater-than", "2026-01-01"], policy(URL, after)),
        (vec!["--ip-address", "192.0.2.0/24"], policy(URL, &from("192.0.2.0/24"))),
        (vec!["--ip-address", "192.0.2.7"], policy(URL, &from("192.0.2.7/32"))),
        (vec!["--policy-resource", pattern], policy(pattern, "")),
        (
            vec!["--date-greater-than", "2026-01-01", "--ip-address", "0.0.0.0/0"],
            policy(URL, &format!("{after}{}", from("0.0.0.0/0"))),
        ),
        (
            vec!["--policy-resource", "https://*.net/v/?/*", "--allow-wildcard-domain"],
            policy("https://*.net/v/?/*", ""),
        ),
    ] {
        for (private, public, hash) in
            [("rsa-2048.pkcs8", "rsa-2048.public", "sha1"), ("p256.pkcs8", "p256.public", "sha256")]
        {
            let added = added(&sign(private, &flags));
            assert_eq!(names(&added)[..3], ["Policy", "Signature", "Key-Pair-Id"], "{flags:?}");
            let sent = String::from_utf8(decode(value(&added, "Policy"))).unwrap();
            assert_eq!(sent, expected, "{flags:?}");
            let signature = value(&added, "Signature");
            assert!(verifies(hash, &key(public), &sent, signature), "{private} {flags:?}");
        }
    }
}

#[test]
fn a_resource_that_is_the_url_needs_no_policy_in_it() {
    let plain = sign("rsa-2048.pkcs8", &[]);
    let exact = sign("rsa-2048.pkcs8", &["--policy-resource", URL]);
    assert_eq!(plain.done(), exact.done());
}

#[test]
fn a_time_may_be_written_in_every_form_the_aws_command_line_takes() {
    for text in [
        "4102444800",
        "2100-01-01",
        "2100-01-01T00:00:00",
        "2100-01-01T00:00:00Z",
        "2100-01-01T02:00:00+02:00",
        "2099-12-31T16:30:00-07:30",
    ] {
        let added = added(&sign("rsa-2048.pkcs8", &["--date-less-than", text]));
        assert_eq!(value(&added, "Expires"), "4102444800", "{text}");
    }
}

#[test]
fn json_holds_the_same_url() {
    let plain = sign("rsa-2048.pkcs8", &[]);
    let json = sign("rsa-2048.pkcs8", &["--json"]).json();
    assert_eq!(json, serde_json::json!({ "url": plain.done() }));
}

#[test]
fn a_key_may_be_named_as_the_aws_command_line_wants_it() {
    let plain = sign("rsa-2048.pkcs8", &[]);
    let named = format!("file://{}", key("rsa-2048.pkcs8"));
    let arguments = ["sign", "--url", URL, "--key-pair-id", "K2JCJMDEHXQW5F", "--private-key"];
    let arguments = [&arguments[..], &[&named, "--date-less-than", "2100-01-01"]].concat();
    assert_eq!(tollgate(&std::env::temp_dir(), &arguments).done(), plain.done());
}

#[test]
fn what_has_expired_is_signed_only_on_purpose() {
    let past = ["--date-less-than", "2020-01-01"];
    sign("p256.pkcs8", &past).refused(&["--date-less-than: has already passed"]);
    let signed = sign("p256.pkcs8", &[&past[..], &["--allow-expired"]].concat());
    assert_eq!(value(&added(&signed), "Expires"), "1577836800");
}
