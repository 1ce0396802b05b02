//! What `sign` and `sign-cookies` refuse: exit code 2, and a message that names the flag to mend.

use std::fs;

use super::{
    openssl::key,
    process::{Outcome, tollgate},
};

const PLAIN: [(&str, &str); 4] = [
    ("--url", "https://media.example.com/v/1/a.m3u8"),
    ("--key-pair-id", "K1"),
    ("--private-key", "p256.pkcs8"),
    ("--date-less-than", "2100-01-01"),
];

/// Runs a command with flags that work, but for those in `changed`, which stand in their place.
fn with(name: &str, changed: &[(&str, &str)]) -> Outcome {
    let kept = PLAIN.iter().filter(|(flag, _)| !changed.iter().any(|(other, _)| other == flag));
    let mut arguments = vec![name.to_owned()];
    for (flag, value) in kept.chain(changed) {
        let test_key =
            *flag == "--private-key" && !value.contains(['/', '.']) || *value == PLAIN[2].1;
        let value = if test_key { key(value) } else { (*value).to_owned() };
        arguments.push(if value.is_empty() && !PLAIN.iter().any(|(known, _)| known == flag) {
            (*flag).to_owned()
        } else {
            format!("{flag}={value}")
        });
    }
    tollgate(&std::env::temp_dir(), &arguments)
}

#[test]
fn every_refusal_names_the_flag_and_the_rule() {
    let cases: &[(&str, &str, &str)] = &[
        ("--url", "https://h/a?Expires=1", "--url: already has the parameter Expires"),
        ("--url", "https://h/a?x=1&Key-Pair-Id=K", "--url: already has the parameter Key-Pair-Id"),
        ("--url", "https://h/a?Hash-Algorithm", "--url: already has the parameter Hash-Algorithm"),
        ("--url", "https://h/a?Polic%79=", "--url: already has the parameter Policy"),
        ("--url", "https://h/a?Signature=x", "--url: already has the parameter Signature"),
        ("--url", "https://h/a#top", "--url: must not have a fragment"),
        ("--url", "https://h/a b", "--url: must be ASCII without spaces"),
        ("--url", "https://h/\u{e9}", "--url: must be ASCII without spaces"),
        ("--url", "https://h/a\"", "--url: must not hold a quote"),
        ("--url", "https://h/a\nb", "--url: must not hold"),
        ("--url", "", "--url: must begin with http:// or https://"),
        ("--url", "s3://bucket/a", "--url: must begin with http:// or https://"),
        (
            "--url",
            "https://me@h/a",
            "--url: must have a host that is a name or an address, and no user name",
        ),
        ("--key-pair-id", "", "--key-pair-id: must be 1 to 128"),
        ("--key-pair-id", "K 1", "--key-pair-id: must be 1 to 128"),
        ("--date-less-than", "1767290400000", "--date-less-than: must be seconds since 1970"),
        ("--date-less-than", "2020-01-01", "--date-less-than: has already passed"),
        ("--date-less-than", "tomorrow", "--date-less-than: must be one of: epoch seconds"),
        ("--date-less-than", "", "--date-less-than: must be one of: epoch seconds"),
        ("--date-less-than", "1960-01-01", "--date-less-than: must not be before 1970"),
        (
            "--date-greater-than",
            "2100-01-01",
            "--date-greater-than: must be before --date-less-than",
        ),
        (
            "--date-greater-than",
            "2101-01-01",
            "--date-greater-than: must be before --date-less-than",
        ),
        ("--date-greater-than", "1767290400000", "--date-greater-than: must be seconds since 1970"),
        ("--date-greater-than", "noon", "--date-greater-than: must be one of: epoch seconds"),
        ("--ip-address", "2001:db8::/32", "--ip-address: is IPv6"),
        ("--ip-address", "192.0.2.0/33", "--ip-address: must be an IPv4 address or range"),
        ("--ip-address", "here", "--ip-address: must be an IPv4 address or range"),
        ("--policy-resource", "https://other.example.com/*", "--policy-resource: does not match"),
        (
            "--policy-resource",
            "https://media.example.com/v/1*",
            "--policy-resource: must have a / before",
        ),
        ("--policy-resource", "https://*/v/1/*", "--allow-wildcard-domain"),
        ("--policy-resource", "*", "--policy-resource: has a wildcard in its domain"),
        ("--policy-resource", "media", "--policy-resource: must begin with"),
        ("--hash-algorithm", "MD5", "--hash-algorithm"),
        ("--hash-algorithm", "sha256", "--hash-algorithm"),
    ];
    for (flag, value, says) in cases {
        for command in ["sign", "sign-cookies"] {
            let outcome = with(command, &[(flag, value)]);
            outcome.refused(&[says]);
            // The contract's own words would send people looking for flags that are not there.
            for word in ["expires-at", "not-before", "tollgate: resource"] {
                assert!(!outcome.err.contains(word), "{outcome}");
            }
        }
    }
}

#[test]
fn keys_cloudfront_does_not_take_are_refused_without_being_shown() {
    let cases = [
        ("dsa", "CloudFront accepts RSA-2048 and ECDSA P-256"),
        ("p384.pkcs8", "CloudFront accepts RSA-2048 and ECDSA P-256"),
        ("ed25519.pkcs8", "CloudFront accepts RSA-2048 and ECDSA P-256"),
        ("rsa-1024.pkcs8", "CloudFront accepts RSA-2048 and ECDSA P-256"),
        ("rsa-3072.pkcs8", "CloudFront accepts RSA-2048 and ECDSA P-256"),
        ("encrypted.pkcs1", "is encrypted"),
        ("encrypted.pkcs8", "is encrypted"),
        ("p256.public", "is a public key"),
    ];
    for (name, says) in cases {
        let path = key(name);
        let outcome = with("sign", &[("--private-key", &path)]);
        outcome.refused(&["--private-key: ", says]);
        for line in fs::read_to_string(&path).unwrap().lines().filter(|line| line.len() > 20) {
            assert!(line.starts_with("-----") || !outcome.err.contains(line), "{outcome}");
        }
    }
}

#[test]
fn attributes_no_browser_would_take_are_refused_by_their_flag() {
    for (flag, value, says) in [
        ("--domain", "a;b", "--domain: must be a host name"),
        ("--domain", "cloudfront.net", "--domain: "),
        ("--path", "v", "--path: must begin with /"),
        ("--path", "/v; Secure", "--path: must begin with /"),
        ("--same-site", "strict", "--same-site: must be Strict, Lax or None"),
    ] {
        with("sign-cookies", &[(flag, value)]).refused(&[says]);
    }
    with("sign-cookies", &[("--same-site", "None"), ("--insecure", "")])
        .refused(&["--same-site: None needs Secure"]);
}

#[test]
fn every_flag_that_is_needed_is_asked_for() {
    tollgate(&std::env::temp_dir(), &["sign"]).refused(&PLAIN.map(|(flag, _)| flag));
}
