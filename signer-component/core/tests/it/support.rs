//! The fixture of the conformance rows, and signatures made without our own signer.
//!
//! Rows are signed with the `rsa` and `p256` crates directly, so that a mistake shared by our signer
//! and our verifier cannot hide.

use std::sync::LazyLock;

use base64::{Engine, prelude::BASE64_STANDARD};
use p256::ecdsa::signature::hazmat::PrehashSigner;
use rsa::pkcs8::DecodePrivateKey;
use sha1::Digest;
use tollgate_core::cloudfront::{
    Code, EdgeRequest, KeyPairId, PublicKey, Reason, Verdict, Verifier,
};

pub use tollgate_core::cloudfront::Hash;

/// The distribution.
pub const D8: &str = "d111111abcdef8.cloudfront.net";
/// The edge's clock unless a row says otherwise.
pub const NOW: u64 = 1_767_200_000;
/// The end of signatures unless a row says otherwise.
pub const EXP: u64 = 1_767_290_400;
/// A viewer.
pub const VIEWER: &str = "192.0.2.7";

/// The keys of the fixture. K1 and K2 are trusted, K3 is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// RSA-2048.
    K1,
    /// P-256.
    K2,
    /// RSA-2048, of the same account but outside the group.
    K3,
}

impl Key {
    pub fn id(self) -> &'static str {
        match self {
            Self::K1 => "K1RSATESTKEY01",
            Self::K2 => "K2ECDSATESTKEY",
            Self::K3 => "K3OUTSIDEGROUP",
        }
    }

    /// Signs as CloudFront expects it.
    pub fn sign(self, hash: Hash, message: &[u8]) -> Vec<u8> {
        match self {
            Self::K1 => rsa_signature(&RSA, hash, message),
            Self::K2 => p256_signature(hash, message).to_der().as_bytes().to_vec(),
            Self::K3 => rsa_signature(&RSA_OUTSIDE, hash, message),
        }
    }
}

pub static RSA: LazyLock<rsa::PrivateKey> =
    LazyLock::new(|| rsa::PrivateKey::from_pkcs8_pem(RSA_PEM).unwrap());
static RSA_OUTSIDE: LazyLock<rsa::PrivateKey> =
    LazyLock::new(|| rsa::PrivateKey::from_pkcs8_pem(RSA_OUTSIDE_PEM).unwrap());
static P256: LazyLock<p256::ecdsa::SigningKey> =
    LazyLock::new(|| p256::ecdsa::SigningKey::from_pkcs8_pem(P256_PEM).unwrap());

pub const RSA_PEM: &str = include_str!("../../testdata/rsa-2048.pkcs8.pem");
pub const P256_PEM: &str = include_str!("../../testdata/p256.pkcs8.pem");
const RSA_OUTSIDE_PEM: &str = include_str!("../../testdata/other-rsa-2048.pkcs8.pem");
const RSA_PUBLIC_PEM: &str = include_str!("../../testdata/rsa-2048.public.pem");
const RSA_OUTSIDE_PUBLIC_PEM: &str = include_str!("../../testdata/other-rsa-2048.public.pem");
const P256_PUBLIC_PEM: &str = include_str!("../../testdata/p256.public.pem");

/// The digest under a signature.
pub fn digest(hash: Hash, message: &[u8]) -> Vec<u8> {
    match hash {
        Hash::Sha1 => sha1::Sha1::digest(message).to_vec(),
        Hash::Sha256 => sha2::Sha256::digest(message).to_vec(),
    }
}

fn rsa_signature(key: &rsa::PrivateKey, hash: Hash, message: &[u8]) -> Vec<u8> {
    match hash {
        Hash::Sha1 => key.pkcs1v15_sign::<sha1::Sha1>(message).unwrap(),
        Hash::Sha256 => key.pkcs1v15_sign::<sha2::Sha256>(message).unwrap(),
    }
}

/// An ECDSA signature in parts, for the rows that write it in another form.
pub fn p256_signature(hash: Hash, message: &[u8]) -> p256::ecdsa::Signature {
    P256.sign_prehash(&digest(hash, message)).unwrap()
}

