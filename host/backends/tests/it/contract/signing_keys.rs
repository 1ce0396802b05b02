//! `wit/signing-keys.wit`. Signatures are verified by a library that did not make them.

use aws_lc_rs::signature as lc;
use p256::pkcs8::DecodePrivateKey;
use rsa::pkcs1v15;
use sha2::Sha256;
use tollgate_backends::{
    ports::{Algorithm, Hash, Key},
    registry::Port,
};

use crate::{
    bench::serving,
    keys::{P256, RSA, pem},
};

const MESSAGE: &[u8] = br#"{"Statement":[{"Resource":"https://media.example.com/a"}]}"#;

#[tokio::test]
async fn the_current_key_and_every_other_by_its_id() {
    for bench in serving(Port::SigningKeys) {
        let port = bench.signing_keys().await;
        assert_eq!(id(&port.current().await.unwrap()), "KRSA", "{}", bench.name());
        for expected in ["KRSA", "KEC"] {
            let key = port.by_id(expected).await.unwrap().unwrap();
            assert_eq!(id(&key), expected, "{}", bench.name());
        }
        for unknown in ["", "krsa", "KRSA ", "K2JCJMDEHXQW5F"] {
            assert!(port.by_id(unknown).await.unwrap().is_none(), "{unknown:?}: {}", bench.name());
        }
    }
}

#[tokio::test]
async fn a_key_is_the_one_it_is_said_to_be() {
    for bench in serving(Port::SigningKeys) {
        let port = bench.signing_keys().await;
        for (id, algorithm) in [("KRSA", Algorithm::Rsa2048), ("KEC", Algorithm::EcdsaP256)] {
            match port.by_id(id).await.unwrap().unwrap() {
                Key::Revealed { pem: text, .. } => {
                    let der = pem::parse(text.as_bytes()).unwrap().into_contents();
                    let expected = if id == "KRSA" { &RSA.pkcs8 } else { &P256.pkcs8 };
                    assert_eq!(&der, expected, "{}", bench.name());
                }
                Key::Held(key) => {
                    assert_eq!(key.algorithm(), algorithm, "{}", bench.name());
                    for hash in [Hash::Sha1, Hash::Sha256] {
                        let signature = key.sign(MESSAGE, hash).await.unwrap();
                        verify(algorithm, hash, &signature);
                        let again = key.sign(MESSAGE, hash).await.unwrap();
                        assert_eq!(again, signature, "the same statement, the same signature");
                        let other = key.sign(b"another", hash).await.unwrap();
                        assert_ne!(other, signature, "{}", bench.name());
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn a_held_key_signs_the_same_bytes_as_a_revealed_one() {
    let plain = rsa::PrivateKey::from_pkcs8_der(&RSA.pkcs8).unwrap();
    let expected = plain.pkcs1v15_sign::<Sha256>(MESSAGE).unwrap();
    for bench in serving(Port::SigningKeys) {
        if let Key::Held(key) = bench.signing_keys().await.current().await.unwrap() {
            assert_eq!(key.sign(MESSAGE, Hash::Sha256).await.unwrap(), expected);
        }
    }
}

#[tokio::test]
async fn nothing_secret_is_in_debug() {
    let secrets = [&RSA.pkcs8, &P256.pkcs8].map(|der| pem("PRIVATE KEY", der));
    for bench in serving(Port::SigningKeys) {
        let port = bench.signing_keys().await;
        for id in ["KRSA", "KEC"] {
            let debug = format!("{:?}", port.by_id(id).await.unwrap());
            assert!(debug.contains(id), "{debug}");
            for line in secrets.iter().flat_map(|secret| secret.lines()) {
                assert!(!debug.contains(line), "{}", bench.name());
            }
        }
    }
}

fn id(key: &Key) -> String {
    match key {
        Key::Revealed { key_pair_id, .. } => key_pair_id.clone(),
        Key::Held(key) => key.key_pair_id().to_owned(),
    }
}

fn verify(algorithm: Algorithm, hash: Hash, signature: &[u8]) {
    match (algorithm, hash) {
        (Algorithm::Rsa2048, Hash::Sha1) => {
            let algorithm = &lc::RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY;
            lc::UnparsedPublicKey::new(algorithm, &RSA.public).verify(MESSAGE, signature).unwrap();
        }
        (Algorithm::Rsa2048, Hash::Sha256) => {
            assert_eq!(signature.len(), 256);
            let key = rsa::PrivateKey::from_pkcs8_der(&RSA.pkcs8).unwrap().to_public_key();
            let key = pkcs1v15::VerifyingKey::<Sha256>::new(key);
            let signature = pkcs1v15::Signature::try_from(signature).unwrap();
            rsa::signature::Verifier::verify(&key, MESSAGE, &signature).unwrap();
        }
        (Algorithm::EcdsaP256, hash) => {
            let algorithm = match hash {
                Hash::Sha1 => &lc::ECDSA_P256_SHA1_ASN1,
                Hash::Sha256 => &lc::ECDSA_P256_SHA256_ASN1,
            };
            lc::UnparsedPublicKey::new(algorithm, &P256.public).verify(MESSAGE, signature).unwrap();
        }
    }
}
