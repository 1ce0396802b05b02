//! Tokens that come again: their signature is verified once, and everything else each time.

use std::fs;

use tollgate_api::TokenError;

use super::{
    AuthError, Authenticator, KeySource, NOW, TestClock, issued, jwks, start, sub, token, unknown,
};

/// Trusts the keys of these names, and has their file and its clock.
fn trusting(kids: &[&str]) -> (tempfile::TempDir, std::sync::Arc<TestClock>, Authenticator) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("jwks.json");
    fs::write(&path, jwks(kids)).unwrap();
    let clock = TestClock::new();
    let authenticator = start(KeySource::JwksFile(path), &clock);
    (folder, clock, authenticator)
}

fn refused(name: &'static str, rule: &'static str) -> Result<String, AuthError> {
    Err(TokenError::Claim { name, rule }.into())
}

#[tokio::test]
async fn a_known_token_ends_when_it_says() {
    let (_folder, clock, authenticator) = trusting(&["rsa"]);
    let header = issued("rsa", "rsa", NOW - 1, NOW + 100);
    // The tolerance of thirty seconds counts as for a token that is new.
    for (advance, expected) in [
        (0, Ok("u1".to_owned())),
        (129, Ok("u1".to_owned())),
        (1, refused("exp", "is in the past")),
        (1000, refused("exp", "is in the past")),
    ] {
        clock.advance(advance);
        assert_eq!(sub(&authenticator, &header).await, expected);
    }
}

#[tokio::test]
async fn a_known_token_is_too_early_when_the_clock_goes_back() {
    let (_folder, clock, authenticator) = trusting(&["rsa"]);
    let header = issued("rsa", "rsa", NOW + 500, NOW + 1000);
    clock.advance(470);
    assert_eq!(sub(&authenticator, &header).await, Ok("u1".to_owned()));
    clock.back(1);
    assert_eq!(sub(&authenticator, &header).await, refused("iat", "is in the future"));
    clock.advance(1);
    assert_eq!(sub(&authenticator, &header).await, Ok("u1".to_owned()));
}

#[tokio::test]
async fn a_known_token_goes_with_its_key() {
    let (folder, _clock, authenticator) = trusting(&["rsa", "p256"]);
    for kid in ["rsa", "p256", "rsa", "p256"] {
        assert_eq!(sub(&authenticator, &token(kid)).await, Ok("u1".to_owned()));
    }
    fs::write(folder.path().join("jwks.json"), jwks(&["p256", "ed25519"])).unwrap();
    assert_eq!(sub(&authenticator, &token("ed25519")).await, Ok("u1".to_owned()));
    assert_eq!(sub(&authenticator, &token("rsa")).await, Err(unknown("rsa")));
    assert_eq!(sub(&authenticator, &token("p256")).await, Ok("u1".to_owned()));
}

#[tokio::test]
async fn a_known_token_vouches_for_no_other() {
    let (_folder, _clock, authenticator) = trusting(&["rsa"]);
    let known = token("rsa");
    assert_eq!(sub(&authenticator, &known).await, Ok("u1".to_owned()));
    let (message, signature) = known.rsplit_once('.').unwrap();
    let other = issued("rsa", "rsa", NOW - 1, NOW + 100_000);
    let (longer, _) = other.rsplit_once('.').unwrap();
    let flipped = if signature.starts_with('A') { 'B' } else { 'A' };
    for forged in [
        // Its claims with another signature, its signature on other claims, and a part of it.
        format!("{message}.{flipped}{}", &signature[1..]),
        format!("{longer}.{signature}"),
        known[..known.len() - 2].to_owned(),
    ] {
        for _ in 0..2 {
            assert!(sub(&authenticator, &forged).await.is_err());
        }
    }
    // Nor does one that was refused count against the good one.
    assert_eq!(sub(&authenticator, &known).await, Ok("u1".to_owned()));
}
