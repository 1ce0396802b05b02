//! Private keys: PKCS#1, PKCS#8 and SEC1 PEM in, signatures out.

use std::fmt;

use ecdsa::hazmat::sign_prehashed_rfc6979;
use p256::pkcs8::{DecodePrivateKey as _, PrivateKeyInfoRef, SecretDocument};
use rsa::{PrivateKey, pkcs1::DecodeRsaPrivateKey as _, traits::PublicKeyParts as _};
use sha1::{Digest as _, Sha1, digest::block_api::BlockSizeUser};
use sha2::Sha256;

use super::{
    ACCEPTED, Algorithm, Hash, PublicKey, RSA_BITS,
    rsa::{RsaPrivate, agree},
};
use crate::error::InvalidField;

/// A private key, parsed and checked once. `Debug` shows only its kind; the key is wiped when it is dropped.
pub struct SigningKey(Kind);

enum Kind {
    Rsa(Box<RsaPrivate>),
    Ecdsa(Box<p256::ecdsa::SigningKey>),
}

impl SigningKey {
    /// Parses PKCS#1, PKCS#8 or SEC1 PEM; refuses encrypted PEM and every other kind of key.
    pub fn from_pem(pem: &str) -> Result<Self, InvalidField> {
        // Beside the key may stand its parameters, as `openssl ecparam -genkey` writes them, its public half, or a
        // certificate; a file with two keys leaves open which one is meant.
        let mut starts = pem.match_indices("-----BEGIN ").filter_map(|(at, _)| {
            let block = pem.get(at..)?;
            let label = block.strip_prefix("-----BEGIN ")?.split("-----").next()?;
            label.ends_with("PRIVATE KEY").then_some((label, block))
        });
        let Some((label, rest)) = starts.next() else {
            return Err(refused(if pem.contains("PUBLIC KEY-----") {
                "is a public key"
            } else {
                "is not a PKCS#1, PKCS#8 or SEC1 PEM"
            }));
        };
        if starts.next().is_some() {
            return Err(refused("holds more than one private key"));
        }
        let end = format!("-----END {label}-----");
        let length = rest.find(&end).map_or(rest.len(), |at| at + end.len());
        let block = rest.get(..length).unwrap_or(rest);
        if block.contains("ENCRYPTED") {
            return Err(refused("is encrypted; decrypt it first, for example with openssl pkey"));
        }
        match label {
            "RSA PRIVATE KEY" => {
                let unreadable = || refused("is not a readable PKCS#1 RSA key");
                let key = PrivateKey::from_pkcs1_pem(block).map_err(|_| unreadable())?;
                let (_, file) = SecretDocument::from_pem(block).map_err(|_| unreadable())?;
                Self::rsa(&key, file.as_bytes())
            }
            "EC PRIVATE KEY" => {
                let key = p256::SecretKey::from_sec1_pem(block).map_err(|_| refused(ACCEPTED))?;
                Ok(Self(Kind::Ecdsa(Box::new(key.into()))))
            }
            "PRIVATE KEY" => match PrivateKey::from_pkcs8_pem(block) {
                // A key for RSASSA-PSS alone is for another signature than CloudFront's.
                Ok(key) => with_rsa_encryption(block, |file| Self::rsa(&key, file))
                    .unwrap_or_else(|| Err(refused(ACCEPTED))),
                Err(_) => {
                    let key =
                        p256::SecretKey::from_pkcs8_pem(block).map_err(|_| refused(ACCEPTED))?;
                    Ok(Self(Kind::Ecdsa(Box::new(key.into()))))
                }
            },
            _ => Err(refused(ACCEPTED)),
        }
    }

    /// The key, and the PKCS#1 file that it was read from.
    fn rsa(key: &PrivateKey, file: &[u8]) -> Result<Self, InvalidField> {
        if key.n().bit_width() != RSA_BITS {
            return Err(refused(ACCEPTED));
        }
        if !agree(file, key) {
            return Err(refused("has CRT parameters that do not belong to its primes"));
        }
        let key = RsaPrivate::new(key).ok_or_else(|| refused("has primes of unequal length"))?;
        Ok(Self(Kind::Rsa(Box::new(key))))
    }

    /// What kind of key it is.
    pub fn algorithm(&self) -> Algorithm {
        match self.0 {
            Kind::Rsa(_) => Algorithm::Rsa2048,
            Kind::Ecdsa(_) => Algorithm::EcdsaP256,
        }
    }

    /// Its public half.
    pub fn public(&self) -> PublicKey {
        match &self.0 {
            Kind::Rsa(key) => PublicKey::rsa(key.public().clone()),
            Kind::Ecdsa(key) => PublicKey::ecdsa(*key.verifying_key()),
        }
    }

    /// Signs: PKCS#1 v1.5 for RSA; DER and the deterministic nonce of RFC 6979 for ECDSA.
    pub fn sign(&self, message: &[u8], hash: Hash) -> Result<Vec<u8>, InvalidField> {
        match (&self.0, hash) {
            (Kind::Rsa(key), hash) => {
                key.sign(message, hash).ok_or_else(|| refused("cannot sign; it is damaged"))
            }
            // The nonce of RFC 6979 is made with the hash of the message, whichever that is.
            (Kind::Ecdsa(key), Hash::Sha1) => Ok(der(&deterministic::<Sha1>(key, message))),
            (Kind::Ecdsa(key), Hash::Sha256) => Ok(der(&deterministic::<Sha256>(key, message))),
        }
    }
}

/// What is to be done with the PKCS#1 file inside a PKCS#8 key that says that it is for any RSA signature.
fn with_rsa_encryption<T>(block: &str, with: impl FnOnce(&[u8]) -> T) -> Option<T> {
    let (_, document) = SecretDocument::from_pem(block).ok()?;
    let info = PrivateKeyInfoRef::try_from(document.as_bytes()).ok()?;
    (info.algorithm.oid == rsa::pkcs1::ALGORITHM_OID).then(|| with(info.private_key.as_bytes()))
}

/// Signs with a nonce that depends on key and message alone, so that no randomness is needed.
fn deterministic<D>(key: &p256::ecdsa::SigningKey, message: &[u8]) -> p256::ecdsa::Signature
where
    D: sha1::Digest + BlockSizeUser,
{
    let digest = D::digest(message);
    sign_prehashed_rfc6979::<p256::NistP256, D>(key.as_nonzero_scalar(), &digest, &[]).0
}

fn der(signature: &p256::ecdsa::Signature) -> Vec<u8> {
    signature.to_der().as_bytes().to_vec()
}

/// The hash of a message, at least as long as half of P-256 needs it.
pub(super) fn digest(message: &[u8], hash: Hash) -> Vec<u8> {
    match hash {
        Hash::Sha1 => Sha1::digest(message).to_vec(),
        Hash::Sha256 => Sha256::digest(message).to_vec(),
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({:?})", self.algorithm())
    }
}

fn refused(rule: &'static str) -> InvalidField {
    InvalidField::new("private-key", rule)
}
