//! The keys that are trusted, from a JWKS or a PEM file.

use std::collections::HashSet;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use p256::pkcs8::{Document, ObjectIdentifier, SubjectPublicKeyInfoRef};
use serde::Deserialize;
use serde_json::Value;

use super::error::TokenError;
use super::public_key::{Algorithm, PublicKey};

/// The keys that are trusted. Never empty.
#[derive(Clone)]
pub struct KeySet {
    keys: Vec<Key>,
    skipped: Vec<SkippedKey>,
}

#[derive(Clone)]
struct Key {
    kid: Option<String>,
    public: PublicKey,
}

/// A key of a JWKS that is not used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkippedKey {
    /// Where it stands in the set, from 0.
    pub position: usize,
    /// Its `kid`, if it has one.
    pub kid: Option<String>,
    /// Why it is not used.
    pub reason: &'static str,
}

/// Why a text gives no keys.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeySetError {
    /// The text is no JWKS.
    #[error("is no JSON object with a list of keys")]
    NotJwks,
    /// Not one key of the set can be used.
    #[error("holds no RSA, P-256 or Ed25519 signature key that can be used ({} skipped)", .0.len())]
    NoUsableKey(Vec<SkippedKey>),
    /// The text is no PEM file of a public key.
    #[error("{0}")]
    Pem(&'static str),
}

impl KeySet {
    /// Reads a JWKS. Keys that cannot be used are skipped, each with a reason.
    pub fn from_jwks(json: &str) -> Result<Self, KeySetError> {
        let raw: RawSet = serde_json::from_str(json).map_err(|_| KeySetError::NotJwks)?;
        let (mut keys, mut skipped, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
        for (position, value) in raw.keys.into_iter().enumerate() {
            let kid = value.get("kid").and_then(Value::as_str).map(str::to_owned);
            match parse_jwk(value) {
                // Two keys of one name would make the choice depend on their order.
                Ok(public) if kid.is_some() && !seen.insert((kid.clone(), public.algorithm())) => {
                    let reason = "has the kid of a key before it";
                    skipped.push(SkippedKey { position, kid, reason });
                }
                Ok(public) => keys.push(Key { kid, public }),
                Err(reason) => skipped.push(SkippedKey { position, kid, reason }),
            }
        }
        if keys.is_empty() {
            return Err(KeySetError::NoUsableKey(skipped));
        }
        Ok(Self { keys, skipped })
    }

    /// Reads one public key in PEM form (`SubjectPublicKeyInfo`). It has no `kid` and stands for every one.
    pub fn from_pem(pem: &str) -> Result<Self, KeySetError> {
        let (label, document) = Document::from_pem(pem.trim_ascii())
            .map_err(|_| KeySetError::Pem("is no PEM file with exactly one block of DER"))?;
        let public = match label {
            "PUBLIC KEY" => parse_spki(document.as_bytes()).map_err(KeySetError::Pem)?,
            label if label.ends_with("PRIVATE KEY") => {
                let rule = "holds a private key, where only the public key belongs";
                return Err(KeySetError::Pem(rule));
            }
            _ => return Err(KeySetError::Pem("holds no block BEGIN PUBLIC KEY")),
        };
        Ok(Self { keys: vec![Key { kid: None, public }], skipped: Vec::new() })
    }

    /// How many keys are trusted.
    #[expect(clippy::len_without_is_empty, reason = "a key set is never empty")]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// The keys of the set that are not used.
    pub fn skipped(&self) -> &[SkippedKey] {
        &self.skipped
    }

    /// The key that a token with this header is verified with.
    pub(super) fn choose(
        &self,
        algorithm: Algorithm,
        kid: Option<&str>,
    ) -> Result<&PublicKey, TokenError> {
        let fits = |key: &&Key| key.public.algorithm() == algorithm;
        // Keys without a name, as from PEM, stand for every name.
        let named = self.keys.iter().any(|key| key.kid.is_some());
        let Some(kid) = kid.filter(|_| named) else {
            let mut fitting = self.keys.iter().filter(fits);
            return match (fitting.next(), fitting.next()) {
                (Some(key), None) => Ok(&key.public),
                (Some(_), Some(_)) => Err(TokenError::KeyNotNamed),
                (None, _) => Err(TokenError::Algorithm),
            };
        };
        let mut found = self.keys.iter().filter(|key| key.kid.as_deref() == Some(kid)).peekable();
        if found.peek().is_none() {
            return Err(TokenError::UnknownKey(kid.to_owned()));
        }
        found.find(fits).map(|key| &key.public).ok_or(TokenError::Algorithm)
    }
}

impl std::fmt::Debug for KeySet {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let keys = self.keys.iter().map(|key| (key.kid.as_deref(), key.public.algorithm().name()));
        formatter.debug_list().entries(keys).finish()
    }
}

#[derive(Deserialize)]
struct RawSet {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct RawJwk {
    kty: String,
    #[serde(rename = "use")]
    usage: Option<String>,
    key_ops: Option<Vec<String>>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
    d: Option<serde::de::IgnoredAny>,
}

fn parse_jwk(value: Value) -> Result<PublicKey, &'static str> {
    let raw: RawJwk = serde_json::from_value(value).map_err(|_| "is no JWK")?;
    if raw.usage.is_some_and(|usage| usage != "sig") {
        return Err("is not for signatures");
    }
    if raw.key_ops.is_some_and(|operations| !operations.iter().any(|name| name == "verify")) {
        return Err("is not for verifying");
    }
    // Whoever publishes a private key has no key any more.
    if raw.d.is_some() {
        return Err("is a private key");
    }
    let number = |text: Option<String>| {
        let text = text.ok_or("lacks a number")?;
        BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| "holds a number that is no base64url")
    };
    let public = match (raw.kty.as_str(), raw.crv.as_deref()) {
        ("RSA", _) => PublicKey::rsa(&number(raw.n)?, &number(raw.e)?)?,
        ("EC", Some("P-256")) => PublicKey::p256(&number(raw.x)?, &number(raw.y)?)?,
        ("OKP", Some("Ed25519")) => PublicKey::ed25519(&number(raw.x)?)?,
        _ => return Err("is of a type that is not supported"),
    };
    match raw.alg.as_deref() {
        None => Ok(public),
        Some(name) if name == public.algorithm().name() => Ok(public),
        // RFC 9864 names the curve.
        Some("Ed25519") if public.algorithm() == Algorithm::EdDsa => Ok(public),
        Some(_) => Err("is for an algorithm that is not supported"),
    }
}

fn parse_spki(der: &[u8]) -> Result<PublicKey, &'static str> {
    let spki = SubjectPublicKeyInfoRef::try_from(der).map_err(|_| "holds no public key")?;
    let bytes = spki.subject_public_key.as_bytes().ok_or("holds no public key")?;
    match spki.algorithm.oid {
        RSA_ENCRYPTION => {
            let key = rsa::pkcs1::RsaPublicKeyRef::try_from(bytes);
            let key = key.map_err(|_| "holds no RSA public key")?;
            PublicKey::rsa(key.modulus.as_bytes(), key.public_exponent.as_bytes())
        }
        EC_PUBLIC_KEY if spki.algorithm.parameters_oid() == Ok(P_256) => {
            PublicKey::p256_sec1(bytes)
        }
        ED25519 => PublicKey::ed25519(bytes),
        _ => Err("holds a key that is neither RSA nor P-256 nor Ed25519"),
    }
}

const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
