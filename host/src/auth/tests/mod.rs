//! Authentication against issuers on real sockets and files on a real disk.

mod file;
mod issuer;
mod remembered;
mod rotation;
mod start;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use tollgate_api::{TokenError, TokenRules};

use super::{AuthError, AuthSettings, Authenticator, Clock, JwksUrl, KeySource};

/// The keys of the tests, each with the algorithm it signs with. The names are their `kid`.
const KEYS: [(&str, Algorithm, &str); 3] = [
    ("rsa", Algorithm::RS256, include_str!("../../../../api/testdata/rsa.pem")),
    ("p256", Algorithm::ES256, include_str!("../../../../api/testdata/p256.pem")),
    ("ed25519", Algorithm::EdDSA, include_str!("../../../../api/testdata/ed25519.pem")),
];

const NOW: u64 = 1_700_000_000;

fn private(kid: &str) -> (Algorithm, EncodingKey) {
    let (_, algorithm, pem) = KEYS.iter().find(|(name, ..)| *name == kid).expect(kid);
    let key = match algorithm {
        Algorithm::RS256 => EncodingKey::from_rsa_pem(pem.as_bytes()),
        Algorithm::ES256 => EncodingKey::from_ec_pem(pem.as_bytes()),
        _ => EncodingKey::from_ed_pem(pem.as_bytes()),
    };
    (*algorithm, key.unwrap())
}

/// A JWKS of these keys.
fn jwks(kids: &[&str]) -> String {
    let keys: Vec<Value> = kids
        .iter()
        .map(|kid| {
            let (algorithm, key) = private(kid);
            let mut jwk =
                serde_json::to_value(Jwk::from_encoding_key(&key, algorithm).unwrap()).unwrap();
            jwk["kid"] = json!(kid);
            jwk
        })
        .collect();
    json!({ "keys": keys }).to_string()
}

/// The `Authorization` header of a good token signed with this key, under the name `kid`.
fn token_named(key: &str, kid: &str) -> String {
    issued(key, kid, NOW - 1, NOW + 3600)
}

/// The same for a token of these times.
fn issued(key: &str, kid: &str, iat: u64, exp: u64) -> String {
    let (algorithm, encoding) = private(key);
    let header = Header { kid: Some(kid.to_owned()), ..Header::new(algorithm) };
    let claims = json!({
        "iss": "https://issuer.example/", "aud": "tollgate", "sub": "u1",
        "iat": iat, "exp": exp, "roles": ["Standard"],
    });
    format!("Bearer {}", jsonwebtoken::encode(&header, &claims, &encoding).unwrap())
}

fn token(kid: &str) -> String {
    token_named(kid, kid)
}

/// A clock that stands still until it is moved.
struct TestClock {
    start: Instant,
    moved: AtomicU64,
}

impl TestClock {
    fn new() -> Arc<Self> {
        Arc::new(Self { start: Instant::now(), moved: AtomicU64::new(0) })
    }

    fn advance(&self, seconds: u64) {
        self.moved.fetch_add(seconds, Ordering::SeqCst);
    }

    /// As a clock does that was wrong.
    fn back(&self, seconds: u64) {
        self.moved.fetch_sub(seconds, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn epoch_seconds(&self) -> u64 {
        NOW + self.moved.load(Ordering::SeqCst)
    }

    fn instant(&self) -> Instant {
        self.start + Duration::from_secs(self.moved.load(Ordering::SeqCst))
    }
}

fn start(keys: KeySource, clock: &Arc<TestClock>) -> Authenticator {
    let rules = TokenRules {
        issuer: "https://issuer.example/".into(),
        audiences: vec!["tollgate".into()],
        leeway: 30,
        roles_claim: "roles".into(),
    };
    Authenticator::with_clock(AuthSettings { keys, rules }, Arc::clone(clock) as _).unwrap()
}

/// Waits for something that another task does; fails after ten seconds.
async fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    for _ in 0..1000 {
        if condition() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{what} did not happen");
}

fn unknown(kid: &str) -> AuthError {
    TokenError::UnknownKey(kid.to_owned()).into()
}

async fn sub(authenticator: &Authenticator, authorization: &str) -> Result<String, AuthError> {
    authenticator.authenticate(Some(authorization)).await.map(|claims| claims.sub)
}
