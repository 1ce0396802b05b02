//! A private key at hand: parsed and checked once, then held to sign, or revealed to the component.

mod held;
mod material;
mod public;
mod rsa_key;
#[cfg(test)]
mod tests;
mod turn;

use std::{fmt, sync::Arc};

use zeroize::Zeroizing;

pub(crate) use self::public::PublicKey;
use self::{held::Held, material::Material};
use crate::cache::Flights;
#[cfg(feature = "aws")]
use crate::ports::Algorithm;
use crate::ports::Key;
#[cfg(any(feature = "aws", feature = "embedded"))]
use crate::section::Section;

/// Who signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// The backend, with native code; no key enters the memory of the component.
    Held,
    /// The component, which is handed the PEM; the signature is the same bytes.
    Revealed,
}

#[cfg(any(feature = "aws", feature = "embedded"))]
impl Mode {
    /// Takes `mode` from the table of a backend.
    pub(crate) fn take(section: &mut Section) -> Self {
        section.choice("mode", &[("held", Self::Held), ("revealed", Self::Revealed)], Self::Held)
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Held => "held",
            Self::Revealed => "revealed",
        })
    }
}

/// A private key CloudFront accepts: RSA with 2048 bits, or ECDSA on P-256.
pub(crate) struct PrivateKey {
    material: Arc<Material>,
    /// The key alone, without what else stood in the text.
    pem: Arc<Zeroizing<String>>,
    public: PublicKey,
}

impl PrivateKey {
    /// Finds the private key in PEM text. The text of the error never quotes what was given.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let (material, pem) = material::parse(text)?;
        let public = PublicKey::of(&material).ok_or("is a key without a public half")?;
        Ok(Self { material: Arc::new(material), pem: Arc::new(pem), public })
    }

    /// What kind of key it is.
    #[cfg(feature = "aws")]
    pub(crate) fn algorithm(&self) -> Algorithm {
        self.material.algorithm()
    }

    /// The other half, which CloudFront has.
    #[cfg(feature = "aws")]
    pub(crate) fn public(&self) -> &PublicKey {
        &self.public
    }

    /// The key as the port gives it, under the id CloudFront knows it by.
    pub(crate) fn under(self, key_pair_id: String, mode: Mode) -> Key {
        match mode {
            Mode::Held => Key::Held(Arc::new(Held {
                key_pair_id,
                material: self.material,
                public: self.public.pem().into(),
                under_way: Flights::default(),
            })),
            Mode::Revealed => Key::Revealed { key_pair_id, pem: self.pem },
        }
    }
}

/// Whether this can be an id CloudFront gave to a public key.
pub(crate) fn is_key_pair_id(text: &str) -> bool {
    (1..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
