//! Public keys an edge trusts.

use p256::{
    ecdsa::signature::hazmat::PrehashVerifier as _,
    pkcs8::{Document, SubjectPublicKeyInfoRef},
};
use rsa::{
    PublicKey as RsaKey, pkcs1v15, pkcs8::DecodePublicKey as _, signature::Verifier as _,
    traits::PublicKeyParts as _,
};
use sha1::Sha1;
use sha2::Sha256;

use super::{ACCEPTED, Algorithm, Hash, RSA_BITS, private::digest};
use crate::error::InvalidField;

/// A public key an edge trusts.
#[derive(Clone, Debug)]
pub struct PublicKey(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Rsa(Box<RsaKey>),
    Ecdsa(Box<p256::ecdsa::VerifyingKey>),
}

impl PublicKey {
    /// Parses a SubjectPublicKeyInfo PEM (`BEGIN PUBLIC KEY`) of an RSA-2048 or P-256 key.
    pub fn from_pem(pem: &str) -> Result<Self, InvalidField> {
        let refused = |rule| InvalidField::new("public-key", rule);
        let pem = pem.trim();
        if pem.contains("PRIVATE KEY-----") {
            return Err(refused("is a private key; give its public half"));
        }
        if !pem.starts_with("-----BEGIN PUBLIC KEY-----") {
            return Err(refused("is not a PEM that begins with BEGIN PUBLIC KEY"));
        }
        if let Ok(key) = RsaKey::from_public_key_pem(pem) {
            if key.n().bit_width() != RSA_BITS || !is_rsa_encryption(pem) {
                return Err(refused(ACCEPTED));
            }
            return Ok(Self(Kind::Rsa(Box::new(key))));
        }
        let key =
            p256::ecdsa::VerifyingKey::from_public_key_pem(pem).map_err(|_| refused(ACCEPTED))?;
        Ok(Self(Kind::Ecdsa(Box::new(key))))
    }

    /// The public half of a key that was checked.
    pub(super) fn rsa(key: RsaKey) -> Self {
        Self(Kind::Rsa(Box::new(key)))
    }

    /// The public half of a key that was checked.
    pub(super) fn ecdsa(key: p256::ecdsa::VerifyingKey) -> Self {
        Self(Kind::Ecdsa(Box::new(key)))
    }

    /// What kind of key it is.
    pub fn algorithm(&self) -> Algorithm {
        match self.0 {
            Kind::Rsa(_) => Algorithm::Rsa2048,
            Kind::Ecdsa(_) => Algorithm::EcdsaP256,
        }
    }

    /// Whether `signature` is this key's over `message`.
    pub fn verifies(&self, message: &[u8], hash: Hash, signature: &[u8]) -> bool {
        match &self.0 {
            Kind::Rsa(key) => {
                let Ok(signature) = pkcs1v15::Signature::try_from(signature) else { return false };
                let key = key.as_ref().clone();
                match hash {
                    Hash::Sha1 => {
                        pkcs1v15::VerifyingKey::<Sha1>::new(key).verify(message, &signature).is_ok()
                    }
                    Hash::Sha256 => pkcs1v15::VerifyingKey::<Sha256>::new(key)
                        .verify(message, &signature)
                        .is_ok(),
                }
            }
            Kind::Ecdsa(key) => {
                let Ok(signature) = p256::ecdsa::DerSignature::try_from(signature) else {
                    return false;
                };
                key.verify_prehash(&digest(message, hash), &signature).is_ok()
            }
        }
    }
}

/// Whether the key says that it is for any RSA signature, not for RSASSA-PSS alone.
fn is_rsa_encryption(pem: &str) -> bool {
    Document::from_pem(pem).is_ok_and(|(_, document)| {
        SubjectPublicKeyInfoRef::try_from(document.as_bytes())
            .is_ok_and(|info| info.algorithm.oid == rsa::pkcs1::ALGORITHM_OID)
    })
}
