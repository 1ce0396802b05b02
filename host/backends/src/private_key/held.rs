//! A key that stays here and signs.

use std::sync::Arc;

use ecdsa::hazmat::sign_prehashed_rfc6979;
use p256::{NistP256, ecdsa::SigningKey};
use sha1::{Digest, Sha1, digest::block_api::BlockSizeUser};
use sha2::Sha256;

use super::{material::Material, turn::in_turn};
use crate::{
    cache::Flights,
    ports::{Algorithm, Answer, Hash, HeldKey, PortError},
};

pub(super) struct Held {
    pub(super) key_pair_id: String,
    pub(super) material: Arc<Material>,
    /// PEM of the other half.
    pub(super) public: Arc<str>,
    /// At the beginning of each window many ask for the same signature at once, on every core.
    pub(super) under_way: Flights<(Vec<u8>, Hash), Result<Vec<u8>, PortError>>,
}

impl HeldKey for Held {
    fn key_pair_id(&self) -> &str {
        &self.key_pair_id
    }

    fn algorithm(&self) -> Algorithm {
        self.material.algorithm()
    }

    fn public_key(&self) -> &str {
        &self.public
    }

    fn sign<'a>(&'a self, message: &'a [u8], hash: Hash) -> Answer<'a, Vec<u8>> {
        let (material, owned) = (Arc::clone(&self.material), message.to_vec());
        let signing = in_turn(move || sign(&material, &owned, hash));
        Box::pin(self.under_way.join((message.to_vec(), hash), signing))
    }
}

fn sign(material: &Material, message: &[u8], hash: Hash) -> Result<Vec<u8>, PortError> {
    match (material, hash) {
        (Material::Rsa { key, .. }, hash) => key
            .sign(message, hash)
            .ok_or_else(|| PortError::Other("the key could not sign".to_owned())),
        // The nonce of RFC 6979 is made with the hash of the message, as the component makes it.
        (Material::P256(key), Hash::Sha1) => Ok(deterministic::<Sha1>(key, message)),
        (Material::P256(key), Hash::Sha256) => Ok(deterministic::<Sha256>(key, message)),
    }
}

fn deterministic<D: Digest + BlockSizeUser>(key: &SigningKey, message: &[u8]) -> Vec<u8> {
    let digest = D::digest(message);
    let (signature, _) =
        sign_prehashed_rfc6979::<NistP256, D>(key.as_nonzero_scalar(), &digest, &[]);
    signature.to_der().as_bytes().to_vec()
}
