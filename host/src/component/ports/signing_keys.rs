//! Port `signing-keys`: a key the host keeps is a handle in the component's hands, never bytes.

use std::sync::Arc;

use tollgate_backends::ports;
use wasmtime::component::{Accessor, Resource, ResourceTable};

use super::{
    HasState, ObservedPort, State, ask,
    types::{Algorithm, Hash, PortError},
};
use crate::component::bindings::gate::tollgate::gate::signing_keys::{
    Host, HostSigningKey, HostSigningKeyWithStore, HostWithStore, Key, PemKey,
};

/// A private key in the hands of the host.
pub struct HeldKey(Arc<dyn ports::HeldKey>);

impl Host for State {}

impl<T: Send + 'static> HostWithStore<T> for HasState {
    async fn current(accessor: &Accessor<T, Self>) -> wasmtime::Result<Result<Key, PortError>> {
        match ask(accessor, ObservedPort::SigningKeys, async move |ports| {
            ports.signing_keys.current().await
        })
        .await
        {
            Ok(key) => accessor.with(|mut access| hand_over(&mut access.get().table, key)).map(Ok),
            Err(error) => Ok(Err(error)),
        }
    }

    async fn by_id(
        accessor: &Accessor<T, Self>,
        key_pair_id: String,
    ) -> wasmtime::Result<Result<Option<Key>, PortError>> {
        let answer = ask(accessor, ObservedPort::SigningKeys, async move |ports| {
            ports.signing_keys.by_id(&key_pair_id).await
        });
        match answer.await {
            Ok(Some(key)) => accessor
                .with(|mut access| hand_over(&mut access.get().table, key))
                .map(|key| Ok(Some(key))),
            Ok(None) => Ok(Ok(None)),
            Err(error) => Ok(Err(error)),
        }
    }
}

impl HostSigningKey for State {
    fn key_pair_id(&mut self, handle: Resource<HeldKey>) -> wasmtime::Result<String> {
        Ok(self.table.get(&handle)?.0.key_pair_id().to_owned())
    }

    fn public_key(&mut self, handle: Resource<HeldKey>) -> wasmtime::Result<String> {
        Ok(self.table.get(&handle)?.0.public_key().to_owned())
    }

    fn algorithm(&mut self, handle: Resource<HeldKey>) -> wasmtime::Result<Algorithm> {
        Ok(match self.table.get(&handle)?.0.algorithm() {
            ports::Algorithm::Rsa2048 => Algorithm::Rsa2048,
            ports::Algorithm::EcdsaP256 => Algorithm::EcdsaP256,
        })
    }
}

impl<T: Send + 'static> HostSigningKeyWithStore<T> for HasState {
    async fn sign(
        accessor: &Accessor<T, Self>,
        handle: Resource<HeldKey>,
        message: Vec<u8>,
        hash: Hash,
    ) -> wasmtime::Result<Result<Vec<u8>, PortError>> {
        let key = accessor
            .with(|mut access| access.get().table.get(&handle).map(|held| Arc::clone(&held.0)))?;
        let hash = match hash {
            Hash::Sha1 => ports::Hash::Sha1,
            Hash::Sha256 => ports::Hash::Sha256,
        };
        Ok(ask(accessor, ObservedPort::SigningKeys, async move |_| key.sign(&message, hash).await)
            .await)
    }

    async fn drop(accessor: &Accessor<T, Self>, handle: Resource<HeldKey>) -> wasmtime::Result<()> {
        accessor.with(|mut access| access.get().table.delete(handle))?;
        Ok(())
    }
}

fn hand_over(table: &mut ResourceTable, key: ports::Key) -> wasmtime::Result<Key> {
    Ok(match key {
        ports::Key::Held(held) => Key::Held(table.push(HeldKey(held))?),
        ports::Key::Revealed { key_pair_id, pem } => {
            Key::Revealed(PemKey { key_pair_id, pem: pem.as_str().to_owned() })
        }
    })
}
