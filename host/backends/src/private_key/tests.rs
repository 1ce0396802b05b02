//! Which texts are keys, which are refused, and that signatures are the ones of the standard.

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rsa::{KeyPair, KeySize},
    signature::{ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair},
};
use p256::{
    SecretKey,
    pkcs8::{DecodePrivateKey, EncodePrivateKey},
};
use rsa::pkcs1::EncodeRsaPrivateKey;

use super::*;
use crate::ports::{Algorithm, Hash};

/// The key of RFC 6979, A.2.5.
const SCALAR: [u8; 32] = [
    0xc9, 0xaf, 0xa9, 0xd8, 0x45, 0xba, 0x75, 0x16, 0x6b, 0x5c, 0x21, 0x57, 0x67, 0xb1, 0xd6, 0x93,
    0x4e, 0x50, 0xc3, 0xdb, 0x36, 0xe8, 0x9b, 0x12, 0x7b, 0x8a, 0x62, 0x2b, 0x12, 0x0f, 0x67, 0x21,
];

/// Its signature over `sample` with SHA-256: r and s as the RFC prints them, in DER.
const SIGNATURE: &str = "3046022100efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716\
                         022100f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8";

/// The same with SHA-1.
const SHA1_SIGNATURE: &str = "3044022061340c88c3aaebeb4f6d667f672ca9759a6ccaa9fa8811313039ee4a35471d32\
                              02206d7f147dac089441bb2e2fe8f7a3fa264b9c475098fdcf6e00d7c996e1b8b7eb";

fn ec() -> SecretKey {
    SecretKey::from_slice(&SCALAR).unwrap()
}

fn rsa_pkcs8(size: KeySize) -> Vec<u8> {
    let key = KeyPair::generate(size).unwrap();
    AsDer::<Pkcs8V1Der<'_>>::as_der(&key).unwrap().as_ref().to_vec()
}

fn block(tag: &str, der: &[u8]) -> String {
    ::pem::encode(&::pem::Pem::new(tag, der))
}

#[test]
fn every_form_of_a_key_is_read() {
    let pkcs8 = rsa_pkcs8(KeySize::Rsa2048);
    let plain = rsa::PrivateKey::from_pkcs8_der(&pkcs8).unwrap();
    let pkcs1 = block("RSA PRIVATE KEY", plain.to_pkcs1_der().unwrap().as_bytes());
    let sec1 = block("EC PRIVATE KEY", &ec().to_sec1_der().unwrap());
    let parameters =
        "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
    for (form, text, algorithm) in [
        ("RSA PKCS#8", block("PRIVATE KEY", &pkcs8), Algorithm::Rsa2048),
        ("RSA PKCS#1", pkcs1.clone(), Algorithm::Rsa2048),
        ("with Windows line ends", pkcs1.replace('\n', "\r\n"), Algorithm::Rsa2048),
        ("after words", format!("my key:\n{pkcs1}"), Algorithm::Rsa2048),
        (
            "P-256 PKCS#8",
            block("PRIVATE KEY", ec().to_pkcs8_der().unwrap().as_bytes()),
            Algorithm::EcdsaP256,
        ),
        ("P-256 SEC1", sec1.clone(), Algorithm::EcdsaP256),
        ("as OpenSSL writes it", format!("{parameters}{sec1}"), Algorithm::EcdsaP256),
    ] {
        let (material, revealed) = material::parse(&text).expect(form);
        assert_eq!(material.algorithm(), algorithm, "{form}");
        assert!(material::parse(&revealed).is_ok(), "{form}: what is given away is a key too");
        assert_eq!(revealed.matches("-----BEGIN").count(), 1, "{form}");
    }
}

