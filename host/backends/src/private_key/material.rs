//! A private key, parsed once and checked to be one CloudFront accepts.

use aws_lc_rs::rsa::KeyPair as FastRsa;
use p256::{
    SecretKey,
    ecdsa::SigningKey,
    pkcs8::{DecodePrivateKey, PrivateKeyInfoRef},
};
use pem::{EncodeConfig, LineEnding, Pem};
use rsa::{pkcs1::DecodeRsaPrivateKey, traits::PublicKeyParts};
use zeroize::Zeroizing;

use crate::ports::Algorithm;

/// A key ready to sign.
pub(super) enum Material {
    /// RSA twice: aws-lc-rs is six times as fast but signs no SHA-1, which is CloudFront's default.
    Rsa {
        /// For SHA-256.
        fast: Box<FastRsa>,
        /// For SHA-1.
        plain: Box<rsa::PrivateKey>,
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
        "RSA PRIVATE KEY" => rsa_key(rsa::PrivateKey::from_pkcs1_der(&contents).ok(), &contents),
        "EC PRIVATE KEY" => p256_key(SecretKey::from_sec1_der(&contents).ok()),
        "PRIVATE KEY" => match SecretKey::from_pkcs8_der(&contents) {
            Ok(key) => p256_key(Some(key)),
            Err(_) if is_pss(&contents) => Err(UNACCEPTED),
            Err(_) => rsa_key(rsa::PrivateKey::from_pkcs8_der(&contents).ok(), &contents),
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

/// Whether the key is for RSASSA-PSS alone, which is another signature than CloudFront's.
fn is_pss(der: &[u8]) -> bool {
    PrivateKeyInfoRef::try_from(der)
        .is_ok_and(|info| info.algorithm.oid != rsa::pkcs1::ALGORITHM_OID)
}

fn rsa_key(plain: Option<rsa::PrivateKey>, der: &[u8]) -> Result<Material, &'static str> {
    let plain = plain.ok_or(UNACCEPTED)?;
    if plain.n().bit_width() != 2048 {
        return Err("has an RSA modulus of another length than 2048 bits");
    }
    let fast = FastRsa::from_der(der).or_else(|_| FastRsa::from_pkcs8(der));
    let fast = fast.map_err(|_| UNACCEPTED)?;
    Ok(Material::Rsa { fast: Box::new(fast), plain: Box::new(plain) })
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
