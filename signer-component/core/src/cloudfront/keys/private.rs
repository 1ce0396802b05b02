//! Private keys: PKCS#1, PKCS#8 and SEC1 PEM in, signatures out.

use std::fmt;

use ecdsa::hazmat::sign_prehashed_rfc6979;
use p256::pkcs8::{DecodePrivateKey as _, PrivateKeyInfoRef, SecretDocument};
use rsa::{
    PrivateKey, pkcs1::DecodeRsaPrivateKey as _, pkcs1v15, signature::SignatureEncoding as _,
    traits::PublicKeyParts as _,
};
use sha1::{Digest as _, Sha1, digest::block_api::BlockSizeUser};
use sha2::Sha256;

use super::{ACCEPTED, Algorithm, Hash, PublicKey, RSA_BITS};
use crate::error::InvalidField;

/// A private key, parsed and checked once. `Debug` shows only its kind; both crates wipe the key when it is dropped.
pub struct SigningKey(Kind);

enum Kind {
    Rsa(Box<PrivateKey>),
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
            "RSA PRIVATE KEY" => Self::rsa(
                PrivateKey::from_pkcs1_pem(block)
                    .map_err(|_| refused("is not a readable PKCS#1 RSA key"))?,
            ),
            "EC PRIVATE KEY" => {
                let key = p256::SecretKey::from_sec1_pem(block).map_err(|_| refused(ACCEPTED))?;
                Ok(Self(Kind::Ecdsa(Box::new(key.into()))))
            }
            "PRIVATE KEY" => match PrivateKey::from_pkcs8_pem(block) {
                Ok(key) if is_rsa_encryption(block) => Self::rsa(key),
                // Keys for RSASSA-PSS alone, which is another signature than CloudFront's.
                Ok(_) => Err(refused(ACCEPTED)),
                Err(_) => {
                    let key =
                        p256::SecretKey::from_pkcs8_pem(block).map_err(|_| refused(ACCEPTED))?;
                    Ok(Self(Kind::Ecdsa(Box::new(key.into()))))
                }
            },
            _ => Err(refused(ACCEPTED)),
        }
    }

    fn rsa(key: PrivateKey) -> Result<Self, InvalidField> {
        if key.n().bit_width() != RSA_BITS {
            return Err(refused(ACCEPTED));
        }
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
            Kind::Rsa(key) => PublicKey::rsa(key.as_public_key().clone()),
            Kind::Ecdsa(key) => PublicKey::ecdsa(*key.verifying_key()),
        }
    }

    /// Signs: PKCS#1 v1.5 for RSA; DER and the deterministic nonce of RFC 6979 for ECDSA.
    pub fn sign(&self, message: &[u8], hash: Hash) -> Result<Vec<u8>, InvalidField> {
        use rsa::signature::Signer as _;
        let broken = || refused("cannot sign; it is damaged");
        match (&self.0, hash) {
            (Kind::Rsa(key), Hash::Sha1) => {
                let signer = pkcs1v15::SigningKey::<Sha1>::new(key.as_ref().clone());
                Ok(signer.try_sign(message).map_err(|_| broken())?.to_vec())
            }
            (Kind::Rsa(key), Hash::Sha256) => {
                let signer = pkcs1v15::SigningKey::<Sha256>::new(key.as_ref().clone());
                Ok(signer.try_sign(message).map_err(|_| broken())?.to_vec())
            }
            // The nonce of RFC 6979 is made with the hash of the message, whichever that is.
            (Kind::Ecdsa(key), Hash::Sha1) => Ok(der(&deterministic::<Sha1>(key, message))),
            (Kind::Ecdsa(key), Hash::Sha256) => Ok(der(&deterministic::<Sha256>(key, message))),
        }
    }
}

/// Whether a PKCS#8 key says that it is for any RSA signature.
fn is_rsa_encryption(block: &str) -> bool {
    SecretDocument::from_pem(block).is_ok_and(|(_, document)| {
        PrivateKeyInfoRef::try_from(document.as_bytes())
            .is_ok_and(|info| info.algorithm.oid == rsa::pkcs1::ALGORITHM_OID)
    })
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
