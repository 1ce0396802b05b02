//! Tokens that must not be believed, over the wire.

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use super::support::{
    client::Call,
    issuer::Issuer,
    now,
    site::{Layout, Site, signed_urls},
    tokens::{claims, jwks, minted, public},
    until,
};

async fn site() -> (Issuer, Site) {
    let issuer = Issuer::start(Some(jwks(&["rsa", "p256"]))).await;
    let site = Site::with(Layout::auth(issuer.table())).await;
    until("readiness", async || site.send(&Call::get("/readyz")).await.status == 200).await;
    (issuer, site)
}

fn good() -> Value {
    claims("alice", &["Standard"])
}

fn ask(token: &str) -> Call {
    Call::get(signed_urls("alice", "s", "hls")).token(token)
}

async fn assert_refused(site: &Site, what: &str, token: &str) {
    let reply = site.send(&ask(token)).await;
    assert_eq!(reply.slug(), (401, "unauthenticated".to_owned()), "{what}");
    assert!(reply.header("www-authenticate").contains("error=\"invalid_token\""), "{what}");
    for part in token.split('.').filter(|part| !part.is_empty()) {
        assert!(!reply.text().contains(part), "{what}: the answer repeats the token");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_without_a_signature_is_refused() {
    let (_issuer, site) = site().await;
    let token = minted("p256", Some("p256"), &good());
    let [header, payload, signature] = token.split('.').collect::<Vec<_>>().try_into().unwrap();
    assert_eq!(site.send(&ask(&token)).await.status, 200, "the token they are made from");
    // The header of RFC 7519, section 6.1: {"alg":"none"}.
    let none = "eyJhbGciOiJub25lIn0";
    for (what, forged) in [
        ("none", format!("{none}.{payload}.")),
        ("none with a signature", format!("{none}.{payload}.{signature}")),
        ("no signature", format!("{header}.{payload}.")),
        ("two parts", format!("{header}.{payload}")),
        ("four parts", format!("{token}.{signature}")),
        ("another signature", format!("{header}.{payload}.{}", "A".repeat(86))),
    ] {
        assert_refused(&site, what, &forged).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_key_is_no_shared_secret() {
    let (_issuer, site) = site().await;
    for kid in ["rsa", "p256"] {
        for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
            let header = Header { kid: Some(kid.to_owned()), ..Header::new(algorithm) };
            let secret = EncodingKey::from_secret(public(kid).as_bytes());
            let token = jsonwebtoken::encode(&header, &good(), &secret).unwrap();
            assert_refused(&site, "a public key as a secret", &token).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_somebody_else_is_refused_under_a_trusted_name() {
    let (_issuer, site) = site().await;
    let other = include_bytes!("../../../../api/testdata/p256-other.pem");
    let header = Header { kid: Some("p256".to_owned()), ..Header::new(Algorithm::ES256) };
    let key = EncodingKey::from_ec_pem(other).unwrap();
    let token = jsonwebtoken::encode(&header, &good(), &key).unwrap();
    assert_refused(&site, "another key", &token).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn claims_that_do_not_hold_are_refused() {
    let (_issuer, site) = site().await;
    // Beyond the leeway of thirty seconds by more than any clock is off here.
    let (past, future) = (now() - 600, now() + 600);
    for (what, changes) in [
        ("expired", json!({ "exp": past })),
        ("no end", json!({ "exp": null })),
        ("an end that is a text", json!({ "exp": "4102444800" })),
        ("not yet valid", json!({ "nbf": future })),
        ("issued in the future", json!({ "iat": future })),
        ("another issuer", json!({ "iss": "https://issuer.example" })),
        ("no issuer", json!({ "iss": null })),
        ("another audience", json!({ "aud": "tollgate-admin" })),
        ("no audience that fits", json!({ "aud": ["a", "b"] })),
        ("an empty list of audiences", json!({ "aud": [] })),
        ("no subject", json!({ "sub": null })),
        ("an empty subject", json!({ "sub": "" })),
    ] {
        let mut claims = good();
        for (name, value) in changes.as_object().unwrap() {
            match value {
                Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
                value => claims[name] = value.clone(),
            }
        }
        assert_refused(&site, what, &minted("p256", Some("p256"), &claims)).await;
    }
    for (what, name, value) in [
        ("one of several audiences", "aud", json!(["a", "tollgate"])),
        ("within the leeway", "exp", json!(now() - 1)),
        ("within the leeway", "nbf", json!(now() + 5)),
    ] {
        let mut claims = good();
        claims[name] = value;
        let reply = site.send(&ask(&minted("p256", Some("p256"), &claims))).await;
        assert_eq!(reply.status, 200, "{what}: {}", reply.text());
    }
}
