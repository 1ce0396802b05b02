//! The signer component: signing for the command line, verification for the edge.

mod key;

use std::sync::{Arc, Mutex, PoisonError};

use wasmtime::{
    Store, StoreLimits,
    component::{Linker, ResourceAny},
};

pub use key::SigningKey;

pub use super::bindings::signer::exports::tollgate::gate::{
    signing::{CookieAttributes, SignedCookie, Terms},
    types::{Algorithm, Hash, InvalidField},
    verification::{Check, DenialCode, Denied, EdgeRequest, Report, TrustedKey, Verdict},
};
use super::{
    Runtime, RuntimeError,
    bindings::signer::{Signer, SignerPre},
    runtime::{limits, ticks},
};

/// Five times what an instance uses when it remembers as many signatures as it may.
const MEMORY: usize = 32 << 20;

/// Two hundred times what the slowest call takes.
const HANG_LIMIT: std::time::Duration = std::time::Duration::from_secs(1);

/// Instances kept for reuse by one verifier; those made beyond it under load are dropped after use.
const MOST_IDLE: usize = 16;

/// Why the component gave no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignerError {
    /// A value was refused.
    #[error("{}: {}", .0.field, .0.rule)]
    Invalid(InvalidField),
    /// The component trapped or hung; its instance is gone.
    #[error("the component failed on this request")]
    Failed,
}

/// Signs URLs and cookies with keys that are at hand, and judges signed requests: the component `signer.wasm`, which
/// imports nothing. Cheap to clone.
#[derive(Clone)]
pub struct SignerComponent {
    runtime: Runtime,
    prepared: SignerPre<StoreLimits>,
    strippers: Arc<Pool<()>>,
}

impl SignerComponent {
    /// Compiles the component, or takes it from the cache.
    pub fn new(runtime: &Runtime) -> Result<Self, RuntimeError> {
        let component = runtime.signer_component()?;
        // An empty linker: a signer that imported anything could not be instantiated.
        let prepared = Linker::new(runtime.engine())
            .instantiate_pre(&component)
            .and_then(SignerPre::new)
            .map_err(|source| RuntimeError::Instantiate {
                name: "signer",
                source: source.into(),
            })?;
        Ok(Self { runtime: runtime.clone(), prepared, strippers: Arc::default() })
    }

    /// Says what kind of key this is.
    #[doc(hidden)]
    pub fn algorithm(&self, id: &str, pem: &str) -> Result<Algorithm, SignerError> {
        let mut instance = self.instance()?;
        let key = instance.parse(id, pem)?;
        let signer = instance.bindings.tollgate_gate_signing().signer();
        signer.call_algorithm(&mut instance.store, key).map_err(|error| failed(&error))
    }

    /// Signs one URL with a key that is not needed again; see [`SigningKey::sign_url`].
    #[doc(hidden)]
    pub fn sign_url(
        &self,
        id: &str,
        pem: &str,
        url: &str,
        terms: &Terms,
    ) -> Result<String, SignerError> {
        let mut instance = self.instance()?;
        let key = instance.parse(id, pem)?;
        let signer = instance.bindings.tollgate_gate_signing().signer();
        settle(signer.call_sign_url(&mut instance.store, key, url, terms))
    }

    /// Makes the cookies that allow a URL with a key that is not needed again; see [`SigningKey::sign_cookies`].
    #[doc(hidden)]
    pub fn sign_cookies(
        &self,
        id: &str,
        pem: &str,
        url: &str,
        terms: &Terms,
        attributes: &CookieAttributes,
    ) -> Result<Vec<SignedCookie>, SignerError> {
        let mut instance = self.instance()?;
        let key = instance.parse(id, pem)?;
        let signer = instance.bindings.tollgate_gate_signing().signer();
        settle(signer.call_sign_cookies(&mut instance.store, key, url, terms, attributes))
    }

    /// Takes and checks a set of trusted keys. `strict` denies what CloudFront's documents leave open.
    pub fn verifier(
        &self,
        keys: Vec<TrustedKey>,
        strict: bool,
    ) -> Result<EdgeVerifier, SignerError> {
        let verifier = EdgeVerifier {
            component: self.clone(),
            keys: keys.into(),
            strict,
            pool: Arc::default(),
        };
        let first = verifier.instance()?;
        verifier.pool.give_back(first);
        Ok(verifier)
    }

