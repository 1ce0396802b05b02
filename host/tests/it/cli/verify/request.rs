//! A request to judge, with what is needed to sign it as the CloudFront guide does.

use serde_json::Value;

use crate::cli::{
    openssl::{encode, key, sign},
    process::tollgate,
};

/// The distribution of the examples.
pub const HOST: &str = "https://d111111abcdef8.cloudfront.net";
/// When the signatures end, and an earlier moment at which requests come unless they say otherwise.
pub const EXPIRES: u64 = 1_767_290_400;
pub const NOW: u64 = 1_767_200_000;

/// Private keys: the trusted ones, and one whose public half nobody gave to `verify`.
pub const RSA: &str = "rsa-2048.pkcs8";
pub const P256: &str = "p256.pkcs8";
pub const STRANGER: &str = "other-rsa-2048.pkcs8";

/// The policy that stands for a URL with `Expires`.
pub fn canned(resource: &str, expires: u64) -> String {
    custom(resource, &format!(r#""DateLessThan":{{"AWS:EpochTime":{expires}}}"#))
}

/// A policy with these conditions.
pub fn custom(resource: &str, conditions: &str) -> String {
    format!(r#"{{"Statement":[{{"Resource":"{resource}","Condition":{{{conditions}}}}}]}}"#)
}

/// A signature over `policy` in CloudFront's alphabet.
pub fn signature(hash: &str, private: &str, policy: &str) -> String {
    encode(&sign(hash, private, policy))
}

/// A URL with more parameters.
pub fn with(url: &str, parameters: &str) -> String {
    format!("{url}{}{parameters}", if url.contains('?') { '&' } else { '?' })
}

/// `url` signed by the RSA key with SHA-1 until [`EXPIRES`], the plainest signed URL there is.
pub fn plain(url: &str) -> String {
    let signature = signature("sha1", RSA, &canned(url, EXPIRES));
    with(url, &format!("Expires={EXPIRES}&Signature={signature}&Key-Pair-Id=KRSA"))
}

/// `url` with `policy` and a signature over it.
pub fn with_policy(url: &str, policy: &str) -> String {
    let signature = signature("sha1", RSA, policy);
    let policy = encode(policy.as_bytes());
    with(url, &format!("Policy={policy}&Signature={signature}&Key-Pair-Id=KRSA"))
}

/// Cookies that carry `policy`.
pub fn cookies(policy: &str) -> [String; 3] {
    let signature = signature("sha1", RSA, policy);
    let policy = encode(policy.as_bytes());
    [
        format!("CloudFront-Policy={policy}"),
        format!("CloudFront-Signature={signature}"),
        "CloudFront-Key-Pair-Id=KRSA".to_owned(),
    ]
}

/// What `verify --json` says to a request with more flags; its exit code must agree.
pub fn verdict(url: &str, more: &[&str]) -> Value {
    let rsa = format!("KRSA={}", key("rsa-2048.public"));
    let p256 = format!("KEC={}", key("p256.public"));
    let now = NOW.to_string();
    let mut arguments = vec!["verify", "--json", "--url", url];
    arguments.extend(["--public-key", &rsa, "--public-key", &p256]);
    if !more.contains(&"--at") {
        arguments.extend(["--at", &now]);
    }
    arguments.extend(more);
    let outcome = tollgate(&std::env::temp_dir(), &arguments);
    let answer: Value =
        serde_json::from_str(&outcome.out).unwrap_or_else(|error| panic!("{error}: {outcome}"));
    assert!(outcome.err.is_empty(), "{outcome}");
    let code = if answer["allow"] == true { 0 } else { 1 };
    assert_eq!(outcome.code, Some(code), "{outcome}");
    answer
}

/// Asserts the verdict on a request: `allow`, or the code of CloudFront's answer.
pub fn judge(name: &str, url: &str, more: &[&str], expected: &str) {
    let answer = verdict(url, more);
    let found = answer["code"].as_str().unwrap_or("allow");
    assert_eq!(found, expected, "{name}: {answer:#}");
}
