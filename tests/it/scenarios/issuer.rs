//! Tokens, and the keys they are verified with.

use jsonwebtoken::{Algorithm, EncodingKey, Header, jwk::Jwk};
use serde_json::{Map, Value, json};

use super::{
    clock::now,
    format::{Claims, Time, Token},
};

pub const ISSUER: &str = "https://issuer.example/";
pub const AUDIENCE: &str = "tollgate";

/// Private keys by `kid`. The stranger's is not published.
const KEYS: [(&str, Algorithm, &str); 4] = [
    ("rsa", Algorithm::RS256, include_str!("../../../api/testdata/rsa.pem")),
    ("p256", Algorithm::ES256, include_str!("../../../api/testdata/p256.pem")),
    ("ed25519", Algorithm::EdDSA, include_str!("../../../api/testdata/ed25519.pem")),
    ("stranger", Algorithm::ES256, include_str!("../../../api/testdata/p256-other.pem")),
];

fn private(kid: &str) -> (Algorithm, EncodingKey) {
    let (_, algorithm, pem) = KEYS.iter().find(|(name, ..)| *name == kid).unwrap();
    let key = match algorithm {
        Algorithm::RS256 => EncodingKey::from_rsa_pem(pem.as_bytes()),
        Algorithm::ES256 => EncodingKey::from_ec_pem(pem.as_bytes()),
        _ => EncodingKey::from_ed_pem(pem.as_bytes()),
    };
    (*algorithm, key.unwrap())
}

/// The published keys.
pub fn jwks() -> String {
    let published = KEYS.iter().filter(|(kid, ..)| *kid != "stranger");
    let keys: Vec<_> = published
        .map(|(kid, ..)| {
            let (algorithm, key) = private(kid);
            let jwk = Jwk::from_encoding_key(&key, algorithm).unwrap();
            let mut jwk = serde_json::to_value(jwk).unwrap();
            jwk["kid"] = json!(kid);
            jwk
        })
        .collect();
    json!({ "keys": keys }).to_string()
}

/// The header that carries a token.
pub fn bearer(token: &Token) -> String {
    let (user, over, key) = match token {
        Token::Of(user) => (user.as_str(), Map::new(), "p256"),
        Token::With(Claims { claims, key }) => ("nobody", claims.clone(), key.as_str()),
    };
    let mut claims = json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": user, "roles": ["Standard"],
        "iat": now() - 1, "nbf": now() - 1, "exp": now() + 3600,
    });
    for (name, value) in over {
        let time = value.as_str().and_then(Time::read).map(|time| json!(time.after(now())));
        match time.unwrap_or(value) {
            Value::Null => claims.as_object_mut().unwrap().remove(&name),
            value => claims.as_object_mut().unwrap().insert(name, value),
        };
    }
    let (algorithm, encoding) = private(key);
    let header = Header { kid: Some(key.to_owned()), ..Header::new(algorithm) };
    format!("Bearer {}", jsonwebtoken::encode(&header, &claims, &encoding).unwrap())
}
