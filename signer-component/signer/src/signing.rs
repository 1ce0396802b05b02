//! The export `signing`: core's signer behind the contract's words. Compiled into both components.

use tollgate_core::{
    cloudfront::{self, KeyPairId, SigningKey, Unsigned},
    error,
};

use crate::{
    Component,
    bindings::{
        exports::tollgate::gate::signing::{
            CookieAttributes, Guest, GuestSigner, SignedCookie, Signer, Terms,
        },
        types::{Algorithm, InvalidField},
    },
};

/// A private key, parsed and checked once.
pub struct ParsedSigner {
    id: KeyPairId,
    key: SigningKey,
}

impl ParsedSigner {
    fn signed(&self, url: &str, terms: Terms) -> Result<cloudfront::Signed, error::InvalidField> {
        Unsigned::new(url, &terms.try_into()?)?.sign(&self.id, &self.key)
    }
}

impl Guest for Component {
    type Signer = ParsedSigner;
}

impl GuestSigner for ParsedSigner {
    fn parse(key_pair_id: String, pem: String) -> Result<Signer, InvalidField> {
        let id = KeyPairId::new(&key_pair_id)?;
        let key = SigningKey::from_pem(&pem)?;
        Ok(Signer::new(Self { id, key }))
    }

    fn algorithm(&self) -> Algorithm {
        self.key.algorithm().into()
    }

    fn sign_url(&self, url: String, terms: Terms) -> Result<String, InvalidField> {
        Ok(self.signed(&url, terms)?.apply_to(&url)?.into_string())
    }

    fn sign_urls(&self, urls: Vec<String>, terms: Terms) -> Result<Vec<String>, InvalidField> {
        if terms.resource.is_none() {
            return Err(InvalidField {
                field: "resource".to_owned(),
                rule: "must be given to sign many URLs with one signature".to_owned(),
            });
        }
        let Some(first) = urls.first() else { return Ok(Vec::new()) };
        let signed = self.signed(first, terms)?;
        let sign = |url: &String| Ok(signed.apply_to(url)?.into_string());
        urls.iter().map(sign).collect()
    }

    fn sign_cookies(
        &self,
        url: String,
        terms: Terms,
        attributes: CookieAttributes,
    ) -> Result<Vec<SignedCookie>, InvalidField> {
        let cookies = self.signed(&url, terms)?.cookies(&attributes.try_into()?)?;
        let export = |cookie: cloudfront::SignedCookie| SignedCookie {
            name: cookie.name.to_owned(),
            value: cookie.value,
            header: cookie.header,
        };
        Ok(cookies.into_iter().map(export).collect())
    }
}
