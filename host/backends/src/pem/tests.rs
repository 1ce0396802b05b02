//! Which files are read, and what happens when one changes.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, time::Duration};

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair};

use super::*;
use crate::ports::{Key, SigningKeys};

/// A new P-256 key.
fn key() -> String {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
    ::pem::encode(&::pem::Pem::new("PRIVATE KEY", pair.to_pkcs8v1().unwrap().as_ref()))
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

fn table(path: &Path, mode: Mode) -> Table {
    let entry = Entry {
        key: "signing-keys.path".to_owned(),
        key_pair_id: "K1".to_owned(),
        path: path.to_owned(),
    };
    let current = "K1".to_owned();
    Table { entries: vec![entry], current, mode, allow_open_permissions: false }
}

async fn refusal(table: Table) -> String {
    match keys::PemKeys::open(table).await {
        Ok(_) => panic!("it must be refused"),
        Err(mistakes) => mistakes.iter().map(ToString::to_string).collect(),
    }
}

#[tokio::test]
async fn a_key_that_others_can_read_is_refused_unless_allowed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ec.pem");
    let text = key();
    write(&path, &text);
    for mode in [0o640, 0o604, 0o644] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let refused = refusal(table(&path, Mode::Held)).await;
        assert!(refused.starts_with("signing-keys.path: "), "{refused}");
        assert!(refused.contains("chmod 600"), "{refused}");
        assert!(!text.lines().any(|line| refused.contains(line)), "{refused}");
    }
    let allowed = Table { allow_open_permissions: true, ..table(&path, Mode::Held) };
    keys::PemKeys::open(allowed).await.unwrap();
}

#[tokio::test]
async fn a_changed_file_is_read_again_and_a_bad_one_is_not_believed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key.pem");
    let first = key();
    write(&path, &first);
    let table = table(&path, Mode::Revealed);
    let keys = keys::PemKeys::open_looking_every(table, Duration::ZERO).await.unwrap();
    let text = async || match keys.current().await.unwrap() {
        Key::Revealed { pem, .. } => pem.to_string(),
        Key::Held(_) => panic!("it is revealed"),
    };
    assert_eq!(::pem::parse(text().await).unwrap(), ::pem::parse(&first).unwrap());
    let before = text().await;
    write(&path, "half a key");
    assert_eq!(text().await, before);
    fs::remove_file(&path).unwrap();
    assert_eq!(text().await, before);
    let second = key();
    write(&path, &second);
    assert_eq!(::pem::parse(text().await).unwrap(), ::pem::parse(&second).unwrap());
}
