//! The component `ports.wasm`: answers what the gate asks, with what Spin offers.

mod bindings;
mod variables;

use bindings::{
    exports::tollgate::gate::{catalog, entitlements, sessions, settings, signing_keys},
    tollgate::gate::types::{Algorithm, Hash, PortError},
};

/// The component, as its exports see it.
struct Component;

impl settings::Guest for Component {
    async fn policy() -> Result<String, PortError> {
        variables::required("policy").await
    }
}

impl signing_keys::Guest for Component {
    type SigningKey = Nothing;

    async fn current() -> Result<signing_keys::Key, PortError> {
        let key_pair_id = variables::required("signing_key_pair_id").await?;
        let pem = variables::required("signing_key").await?;
        Ok(signing_keys::Key::Revealed(signing_keys::PemKey { key_pair_id, pem }))
    }

    async fn by_id(_key_pair_id: String) -> Result<Option<signing_keys::Key>, PortError> {
        Self::current().await.map(Some)
    }
}

/// A key that this host keeps. There is none: Spin cannot sign.
enum Nothing {}

impl signing_keys::GuestSigningKey for Nothing {
    fn key_pair_id(&self) -> String {
        match *self {}
    }
    fn algorithm(&self) -> Algorithm {
        match *self {}
    }
    async fn sign(&self, _: Vec<u8>, _: Hash) -> Result<Vec<u8>, PortError> {
        match *self {}
    }
}

impl entitlements::Guest for Component {
    async fn lookup(_: String, _: String) -> Result<Option<entitlements::Entitlement>, PortError> {
        Err(PortError::Unavailable)
    }
}

impl catalog::Guest for Component {
    async fn episode(_: String, _: String) -> Result<Option<catalog::Media>, PortError> {
        Err(PortError::Unavailable)
    }
    async fn exists(_: String) -> Result<bool, PortError> {
        Err(PortError::Unavailable)
    }
}

impl sessions::Guest for Component {
    async fn claim(_: sessions::ClaimRequest) -> Result<sessions::ClaimOutcome, PortError> {
        Err(PortError::Unavailable)
    }
    async fn renew(_: sessions::RenewRequest) -> Result<Option<sessions::Session>, PortError> {
        Err(PortError::Unavailable)
    }
    async fn release(_: String, _: String, _: u64) -> Result<bool, PortError> {
        Err(PortError::Unavailable)
    }
    async fn active(_: String, _: u64) -> Result<Vec<sessions::Session>, PortError> {
        Err(PortError::Unavailable)
    }
}
