//! A private key, parsed once and checked to be one CloudFront accepts.

use aws_lc_rs::{
    encoding::{AsDer as _, PublicKeyX509Der},
    rsa::KeyPair,
    signature::KeyPair as _,
};
use p256::{
    SecretKey,
    ecdsa::SigningKey,
    pkcs8::{DecodePrivateKey, EncodePublicKey as _, ObjectIdentifier, PrivateKeyInfoRef},
};
use pem::{EncodeConfig, LineEnding, Pem};
use zeroize::Zeroizing;

use super::rsa_key::{Refused, RsaKey};
use crate::ports::Algorithm;

/// A key ready to sign.
pub(super) enum Material {
    /// PKCS#1 v1.5.
    Rsa {
        key: RsaKey,
        /// SubjectPublicKeyInfo of the other half.
        public: Vec<u8>,
    },
    /// Deterministic (RFC 6979), so that the same statement has the same signature everywhere.
    P256(Box<SigningKey>),
}

impl Material {
    pub(super) fn algorithm(&self) -> Algorithm {
        match self {
            Self::Rsa { .. } => Algorithm::Rsa2048,
            Self::P256(_) => Algorithm::EcdsaP256,
        }
    }

    /// SubjectPublicKeyInfo of the other half.
    pub(super) fn public(&self) -> Option<Vec<u8>> {
        match self {
            Self::Rsa { public, .. } => Some(public.clone()),
            Self::P256(key) => {
                Some(key.verifying_key().to_public_key_der().ok()?.as_bytes().to_vec())
            }
        }
    }
}

/// Finds the private key in the text of a file. The text of the error never quotes the file.
pub(super) fn parse(text: &str) -> Result<(Material, Zeroizing<String>), &'static str> {
    let mut blocks = pem::parse_many(text).map_err(|_| "is not PEM")?;
    // Beside the key may stand its parameters, as OpenSSL writes them, its public half, or a certificate.
    let is_private = |block: &Pem| block.tag().ends_with("PRIVATE KEY");
    if blocks.iter().filter(|block| is_private(block)).count() > 1 {
        return Err("holds more than one private key");
    }
    let place = blocks.iter().position(is_private).unwrap_or(0);
    if blocks.is_empty() {
        return Err("is not PEM");
    }
    let block = blocks.swap_remove(place);
    if block.headers().get("DEK-Info").is_some() {
        return Err("is encrypted; a private key without a passphrase is needed");
    }
    let tag = block.tag().to_owned();
    let contents = Zeroizing::new(block.into_contents());
    let material = match tag.as_str() {
        "RSA PRIVATE KEY" => rsa_key(&contents),
        "EC PRIVATE KEY" => p256_key(SecretKey::from_sec1_der(&contents).ok()),
        "PRIVATE KEY" => match SecretKey::from_pkcs8_der(&contents) {
            Ok(key) => p256_key(Some(key)),
            Err(_) => rsa_key(rsa_in_pkcs8(&contents).ok_or(UNACCEPTED)?),
        },
        "ENCRYPTED PRIVATE KEY" => {
            Err("is encrypted; a private key without a passphrase is needed")
        }
        "PUBLIC KEY" | "RSA PUBLIC KEY" | "CERTIFICATE" => {
            Err("is public; the private key is needed")
        }
        _ => Err("is not a private key in PKCS#1, PKCS#8 or SEC1 form"),
    }?;
    Ok((material, one_block(&tag, &contents)))
}

const UNACCEPTED: &str = "is not a key CloudFront accepts: RSA with 2048 bits, or ECDSA on P-256";

/// `rsaEncryption` of RFC 8017: a key for any RSA signature. One for RSASSA-PSS alone, which is another signature than
/// CloudFront's, has an identifier of its own.
const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// The PKCS#1 key in a PKCS#8 one.
fn rsa_in_pkcs8(der: &[u8]) -> Option<&[u8]> {
    let info = PrivateKeyInfoRef::try_from(der).ok()?;
    (info.algorithm.oid == RSA_ENCRYPTION).then(|| info.private_key.as_bytes())
}

fn rsa_key(pkcs1: &[u8]) -> Result<Material, &'static str> {
    let key = RsaKey::from_pkcs1(pkcs1).map_err(|refused| match refused {
        Refused::Unreadable => UNACCEPTED,
        Refused::Length => "has an RSA modulus of another length than 2048 bits",
    })?;
    let pair = KeyPair::from_der(pkcs1).map_err(|_| UNACCEPTED)?;
    let public: PublicKeyX509Der<'_> = pair.public_key().as_der().map_err(|_| UNACCEPTED)?;
    Ok(Material::Rsa { key, public: public.as_ref().to_vec() })
}

fn p256_key(key: Option<SecretKey>) -> Result<Material, &'static str> {
    let key = key.ok_or(UNACCEPTED)?;
    Ok(Material::P256(Box::new(SigningKey::from(&key))))
}

/// The key alone, without what else stood in the file: what a component is given.
fn one_block(tag: &str, contents: &Zeroizing<Vec<u8>>) -> Zeroizing<String> {
    let block = Pem::new(tag, contents.as_slice());
    let text = pem::encode_config(&block, EncodeConfig::new().set_line_ending(LineEnding::LF));
    // The block is a copy of the key in memory that nobody else clears.
    drop(Zeroizing::new(block.into_contents()));
    Zeroizing::new(text)
}