/// CloudFront's base64, written independently of the core.
pub fn base64(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(bytes).replace('+', "-").replace('=', "_").replace('/', "~")
}

/// The canned policy for a resource.
pub fn canned_policy(resource: &str, expires: impl std::fmt::Display) -> String {
    format!(
        r#"{{"Statement":[{{"Resource":"{resource}","Condition":{{"DateLessThan":{{"AWS:EpochTime":{expires}}}}}}}]}}"#
    )
}

/// A custom policy with further conditions, each written as `,"Name":{…}`.
pub fn custom_policy(resource: &str, further: &str) -> String {
    format!(
        r#"{{"Statement":[{{"Resource":"{resource}","Condition":{{"DateLessThan":{{"AWS:EpochTime":{EXP}}}{further}}}}}]}}"#
    )
}

/// A custom policy bound to an address.
pub fn ip_policy(range: &str) -> String {
    custom_policy(&at_d8("/a.mp4"), &format!(r#","IpAddress":{{"AWS:SourceIp":"{range}"}}"#))
}

/// A URL of the distribution.
pub fn at_d8(path: &str) -> String {
    format!("https://{D8}{path}")
}

/// Signing parameters in order, to be changed at will.
#[derive(Clone, Debug)]
pub struct Parts(pub Vec<(&'static str, String)>);

impl Parts {
    /// What a signer sends with a canned policy for this resource, by K1 and SHA-1.
    pub fn canned(resource: &str) -> Self {
        Self::canned_until(resource, EXP)
    }

    pub fn canned_until(resource: &str, expires: impl std::fmt::Display) -> Self {
        let policy = canned_policy(resource, &expires);
        Self::signed(("Expires", expires.to_string()), policy.as_bytes(), Key::K1, Hash::Sha1)
    }

    pub fn canned_by(key: Key, hash: Hash, resource: &str) -> Self {
        let policy = canned_policy(resource, EXP);
        Self::signed(("Expires", EXP.to_string()), policy.as_bytes(), key, hash)
    }

    /// What a signer sends with this very policy, by K1 and SHA-1.
    pub fn custom(policy: &str) -> Self {
        Self::custom_by(Key::K1, Hash::Sha1, policy)
    }

    pub fn custom_by(key: Key, hash: Hash, policy: &str) -> Self {
        Self::signed(("Policy", base64(policy.as_bytes())), policy.as_bytes(), key, hash)
    }

    fn signed(first: (&'static str, String), message: &[u8], key: Key, hash: Hash) -> Self {
        let signature = base64(&key.sign(hash, message));
        let mut parts = vec![first, ("Signature", signature), ("Key-Pair-Id", key.id().to_owned())];
        if hash == Hash::Sha256 {
            parts.push(("Hash-Algorithm", "SHA256".to_owned()));
        }
        Self(parts)
    }

    pub fn without(mut self, name: &str) -> Self {
        self.0.retain(|(known, _)| *known != name);
        self
    }

    /// Replaces a value, or adds it at the end.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        let value = value.into();
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, old)) => *old = value,
            None => self.0.push((name, value)),
        }
        self
    }

    pub fn value(&self, name: &str) -> &str {
        &self.0.iter().find(|(known, _)| *known == name).unwrap().1
    }

    /// Changes the order, by name.
    pub fn ordered(mut self, names: &[&str]) -> Self {
        self.0.sort_by_key(|(name, _)| names.iter().position(|wanted| wanted == name));
        self
    }

    pub fn query(&self) -> String {
        let pairs: Vec<String> =
            self.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("&")
    }

    /// The parameters behind a URL.
    pub fn on(&self, url: &str) -> String {
        let separator = if url.contains('?') { '&' } else { '?' };
        format!("{url}{separator}{}", self.query())
    }

    /// The parameters as one `Cookie` header.
    pub fn cookie(&self) -> String {
        let pairs: Vec<String> =
            self.0.iter().map(|(name, value)| format!("CloudFront-{name}={value}")).collect();
        pairs.join("; ")
    }
}

/// One row of the conformance table.
#[derive(Clone, Debug)]
pub struct Row {
    /// The number in the research, or `X…` for a row of our own; letters tell the cases of one row apart.
    pub number: &'static str,
    pub url: String,
    pub cookies: Vec<String>,
    pub ip: Option<&'static str>,
    pub now: u64,
    pub strict: bool,
    expected: Option<(Code, Reason)>,
}

impl Row {
    pub fn allow(number: &'static str, url: impl Into<String>) -> Self {
        let (url, cookies) = (url.into(), Vec::new());
        Self { number, url, cookies, ip: Some(VIEWER), now: NOW, strict: false, expected: None }
    }

    pub fn deny(number: &'static str, url: impl Into<String>, code: Code, reason: Reason) -> Self {
        Self { expected: Some((code, reason)), ..Self::allow(number, url) }
    }

    pub fn cookie(mut self, header: impl Into<String>) -> Self {
        self.cookies.push(header.into());
        self
    }

    pub fn at(self, now: u64) -> Self {
        Self { now, ..self }
    }

    pub fn viewer(self, ip: &'static str) -> Self {
        Self { ip: Some(ip), ..self }
    }

    pub fn without_address(self) -> Self {
        Self { ip: None, ..self }
    }

    pub fn strict(self) -> Self {
        Self { strict: true, ..self }
    }

    pub fn request(&self) -> EdgeRequest<'_> {
        EdgeRequest { url: &self.url, cookies: &self.cookies, client_ip: self.ip, now: self.now }
    }
}

