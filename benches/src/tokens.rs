//! Tokens as an issuer would mint them, RS256.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, anyhow};
use aws_lc_rs::{
    rand::SystemRandom,
    signature::{RSA_PKCS1_SHA256, RsaKeyPair},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;

/// Who issues them.
pub const ISSUER: &str = "https://login.bench.example";
/// Whom they are for.
pub const AUDIENCE: &str = "tollgate-bench";

/// No run takes as long.
const LIFETIME: u64 = 24 * 3600;

/// Signs tokens with the issuer's private key.
pub struct Issuer(RsaKeyPair);

impl Issuer {
    /// Takes the key in PKCS#8 PEM.
    ///
    /// # Errors
    /// It is none.
    pub fn new(pem: &str) -> Result<Self> {
        let der = pem::parse(pem).context("the issuer's key is not PEM")?;
        let key = RsaKeyPair::from_pkcs8(der.contents());
        Ok(Self(key.map_err(|rejected| anyhow!("the issuer's key: {rejected}"))?))
    }

    /// A token that says who somebody is.
    ///
    /// # Errors
    /// The key cannot sign.
    pub fn token(&self, user: &str) -> Result<String> {
        let now = now()?;
        let header = json!({ "alg": "RS256", "typ": "JWT" });
        let claims = json!({
            "iss": ISSUER, "aud": AUDIENCE, "sub": user, "roles": ["Standard"],
            "iat": now, "nbf": now, "exp": now + LIFETIME,
        });
        let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(header), part(claims));
        let mut signature = vec![0; self.0.public_modulus_len()];
        self.0
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature)
            .map_err(|_| anyhow!("a token cannot be signed"))?;
        Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

/// Seconds since 1970.
///
/// # Errors
/// The clock is before that.
pub fn now() -> Result<u64> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH).context("the clock is before 1970")?.as_secs())
}
