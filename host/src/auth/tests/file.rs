//! Keys in files: what is wrong with them at the start, and when they change later.

use std::error::Error as _;
use std::fs;

use tollgate_api::TokenRules;

use super::{
    AuthSettings, Authenticator, JwksUrl, KeySource, TestClock, jwks, start, sub, token,
    token_named, unknown,
};

const P256: &str = include_str!("../../../../api/testdata/p256.pub");
const ED25519: &str = include_str!("../../../../api/testdata/ed25519.pub");

#[tokio::test]
async fn a_file_is_read_again_when_a_token_names_a_key_it_lacks() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("jwks.json");
    fs::write(&path, jwks(&["rsa"])).unwrap();
    let clock = TestClock::new();
    let authenticator = start(KeySource::JwksFile(path.clone()), &clock);
    assert!(authenticator.ready());
    assert_eq!(sub(&authenticator, &token("rsa")).await, Ok("u1".into()));
    fs::write(&path, jwks(&["p256"])).unwrap();
    assert_eq!(sub(&authenticator, &token("p256")).await, Ok("u1".into()));
    assert_eq!(sub(&authenticator, &token("rsa")).await, Err(unknown("rsa")));
    // Broken or gone, it takes nothing away.
    for failures in 1..=2 {
        clock.advance(2);
        if failures == 1 {
            fs::write(&path, "{").unwrap()
        } else {
            fs::remove_file(&path).unwrap()
        }
        assert_eq!(sub(&authenticator, &token("rsa")).await, Err(unknown("rsa")));
        assert_eq!(authenticator.refreshes_failed(), failures);
        assert_eq!(sub(&authenticator, &token("p256")).await, Ok("u1".into()));
    }
    clock.advance(2);
    fs::write(&path, jwks(&["rsa"])).unwrap();
    assert_eq!(sub(&authenticator, &token("rsa")).await, Ok("u1".into()));
}

#[tokio::test]
async fn a_replaced_pem_file_counts_soon() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key.pub");
    fs::write(&path, P256).unwrap();
    let authenticator = start(KeySource::PemFile(path.clone()), &TestClock::new());
    // The key of a PEM file has no name and stands for every one.
    assert_eq!(sub(&authenticator, &token_named("p256", "any")).await, Ok("u1".into()));
    assert!(sub(&authenticator, &token("ed25519")).await.is_err());
    // The first look at the file is over by then, so that it is a later one that notices.
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    fs::write(&path, ED25519).unwrap();
    super::eventually("the new key", || authenticator.refreshes() >= 1).await;
    assert_eq!(sub(&authenticator, &token("ed25519")).await, Ok("u1".into()));
    assert!(sub(&authenticator, &token("p256")).await.is_err());
}

#[tokio::test]
async fn what_cannot_work_is_said_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let private = include_str!("../../../../api/testdata/p256.pem");
    for (keys, part) in [
        (KeySource::JwksFile(folder.path().join("missing")), "cannot be read"),
        (KeySource::JwksFile(folder.path().to_owned()), "cannot be read"),
        (KeySource::JwksFile(write("a", P256)), "no JSON object"),
        (KeySource::JwksFile(write("b", r#"{"keys":[]}"#)), "no RSA, P-256 or Ed25519"),
        (KeySource::JwksFile(write("c", &" ".repeat(1024 * 1024 + 1))), "larger than 1 MiB"),
        (KeySource::PemFile(write("d", &jwks(&["rsa"]))), "no PEM file"),
        (KeySource::PemFile(write("e", private)), "private key"),
        (KeySource::JwksUrl(JwksUrl::new("http://issuer.example/jwks")), "must be https"),
        (KeySource::JwksUrl(JwksUrl::new("issuer")), "must start with https"),
    ] {
        let rules = TokenRules {
            issuer: String::new(),
            audiences: vec![],
            leeway: 0,
            roles_claim: String::new(),
        };
        let error = Authenticator::new(AuthSettings { keys, rules }).err().expect(part);
        let mut chain = error.to_string();
        let mut source = error.source();
        while let Some(cause) = source {
            chain = format!("{chain}: {cause}");
            source = cause.source();
        }
        assert!(chain.contains(part), "{chain}");
        assert!(!chain.contains("BEGIN"), "{chain}");
    }
}
