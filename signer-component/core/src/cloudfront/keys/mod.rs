//! Keys CloudFront accepts, parsed once.

mod id;
mod private;
mod public;
mod rsa;

#[cfg(feature = "arithmetic")]
pub use self::rsa::arithmetic;
pub use id::KeyPairId;
pub use private::SigningKey;
pub use public::PublicKey;

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

/// The only modulus CloudFront accepts for signatures.
const RSA_BITS: u32 = 2048;

const ACCEPTED: &str = "CloudFront accepts RSA-2048 and ECDSA P-256 keys only";
