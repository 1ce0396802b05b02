//! Tokens minted by another implementation, and what becomes of them here.

mod forged;
mod keys;
mod rules;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

use super::{Claims, KeySet, TokenError, TokenRules, bearer, check};

/// The time at which tokens of these tests are checked.
const NOW: u64 = 1_700_000_000;

/// The private keys, each with the algorithm it signs with.
const KEYS: [(&str, Algorithm, &str); 4] = [
    ("rsa", Algorithm::RS256, include_str!("../../../testdata/rsa.pem")),
    ("p256", Algorithm::ES256, include_str!("../../../testdata/p256.pem")),
    ("ed25519", Algorithm::EdDSA, include_str!("../../../testdata/ed25519.pem")),
    ("p256-other", Algorithm::ES256, include_str!("../../../testdata/p256-other.pem")),
];

fn private(kid: &str) -> (Algorithm, EncodingKey) {
    let (_, algorithm, pem) = KEYS.iter().find(|(name, ..)| *name == kid).expect(kid);
    let key = match algorithm {
        Algorithm::RS256 => EncodingKey::from_rsa_pem(pem.as_bytes()),
        Algorithm::ES256 => EncodingKey::from_ec_pem(pem.as_bytes()),
        _ => EncodingKey::from_ed_pem(pem.as_bytes()),
    };
    (*algorithm, key.unwrap())
}

/// The JWK of a key, as the other implementation writes it.
fn jwk(kid: &str) -> Value {
    let (algorithm, key) = private(kid);
    let mut jwk = serde_json::to_value(Jwk::from_encoding_key(&key, algorithm).unwrap()).unwrap();
    jwk["kid"] = json!(kid);
    jwk
}

fn jwks(keys: impl IntoIterator<Item = Value>) -> String {
    json!({ "keys": keys.into_iter().collect::<Vec<_>>() }).to_string()
}

/// The set that most tests trust: one key of each kind.
fn trusted() -> KeySet {
    KeySet::from_jwks(&jwks(["rsa", "p256", "ed25519"].map(jwk))).unwrap()
}

fn rules() -> TokenRules {
    TokenRules {
        issuer: "https://issuer.example/".into(),
        audiences: vec!["tollgate".into(), "other".into()],
        leeway: 30,
        roles_claim: "roles".into(),
    }
}

fn claims() -> Value {
    json!({
        "iss": "https://issuer.example/",
        "aud": "tollgate",
        "sub": "u1",
        "iat": NOW - 10,
        "exp": NOW + 600,
        "roles": ["Standard"],
    })
}

/// Signs any header over any claims.
fn sign(header: &Value, claims: &Value, kid: &str) -> String {
    let (algorithm, key) = private(kid);
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(header), part(claims));
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, algorithm).unwrap();
    format!("{message}.{signature}")
}

/// A token that nothing is wrong with but what the claims say.
fn mint(kid: &str, claims: &Value) -> String {
    let (algorithm, _) = private(kid);
    sign(&json!({"alg": algorithm, "typ": "JWT", "kid": kid}), claims, kid)
}

fn claim(name: &'static str, rule: &'static str) -> TokenError {
    TokenError::Claim { name, rule }
}

#[test]
fn every_algorithm_is_accepted() {
    for kid in ["rsa", "p256", "ed25519"] {
        let verified = check(&mint(kid, &claims()), &trusted(), &rules(), NOW);
        let expected = Claims {
            sub: "u1".into(),
            roles: vec![crate::Role::Standard],
            exp: NOW + 600,
            not_before: NOW - 10,
        };
        assert_eq!(verified, Ok(expected), "{kid}");
    }
}

#[test]
fn bearer_takes_one_token_and_nothing_else() {
    for (value, token) in
        [("Bearer a.b.c", "a.b.c"), ("bearer a.b.c", "a.b.c"), ("BEARER A-Z_0.9.x", "A-Z_0.9.x")]
    {
        assert_eq!(bearer(value), Ok(token));
    }
    for value in [
        "",
        "Bearer",
        "Bearer ",
        "Bearer  a.b.c",
        " Bearer a.b.c",
        "Bearer a.b.c ",
        "Bearer a.b.c, Bearer d.e.f",
        "Bearer\ta.b.c",
        "Bearer a.b.c\n",
        "Basic dXNlcjpwYXNz",
        "a.b.c",
        "Bearer a+b/c=",
        "Bearer ä",
    ] {
        assert_eq!(bearer(value), Err(TokenError::NotBearer), "{value:?}");
    }
}

#[test]
fn nothing_of_a_token_is_repeated() {
    let secret = "c2VjcmV0c2VjcmV0";
    for token in [format!("{secret}.{secret}.{secret}"), secret.to_owned()] {
        let error = check(&token, &trusted(), &rules(), NOW).unwrap_err();
        assert!(!format!("{error:?} {error}").contains(secret), "{error:?}");
    }
    let error = bearer(&format!("Basic {secret}")).unwrap_err();
    assert!(!format!("{error:?} {error}").contains(secret), "{error:?}");
}
