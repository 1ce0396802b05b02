//! The port of the signing keys: revealed to the gate, because Spin cannot sign.

use crate::{
    Component,
    ask::ask,
    bindings::{
        exports::tollgate::gate::signing_keys::{Guest, GuestSigningKey, Key},
        tollgate::gate::types::{Algorithm, Hash, PortError},
    },
    failure::Failure,
    keyring::Keyring,
    variables, wire,
};

impl Guest for Component {
    type SigningKey = Held;

    async fn current() -> Result<Key, PortError> {
        ask("signing-keys", async {
            let keys = keyring().await?;
            keys.current().map(wire::key).ok_or_else(|| Failure::missing("signing_keys"))
        })
        .await
    }

    async fn by_id(key_pair_id: String) -> Result<Option<Key>, PortError> {
        ask("signing-keys", async { Ok(keyring().await?.by_id(&key_pair_id).map(wire::key)) }).await
    }
}

async fn keyring() -> Result<Keyring, Failure> {
    // Together: a new key must never sign under the id of an old one.
    let [list, key, id] =
        variables::get(&["signing_keys", "signing_key", "signing_key_pair_id"]).await?;
    Keyring::of_variables(list.as_deref(), key.as_deref(), id.as_deref()).map_err(Failure::of_setup)
}

/// A key that the host keeps. There is none.
pub(crate) enum Held {}

impl GuestSigningKey for Held {
    fn key_pair_id(&self) -> String {
        match *self {}
    }

    fn algorithm(&self) -> Algorithm {
        match *self {}
    }

    fn public_key(&self) -> String {
        match *self {}
    }

    async fn sign(&self, _message: Vec<u8>, _hash: Hash) -> Result<Vec<u8>, PortError> {
        match *self {}
    }
}
