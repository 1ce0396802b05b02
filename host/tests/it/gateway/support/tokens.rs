//! Tokens as an issuer mints them, and the keys they are verified with.

use jsonwebtoken::{Algorithm, EncodingKey, Header, jwk::Jwk};
use serde_json::{Value, json};

use super::now;

pub const ISSUER: &str = "https://issuer.example/";
pub const AUDIENCE: &str = "tollgate";

/// The issuer's keys: `kid`, algorithm, private and public PEM. Made with OpenSSL.
pub const KEYS: [(&str, Algorithm, &str, &str); 3] = [
    (
        "rsa",
        Algorithm::RS256,
        include_str!("../../../../../api/testdata/rsa.pem"),
        include_str!("../../../../../api/testdata/rsa.pub"),
    ),
    (
        "p256",
        Algorithm::ES256,
        include_str!("../../../../../api/testdata/p256.pem"),
        include_str!("../../../../../api/testdata/p256.pub"),
    ),
    (
        "ed25519",
        Algorithm::EdDSA,
        include_str!("../../../../../api/testdata/ed25519.pem"),
        include_str!("../../../../../api/testdata/ed25519.pub"),
    ),
];

/// The public half of a key.
pub fn public(kid: &str) -> &'static str {
    KEYS.iter().find(|(name, ..)| *name == kid).unwrap().3
}

fn private(kid: &str) -> (Algorithm, EncodingKey) {
    let (_, algorithm, pem, _) = KEYS.iter().find(|(name, ..)| *name == kid).unwrap();
    let key = match algorithm {
        Algorithm::RS256 => EncodingKey::from_rsa_pem(pem.as_bytes()),
        Algorithm::ES256 => EncodingKey::from_ec_pem(pem.as_bytes()),
        _ => EncodingKey::from_ed_pem(pem.as_bytes()),
    };
    (*algorithm, key.unwrap())
}

/// A JWKS of these keys, as another implementation writes it.
pub fn jwks(kids: &[&str]) -> String {
    let key = |kid: &&str| {
        let (algorithm, key) = private(kid);
        let mut jwk =
            serde_json::to_value(Jwk::from_encoding_key(&key, algorithm).unwrap()).unwrap();
        jwk["kid"] = json!(kid);
        jwk
    };
    json!({ "keys": kids.iter().map(key).collect::<Vec<_>>() }).to_string()
}

/// What a good token says.
pub fn claims(user: &str, roles: &[&str]) -> Value {
    json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": user, "roles": roles,
        "iat": now() - 1, "nbf": now() - 1, "exp": now() + 3600,
    })
}

/// Signs `claims` with `key` under the name `kid`.
pub fn minted(key: &str, kid: Option<&str>, claims: &Value) -> String {
    let (algorithm, encoding) = private(key);
    let header = Header { kid: kid.map(str::to_owned), ..Header::new(algorithm) };
    jsonwebtoken::encode(&header, claims, &encoding).unwrap()
}

/// A good token of somebody who watches.
pub fn token(user: &str) -> String {
    token_as(user, &["Standard"])
}

/// A good token with these roles.
pub fn token_as(user: &str, roles: &[&str]) -> String {
    minted("p256", Some("p256"), &claims(user, roles))
}
