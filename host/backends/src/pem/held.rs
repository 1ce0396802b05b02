//! A key that stays here and signs.

use std::sync::Arc;

use aws_lc_rs::{rand::SystemRandom, signature::RSA_PKCS1_SHA256};
use p256::ecdsa::{DerSignature, signature::hazmat::PrehashSigner};
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::material::Material;
use crate::ports::{Algorithm, Answer, Hash, HeldKey, PortError};

pub(super) struct Held {
    pub(super) key_pair_id: String,
    pub(super) material: Arc<Material>,
}

impl HeldKey for Held {
    fn key_pair_id(&self) -> &str {
        &self.key_pair_id
    }

    fn algorithm(&self) -> Algorithm {
        self.material.algorithm()
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
        (Material::P256(key), hash) => {
            let signature: Result<DerSignature, _> = match hash {
                Hash::Sha1 => key.sign_prehash(&Sha1::digest(message)),
                Hash::Sha256 => key.sign_prehash(&Sha256::digest(message)),
            };
            Ok(signature.map_err(|_| failed())?.as_bytes().to_vec())
        }
    }
}
