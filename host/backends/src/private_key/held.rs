//! A key that stays here and signs.

use std::sync::Arc;

use aws_lc_rs::{rand::SystemRandom, signature::RSA_PKCS1_SHA256};
use ecdsa::hazmat::sign_prehashed_rfc6979;
use p256::{NistP256, ecdsa::SigningKey};
use sha1::{Digest, Sha1, digest::block_api::BlockSizeUser};
use sha2::Sha256;

use super::material::Material;
use crate::ports::{Algorithm, Answer, Hash, HeldKey, PortError};

pub(super) struct Held {
    pub(super) key_pair_id: String,
    pub(super) material: Arc<Material>,
    /// PEM of the other half.
    pub(super) public: Arc<str>,
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
        Box::pin(async move {
            // ECDSA takes less time than the way to another thread and back.
            if matches!(*self.material, Material::P256(_)) {
                return sign(&self.material, message, hash);
            }
            let (material, message) = (Arc::clone(&self.material), message.to_vec());
            tokio::task::spawn_blocking(move || sign(&material, &message, hash))
                .await
                .map_err(|_| PortError::Other("signing was cut off".to_owned()))?
        })
    }
}

fn sign(material: &Material, message: &[u8], hash: Hash) -> Result<Vec<u8>, PortError> {
    let failed = || PortError::Other("the key could not sign".to_owned());
    match (material, hash) {
        (Material::Rsa { fast, .. }, Hash::Sha256) => {
            let mut signature = vec![0; fast.public_modulus_len()];
            fast.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
                .map_err(|_| failed())?;
            Ok(signature)
        }
        (Material::Rsa { plain, .. }, Hash::Sha1) => {
            plain.pkcs1v15_sign::<Sha1>(message).map_err(|_| failed())
        }
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
