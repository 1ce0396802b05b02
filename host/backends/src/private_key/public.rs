//! The half of a key that everybody may see.

#[cfg(feature = "aws")]
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use pem::{EncodeConfig, LineEnding, Pem};

use super::material::Material;

/// A public key, compared by what it is and not by how a file wraps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PublicKey {
    /// SubjectPublicKeyInfo.
    der: Vec<u8>,
}

impl PublicKey {
    /// The other half of a private key.
    pub(super) fn of(material: &Material) -> Option<Self> {
        Some(Self { der: material.public()? })
    }

    /// Finds the public key in PEM text, if there is one.
    #[cfg(feature = "aws")]
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let blocks = pem::parse_many(text).ok()?;
        let block = blocks.into_iter().find(|block| block.tag() == "PUBLIC KEY")?;
        Some(Self { der: block.into_contents() })
    }

    /// As CloudFront takes it, and as files hold it.
    pub(crate) fn pem(&self) -> String {
        let config = EncodeConfig::new().set_line_ending(LineEnding::LF);
        pem::encode_config(&Pem::new("PUBLIC KEY", self.der.as_slice()), config)
    }

    /// Whether the other half made this signature over the message, with SHA-256.
    #[cfg(feature = "aws")]
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        // A key of one kind is none of the other, so trying both confuses nothing.
        let made_by = |algorithm: &'static dyn aws_lc_rs::signature::VerificationAlgorithm| {
            UnparsedPublicKey::new(algorithm, &self.der).verify(message, signature).is_ok()
        };
        made_by(&ECDSA_P256_SHA256_ASN1) || made_by(&RSA_PKCS1_2048_8192_SHA256)
    }
}