    /// Removes the signing parameters of a URL.
    pub fn strip(&self, url: &str) -> Result<String, SignerError> {
        let (mut instance, ()) =
            self.strippers.take().map_or_else(|| Ok((self.instance()?, ())), Ok)?;
        instance.renew_deadline();
        let stripped =
            instance.bindings.tollgate_gate_verification().call_strip(&mut instance.store, url);
        let stripped = stripped.map_err(|error| failed(&error))?;
        self.strippers.give_back((instance, ()));
        Ok(stripped)
    }

    fn instance(&self) -> Result<Instance, SignerError> {
        let mut store = self.runtime.store(limits(MEMORY), |limits| limits);
        store.set_epoch_deadline(ticks(HANG_LIMIT));
        let bindings = self.prepared.instantiate(&mut store).map_err(|error| failed(&error))?;
        Ok(Instance { store, bindings })
    }
}

/// A set of trusted keys that judges requests. Cheap to clone.
#[derive(Clone)]
pub struct EdgeVerifier {
    component: SignerComponent,
    keys: Arc<[TrustedKey]>,
    strict: bool,
    pool: Arc<Pool<ResourceAny>>,
}

impl EdgeVerifier {
    /// Allows or denies. Takes well under a millisecond; an error must be answered as a denial.
    pub fn verify(&self, request: &EdgeRequest) -> Result<Verdict, SignerError> {
        let (mut instance, verifier) = self.take()?;
        let exports = instance.bindings.tollgate_gate_verification();
        let verdict = exports.verifier().call_verify(&mut instance.store, verifier, request);
        let verdict = verdict.map_err(|error| failed(&error))?;
        self.pool.give_back((instance, verifier));
        Ok(verdict)
    }

    /// The same, with every check spelled out.
    pub fn explain(&self, request: &EdgeRequest) -> Result<Report, SignerError> {
        let (mut instance, verifier) = self.take()?;
        let exports = instance.bindings.tollgate_gate_verification();
        let report = exports.verifier().call_explain(&mut instance.store, verifier, request);
        let report = report.map_err(|error| failed(&error))?;
        self.pool.give_back((instance, verifier));
        Ok(report)
    }

    /// An idle instance or a new one. One that fails is never given back, so it is replaced by not being there.
    fn take(&self) -> Result<(Instance, ResourceAny), SignerError> {
        let mut taken = self.pool.take().map_or_else(|| self.instance(), Ok)?;
        taken.0.renew_deadline();
        Ok(taken)
    }

    fn instance(&self) -> Result<(Instance, ResourceAny), SignerError> {
        let mut instance = self.component.instance()?;
        let exports = instance.bindings.tollgate_gate_verification();
        let verifier =
            settle(exports.verifier().call_create(&mut instance.store, &self.keys, self.strict))?;
        Ok((instance, verifier))
    }
}

struct Instance {
    store: Store<StoreLimits>,
    bindings: Signer,
}

impl Instance {
    fn renew_deadline(&mut self) {
        self.store.set_epoch_deadline(ticks(HANG_LIMIT));
    }

    fn parse(&mut self, id: &str, pem: &str) -> Result<ResourceAny, SignerError> {
        settle(self.bindings.tollgate_gate_signing().signer().call_parse(&mut self.store, id, pem))
    }
}

/// Idle instances with what was made in them.
struct Pool<T>(Mutex<Vec<(Instance, T)>>);

impl<T> Default for Pool<T> {
    fn default() -> Self {
        Self(Mutex::new(Vec::new()))
    }
}

impl<T> Pool<T> {
    fn take(&self) -> Option<(Instance, T)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn give_back(&self, instance: (Instance, T)) {
        let mut idle = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < MOST_IDLE {
            idle.push(instance);
        }
    }
}

fn settle<R>(outcome: wasmtime::Result<Result<R, InvalidField>>) -> Result<R, SignerError> {
    outcome.map_err(|error| failed(&error))?.map_err(SignerError::Invalid)
}

fn failed(error: &wasmtime::Error) -> SignerError {
    tracing::error!(error = format!("{error:#}"), "the signer component failed");
    SignerError::Failed
}