/// The verifier of the behaviour `*`.
pub fn verifier(strict: bool) -> &'static Verifier {
    if strict { &STRICT } else { &USUAL }
}

static USUAL: LazyLock<Verifier> = LazyLock::new(|| fresh_verifier(false));
static STRICT: LazyLock<Verifier> = LazyLock::new(|| fresh_verifier(true));

/// The same verifier, which has seen no request yet.
pub fn fresh_verifier(strict: bool) -> Verifier {
    trusting(&[Key::K1, Key::K2], strict)
}

/// A verifier that trusts some of the keys.
pub fn trusting(keys: &[Key], strict: bool) -> Verifier {
    let key = |key: &Key| {
        let pem = match key {
            Key::K1 => RSA_PUBLIC_PEM,
            Key::K2 => P256_PUBLIC_PEM,
            Key::K3 => RSA_OUTSIDE_PUBLIC_PEM,
        };
        (KeyPairId::new(key.id()).unwrap(), PublicKey::from_pem(pem).unwrap())
    };
    Verifier::new(keys.iter().map(key).collect(), strict).unwrap()
}

/// Judges every row and reports all that differ, not only the first.
pub fn check(rows: &[Row]) {
    let mut wrong = Vec::new();
    for row in rows {
        let verifier = verifier(row.strict);
        let verdict = verifier.verify(&row.request());
        let report = verifier.explain(&row.request());
        let seen = match &verdict {
            Verdict::Allow => None,
            Verdict::Deny(denied) => Some((denied.code, denied.reason)),
        };
        if seen != row.expected {
            wrong
                .push(format!("row {}: {seen:?}, not {:?}: {report:#?}", row.number, row.expected));
        }
        let explained = match &report.verdict {
            Verdict::Allow => None,
            Verdict::Deny(denied) => Some((denied.code, denied.reason)),
        };
        assert_eq!(seen, explained, "row {}: explain differs from verify", row.number);
        assert_no_secret(row, &report);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Nothing in a report lets its reader open the object: no long piece of any value the request carried.
fn assert_no_secret(row: &Row, report: &tollgate_core::cloudfront::Report) {
    let details: String = report.checks.iter().map(|check| check.detail.as_str()).collect();
    let carried = format!("{};{}", row.url, row.cookies.join(";"));
    for value in carried.split(['&', ';', '=']).filter(|value| value.len() > 60) {
        let piece = &value[..40];
        assert!(!details.contains(piece), "row {}: a report holds {piece}", row.number);
    }
}
