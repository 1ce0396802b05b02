//! Key pairs made once per run, in every form a file may have.

use std::{fs, path::Path, sync::LazyLock};

use aws_lc_rs::{
    encoding::AsDer,
    rsa::{KeyPair as RsaKeyPair, KeySize},
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use serde_json::json;

/// A private key with what a verifier needs.
pub struct Pair {
    pub pkcs8: Vec<u8>,
    /// As `aws_lc_rs::signature::UnparsedPublicKey` wants it.
    pub public: Vec<u8>,
}

/// What a vault holds: the key with its id.
pub fn stored(id: &str, pair: &Pair) -> String {
    json!({ "keyPairId": id, "privateKey": pem("PRIVATE KEY", &pair.pkcs8) }).to_string()
}

/// RSA-2048.
pub static RSA: LazyLock<Pair> = LazyLock::new(|| rsa(KeySize::Rsa2048));

/// ECDSA P-256.
pub static P256: LazyLock<Pair> = LazyLock::new(|| {
    let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
    Pair {
        pkcs8: key.to_pkcs8v1().unwrap().as_ref().to_vec(),
        public: key.public_key().as_ref().to_vec(),
    }
});

fn rsa(size: KeySize) -> Pair {
    let key = RsaKeyPair::generate(size).unwrap();
    Pair {
        pkcs8: AsDer::<aws_lc_rs::encoding::Pkcs8V1Der<'_>>::as_der(&key)
            .unwrap()
            .as_ref()
            .to_vec(),
        public: key.public_key().as_ref().to_vec(),
    }
}

/// PEM text of some DER.
pub fn pem(tag: &str, der: &[u8]) -> String {
    pem::encode(&pem::Pem::new(tag, der))
}

/// Writes a file only its owner can read.
pub fn write_private(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
}