#[test]
fn what_cloudfront_would_not_accept_is_refused() {
    let p384 = EcdsaKeyPair::generate(&ECDSA_P384_SHA384_ASN1_SIGNING).unwrap();
    let ed25519 = Ed25519KeyPair::generate().unwrap().to_pkcs8v1().unwrap();
    let good = block("PRIVATE KEY", &rsa_pkcs8(KeySize::Rsa2048));
    let encrypted = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\
                     DEK-Info: AES-128-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n";
    for (case, text, reason) in [
        ("RSA-3072", block("PRIVATE KEY", &rsa_pkcs8(KeySize::Rsa3072)), "2048"),
        ("P-384", block("PRIVATE KEY", p384.to_pkcs8v1().unwrap().as_ref()), "P-256"),
        ("Ed25519", block("PRIVATE KEY", ed25519.as_ref()), "P-256"),
        ("encrypted PKCS#8", block("ENCRYPTED PRIVATE KEY", &[1]), "is encrypted"),
        ("encrypted PKCS#1", encrypted.to_owned(), "is encrypted"),
        ("public", block("PUBLIC KEY", &[1]), "is public"),
        ("SSH", block("OPENSSH PRIVATE KEY", &[1]), "is not a private key in"),
        ("damaged", block("PRIVATE KEY", &[1, 2, 3]), "is not a key CloudFront accepts"),
        ("cut off", good[..good.len() / 2].to_owned(), "is not PEM"),
        ("not PEM", "a password".to_owned(), "is not PEM"),
        ("empty", String::new(), "is not PEM"),
    ] {
        let refused = material::parse(&text).map(|_| ()).expect_err(case);
        assert!(refused.contains(reason), "{case}: {refused}");
    }
}

macro_rules! file {
    ($name:literal) => {
        include_str!(concat!("../../../../signer-component/core/testdata/", $name))
    };
}

#[test]
fn the_public_half_of_a_held_key_is_what_openssl_writes() {
    for (private, public) in [
        (file!("rsa-2048.pkcs1.pem"), file!("rsa-2048.public.pem")),
        (file!("rsa-2048.pkcs8.pem"), file!("rsa-2048.public.pem")),
        (file!("p256.sec1.pem"), file!("p256.public.pem")),
        (file!("p256.pkcs8.pem"), file!("p256.public.pem")),
    ] {
        let key = PrivateKey::parse(private).unwrap().under("K1".to_owned(), Mode::Held);
        let Key::Held(key) = key else { panic!("it is held") };
        assert_eq!(key.public_key(), public);
    }
}

#[tokio::test]
async fn ecdsa_is_deterministic_as_rfc_6979_says() {
    let key = PrivateKey::parse(&block("EC PRIVATE KEY", &ec().to_sec1_der().unwrap())).unwrap();
    let Key::Held(key) = key.under("K1".to_owned(), Mode::Held) else { panic!("it is held") };
    for (hash, expected) in [(Hash::Sha256, SIGNATURE), (Hash::Sha1, SHA1_SIGNATURE)] {
        let signature = key.sign(b"sample", hash).await.unwrap();
        let hex: String = signature.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, expected, "{hash:?}");
    }
}

#[tokio::test]
async fn who_asks_for_the_same_at_once_shares_one_signature() {
    let key = PrivateKey::parse(&block("PRIVATE KEY", &rsa_pkcs8(KeySize::Rsa2048))).unwrap();
    let Key::Held(key) = key.under("K1".to_owned(), Mode::Held) else { panic!("it is held") };
    let mut asked = [
        key.sign(b"sample", Hash::Sha1),
        key.sign(b"sample", Hash::Sha1),
        key.sign(b"sample", Hash::Sha256),
        key.sign(b"other", Hash::Sha1),
    ];
    let [first, second, other_hash, other_message] = &mut asked;
    assert!(futures::poll!(&mut *first).is_pending(), "whatever is ready goes first");
    // Whoever comes later drives what is under way; one made by itself would wait for the first one's turn to end.
    let made = second.await.unwrap();
    let std::task::Poll::Ready(shared) = futures::poll!(first) else { panic!("is not shared") };
    assert_eq!(shared.unwrap(), made);
    assert_ne!(other_hash.await.unwrap(), made);
    assert_ne!(other_message.await.unwrap(), made);
}
