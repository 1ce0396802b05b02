//! Public keys of the three accepted algorithms, and signatures under them.

use ed25519_dalek::VerifyingKey as Ed25519Key;
use p256::ecdsa::VerifyingKey as P256Key;
use rsa::BoxedUint;
use rsa::pkcs1v15::VerifyingKey as RsaKey;
use rsa::signature::Verifier as _;
use sha2::Sha256;

/// A signature algorithm. `none` and the HMAC family are not in it, so they cannot be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// Ed25519.
    EdDsa,
}

impl Algorithm {
    /// The algorithm of this JOSE name, if it is accepted.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "RS256" => Some(Self::Rs256),
            "ES256" => Some(Self::Es256),
            "EdDSA" => Some(Self::EdDsa),
            _ => None,
        }
    }

    /// The JOSE name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }
}

/// A key that verifies signatures, parsed and checked once.
#[derive(Clone)]
pub(super) enum PublicKey {
    /// 2048 to 8192 bits.
    Rsa(Box<RsaKey<Sha256>>),
    /// A point of P-256.
    P256(Box<P256Key>),
    /// A point of Ed25519 that is not of small order.
    Ed25519(Box<Ed25519Key>),
}

impl PublicKey {
    /// Takes modulus and exponent, big-endian.
    pub(super) fn rsa(modulus: &[u8], exponent: &[u8]) -> Result<Self, &'static str> {
        // A leading zero byte is common and must not count as size; without it no number is
        // longer than the largest key, so nothing large is ever computed with.
        let modulus = trim(modulus);
        let exponent = trim(exponent);
        if modulus.len() > RSA_BITS.end() / 8 || exponent.len() > size_of::<u64>() {
            return Err(RSA_RULE);
        }
        let number = BoxedUint::from_be_slice_vartime;
        let key = rsa::PublicKey::new_with_size_limits(number(modulus), number(exponent), RSA_BITS);
        Ok(Self::Rsa(Box::new(RsaKey::new(key.map_err(|_| RSA_RULE)?))))
    }

    /// Takes the coordinates of a point, 32 bytes each.
    pub(super) fn p256(x: &[u8], y: &[u8]) -> Result<Self, &'static str> {
        if x.len() != 32 || y.len() != 32 {
            return Err("has coordinates that are not 32 bytes each");
        }
        Self::p256_sec1(&[&[0x04], x, y].concat())
    }

    /// Takes a point in SEC1 form.
    pub(super) fn p256_sec1(point: &[u8]) -> Result<Self, &'static str> {
        let key = P256Key::from_sec1_bytes(point).map_err(|_| "is no point of P-256")?;
        Ok(Self::P256(Box::new(key)))
    }

    /// Takes the 32 bytes of a point.
    pub(super) fn ed25519(point: &[u8]) -> Result<Self, &'static str> {
        let point: &[u8; 32] = point.try_into().map_err(|_| "is not 32 bytes long")?;
        let key = Ed25519Key::from_bytes(point).map_err(|_| "is no point of Ed25519")?;
        if key.is_weak() {
            Err("is a weak point of Ed25519")
        } else {
            Ok(Self::Ed25519(Box::new(key)))
        }
    }

    /// The only algorithm this key is used with.
    pub(super) fn algorithm(&self) -> Algorithm {
        match self {
            Self::Rsa(_) => Algorithm::Rs256,
            Self::P256(_) => Algorithm::Es256,
            Self::Ed25519(_) => Algorithm::EdDsa,
        }
    }

    /// Whether `signature` holds over `message`.
    pub(super) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Rsa(key) => rsa::pkcs1v15::Signature::try_from(signature)
                .is_ok_and(|signature| key.verify(message, &signature).is_ok()),
            Self::P256(key) => p256::ecdsa::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify(message, &signature).is_ok()),
            Self::Ed25519(key) => ed25519_dalek::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify_strict(message, &signature).is_ok()),
        }
    }
}

fn trim(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}

/// RFC 7518 demands at least 2048; more than 8192 only costs time.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;

const RSA_RULE: &str = "is no RSA key of 2048 to 8192 bits with a usable exponent";
