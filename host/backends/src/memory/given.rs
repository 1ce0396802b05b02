//! A key and a policy that were handed over, and stay what they are.

use futures::future;

use crate::ports::{Answer, Settings};
#[cfg(feature = "private-keys")]
use crate::{
    ports::{Key, PortError, SigningKeys},
    private_key::{Mode, PrivateKey, is_key_pair_id},
};

/// A policy document that stays what it is.
#[derive(Clone, Debug)]
pub struct GivenPolicy(String);

impl GivenPolicy {
    /// Takes the document as JSON text. What it says is for the component to judge.
    pub fn new(document: impl Into<String>) -> Self {
        Self(document.into())
    }
}

impl Settings for GivenPolicy {
    fn policy(&self) -> Answer<'_, String> {
        Box::pin(future::ready(Ok(self.0.clone())))
    }
}

/// Why a text is no key to sign with. Never quotes it.
#[cfg(feature = "private-keys")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidKey {
    /// CloudFront gives other ids.
    #[error("a key pair id has 1 to 128 letters and digits, like K2JCJMDEHXQW5F")]
    KeyPairId,
    /// The text holds no private key that CloudFront accepts.
    #[error("the private key {0}")]
    Pem(&'static str),
    /// Two keys of one id: which of them signs would depend on their order.
    #[error("this key pair id is there already")]
    Twice,
}

/// Private keys in PEM that were handed over. Unless they are revealed, they sign here and the component never sees them.
#[cfg(feature = "private-keys")]
#[derive(Clone, Debug)]
pub struct GivenKeys {
    current: (String, Key),
    others: Vec<(String, Key)>,
}

#[cfg(feature = "private-keys")]
impl GivenKeys {
    /// Takes the key to sign with: the id that CloudFront gave to its public half, and the private key, RSA-2048 or
    /// P-256, as PKCS#1, PKCS#8 or SEC1 without a passphrase.
    ///
    /// # Errors
    /// CloudFront would not accept the one or the other.
    pub fn new(key_pair_id: &str, pem: &str) -> Result<Self, InvalidKey> {
        Ok(Self { current: parse(key_pair_id, pem, Mode::Held)?, others: Vec::new() })
    }

    /// The same for a key that the component signs with, in its own memory: the same bytes, made more slowly.
    ///
    /// # Errors
    /// The same.
    pub fn revealed(key_pair_id: &str, pem: &str) -> Result<Self, InvalidKey> {
        Ok(Self { current: parse(key_pair_id, pem, Mode::Revealed)?, others: Vec::new() })
    }

    /// The same with another key beside it, for policies that name it by its id. It is held or revealed as the first.
    ///
    /// # Errors
    /// CloudFront would not accept it, or its id is there already.
    pub fn and(mut self, key_pair_id: &str, pem: &str) -> Result<Self, InvalidKey> {
        let mut known = std::iter::once(&self.current).chain(&self.others);
        if known.any(|(id, _)| id == key_pair_id) {
            return Err(InvalidKey::Twice);
        }
        let mode = match self.current.1 {
            Key::Held(_) => Mode::Held,
            Key::Revealed { .. } => Mode::Revealed,
        };
        self.others.push(parse(key_pair_id, pem, mode)?);
        Ok(self)
    }
}

#[cfg(feature = "private-keys")]
fn parse(key_pair_id: &str, pem: &str, mode: Mode) -> Result<(String, Key), InvalidKey> {
    if !is_key_pair_id(key_pair_id) {
        return Err(InvalidKey::KeyPairId);
    }
    let key = PrivateKey::parse(pem).map_err(InvalidKey::Pem)?;
    Ok((key_pair_id.to_owned(), key.under(key_pair_id.to_owned(), mode)))
}

#[cfg(feature = "private-keys")]
impl SigningKeys for GivenKeys {
    fn current(&self) -> Answer<'_, Key> {
        Box::pin(future::ready(Ok::<_, PortError>(self.current.1.clone())))
    }

    fn by_id<'a>(&'a self, key_pair_id: &'a str) -> Answer<'a, Option<Key>> {
        let mut all = std::iter::once(&self.current).chain(&self.others);
        let found = all.find(|(id, _)| id == key_pair_id).map(|(_, key)| key.clone());
        Box::pin(future::ready(Ok(found)))
    }
}

#[cfg(all(test, feature = "private-keys"))]
mod tests {
    use super::*;

    const PEM: &str = include_str!("../../../../signer-component/core/testdata/p256.pkcs8.pem");

    #[tokio::test]
    async fn a_key_is_found_by_its_id_and_held_unless_it_is_revealed() {
        let keys = GivenKeys::new("K1", PEM).unwrap().and("K2", PEM).unwrap();
        assert!(
            matches!(keys.current().await.unwrap(), Key::Held(key) if key.key_pair_id() == "K1")
        );
        let second = keys.by_id("K2").await.unwrap();
        assert!(matches!(second, Some(Key::Held(key)) if key.key_pair_id() == "K2"));
        assert!(keys.by_id("K3").await.unwrap().is_none());
        let shown = GivenKeys::revealed("K1", PEM).unwrap();
        assert!(matches!(shown.current().await.unwrap(), Key::Revealed { .. }));
        let both = shown.and("K2", PEM).unwrap();
        assert!(matches!(both.by_id("K2").await.unwrap(), Some(Key::Revealed { .. })));
        assert_eq!(both.and("K1", PEM).unwrap_err(), InvalidKey::Twice);
    }

    #[test]
    fn what_is_no_key_is_refused_and_not_quoted() {
        assert_eq!(GivenKeys::new("K 1", PEM).unwrap_err(), InvalidKey::KeyPairId);
        let refused = GivenKeys::new("K1", "hunter2").unwrap_err();
        assert_eq!(refused.to_string(), "the private key is not PEM");
        assert!(!format!("{:?}", GivenKeys::new("K1", PEM)).contains("PRIVATE"));
    }
}
