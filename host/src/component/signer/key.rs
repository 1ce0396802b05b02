//! A private key in the signer component, read once per instance.

use std::{fmt, sync::Arc};

use wasmtime::component::ResourceAny;
use zeroize::Zeroizing;

use super::{
    Algorithm, CookieAttributes, Instance, Pool, SignedCookie, SignerComponent, SignerError, Terms,
    failed, settle,
};

/// A private key that signs. Cheap to clone.
///
/// The key is in the memory of the component's instances, which have nothing but that memory.
#[derive(Clone)]
pub struct SigningKey {
    component: SignerComponent,
    id: Arc<str>,
    pem: Arc<Zeroizing<String>>,
    algorithm: Algorithm,
    pool: Arc<Pool<ResourceAny>>,
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SigningKey").field("id", &self.id).finish_non_exhaustive()
    }
}

impl SignerComponent {
    /// Takes a private key, RSA-2048 or P-256, and the id that CloudFront gave to its public half.
    ///
    /// # Errors
    /// [`SignerError::Invalid`] if CloudFront would not accept the one or the other.
    pub fn key(&self, id: &str, pem: &str) -> Result<SigningKey, SignerError> {
        let mut instance = self.instance()?;
        let parsed = instance.parse(id, pem)?;
        let signer = instance.bindings.tollgate_gate_signing().signer();
        let algorithm = signer.call_algorithm(&mut instance.store, parsed);
        let algorithm = algorithm.map_err(|error| failed(&error))?;
        let pool = Arc::<Pool<ResourceAny>>::default();
        pool.give_back((instance, parsed));
        Ok(SigningKey {
            component: self.clone(),
            id: id.into(),
            pem: Arc::new(Zeroizing::new(pem.to_owned())),
            algorithm,
            pool,
        })
    }
}

impl SigningKey {
    /// CloudFront's id of the public half.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What kind of key it is.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Signs one URL. What is given is what is signed: it is checked, and never changed.
    ///
    /// Takes a few milliseconds with RSA and a fraction of one with P-256, and computes all the time: on an
    /// asynchronous runtime it belongs into `spawn_blocking` if much else waits.
    ///
    /// # Errors
    /// [`SignerError::Invalid`] names what is wrong with URL or terms.
    pub fn sign_url(&self, url: &str, terms: &Terms) -> Result<String, SignerError> {
        let (mut instance, key) = self.take()?;
        let signer = instance.bindings.tollgate_gate_signing().signer();
        let signed = signer.call_sign_url(&mut instance.store, key, url, terms);
        let signed = signed.map_err(|error| failed(&error))?;
        self.pool.give_back((instance, key));
        settle(Ok(signed))
    }

    /// Makes the cookies that allow a URL.
    ///
    /// # Errors
    /// The same.
    pub fn sign_cookies(
        &self,
        url: &str,
        terms: &Terms,
        attributes: &CookieAttributes,
    ) -> Result<Vec<SignedCookie>, SignerError> {
        let (mut instance, key) = self.take()?;
        let signer = instance.bindings.tollgate_gate_signing().signer();
        let signed = signer.call_sign_cookies(&mut instance.store, key, url, terms, attributes);
        let signed = signed.map_err(|error| failed(&error))?;
        self.pool.give_back((instance, key));
        settle(Ok(signed))
    }

    /// An idle instance or a new one. One that fails is never given back, so it is replaced by not being there.
    fn take(&self) -> Result<(Instance, ResourceAny), SignerError> {
        if let Some(mut taken) = self.pool.take() {
            taken.0.renew_deadline();
            return Ok(taken);
        }
        let mut instance = self.component.instance()?;
        let key = instance.parse(&self.id, &self.pem)?;
        Ok((instance, key))
    }
}
