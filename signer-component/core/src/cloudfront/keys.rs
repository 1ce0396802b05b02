//! Keys CloudFront accepts, parsed once.

use crate::error::InvalidField;

/// What kind of key it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// RSA with a 2048-bit modulus, PKCS#1 v1.5 signatures.
    Rsa2048,
    /// ECDSA on NIST P-256, DER signatures.
    EcdsaP256,
}

/// Hash under the signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hash {
    /// CloudFront's default; nothing is added to the URL.
    Sha1,
    /// Declared as `Hash-Algorithm=SHA256`.
    Sha256,
}

/// CloudFront's id of a public key: 1 to 128 ASCII letters and digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct KeyPairId(String);

impl KeyPairId {
    /// Checks the form.
    pub fn new(text: &str) -> Result<Self, InvalidField> {
        let _ = text;
        unimplemented!()
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A private key. `Debug` shows only its kind.
pub struct SigningKey(());

impl SigningKey {
    /// Parses PKCS#1, PKCS#8 or SEC1 PEM; refuses encrypted PEM and every other kind of key.
    pub fn from_pem(pem: &str) -> Result<Self, InvalidField> {
        let _ = pem;
        unimplemented!()
    }

    /// What kind of key it is.
    pub fn algorithm(&self) -> Algorithm {
        unimplemented!()
    }

    /// Signs: PKCS#1 v1.5 for RSA, DER and RFC 6979 for ECDSA.
    pub fn sign(&self, message: &[u8], hash: Hash) -> Result<Vec<u8>, InvalidField> {
        let _ = (message, hash);
        unimplemented!()
    }
}

/// A public key an edge trusts.
#[derive(Clone, Debug)]
pub struct PublicKey(());

impl PublicKey {
    /// Parses a SubjectPublicKeyInfo PEM of an RSA-2048 or P-256 key.
    pub fn from_pem(pem: &str) -> Result<Self, InvalidField> {
        let _ = pem;
        unimplemented!()
    }

    /// Whether `signature` is this key's over `message`.
    pub fn verifies(&self, message: &[u8], hash: Hash, signature: &[u8]) -> bool {
        let _ = (message, hash, signature);
        unimplemented!()
    }
}
