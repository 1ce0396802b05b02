//! Signatures are those of two libraries that have no code in common with AWS-LC; what is no key is refused.

use std::thread;

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rsa::{KeyPair, KeySize},
};
use rsa::pkcs8::DecodePrivateKey;
use sha1::Sha1;
use sha2::Sha256;

use super::*;

const MESSAGE: &[u8] = br#"{"Statement":[{"Resource":"https://media.example.com/a"}]}"#;

/// What `openssl dgst -sha1 -sign rsa-2048.pkcs8.pem` makes of it.
const SHA1: &str = "\
     80dfd65406f8f4ae93d15b3c539506ebfd922fdb6fbb3e5ed620eb8c1a7812d4fa552a36cc26e4acdd56ab1003c81e087b2d\
     40f089f94ad4591a68da8a631c889d66180e680b95e02d00eaa1bb3ad5f6f98dfb5905f94555f7a39ea706c3b0cbe6d853da\
     aaa07e54f03b0515b22eb027f203732a004950dce4a167fd6be853c4dad0a79dde35452f605fb6d470ec8ac41ee9ff954392\
     d63a1c0e11824b36dc471136914208768cf74b95d4a01c057cadaf06c891f54024e2b87672c045be5bc030c1fbfc6d85c6c7\
     03a742db0c07e527cf936fa25b2c883b637b2b9e46f601fd7a341e97fdc9303377b7b5e4070578d1a043c7f85e3e44dad680\
     5cc3c49a640d";

/// The same with `-sha256`.
const SHA256: &str = "\
     2a548cd9e48d10e66323a0e565a54746e8801f2de89ed3f505e57fed1c6e8e1fbc49592d368f53c202279e1939f014759dc6\
     b2e256139934ba2c44dacb215cb0b300a49d7cf22deecb0f79469a2220d9a4610ac983e84e550d6aa288004c5c8ea72934c7\
     db580cf29818dd70c762e460199077abaad444a17639d550785f1c686174783c2c96b1d9cdcaabb44975376de21242aaff8e\
     066cc5a31fe1a190e0d967366a84c9d5bd6b3432c603103c05d2af2d1ee975f41a0c0ac316d5f250277bf3cc635ec8c1d534\
     ced4ac88330ac59d6d04f4d9bcc14ac74a7e60f38b6d5f05ef671c604c86067ee256c0a571fb9459c80b0a5320706bfd1f11\
     e8ce2e347f6a";

/// PKCS#1 of a new key.
fn pkcs1(size: KeySize) -> Vec<u8> {
    let pair = KeyPair::generate(size).unwrap();
    let der = AsDer::<Pkcs8V1Der<'_>>::as_der(&pair).unwrap();
    inner(der.as_ref())
}

fn inner(pkcs8: &[u8]) -> Vec<u8> {
    p256::pkcs8::PrivateKeyInfoRef::try_from(pkcs8).unwrap().private_key.as_bytes().to_vec()
}

fn file() -> Vec<u8> {
    let text = include_str!("../../../../../signer-component/core/testdata/rsa-2048.pkcs8.pem");
    inner(pem::parse(text).unwrap().contents())
}

fn read(pkcs1: &[u8]) -> RsaKey {
    RsaKey::from_pkcs1(pkcs1).unwrap_or_else(|_| panic!("it is a key"))
}

#[test]
fn signatures_are_those_of_openssl() {
    let key = read(&file());
    for (hash, expected) in [(Hash::Sha1, SHA1), (Hash::Sha256, SHA256)] {
        let signature = key.sign(MESSAGE, hash).unwrap();
        let hex: String = signature.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, expected, "{hash:?}");
    }
}

#[test]
fn signatures_are_those_of_another_library_whatever_the_key_and_the_message() {
    for _ in 0..4 {
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let pkcs8 = AsDer::<Pkcs8V1Der<'_>>::as_der(&pair).unwrap().as_ref().to_vec();
        let other = rsa::PrivateKey::from_pkcs8_der(&pkcs8).unwrap();
        let key = read(&inner(&pkcs8));
        for length in [0, 1, 55, 56, 63, 64, 65, 1000] {
            let message = vec![b'm'; length];
            for (hash, expected) in [
                (Hash::Sha1, other.pkcs1v15_sign::<Sha1>(&message).unwrap()),
                (Hash::Sha256, other.pkcs1v15_sign::<Sha256>(&message).unwrap()),
            ] {
                assert_eq!(key.sign(&message, hash), Some(expected), "{length} bytes, {hash:?}");
            }
        }
    }
}

#[test]
fn threads_sign_with_one_key_at_once() {
    let key = read(&file());
    let expected = key.sign(MESSAGE, Hash::Sha1);
    assert!(expected.is_some());
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..20 {
                    assert_eq!(key.sign(MESSAGE, Hash::Sha1), expected);
                }
            });
        }
    });
}

#[test]
fn numbers_that_do_not_belong_together_are_refused() {
    let good = file();
    let names = ["version", "n", "e", "d", "p", "q", "d mod p-1", "d mod q-1", "1/q mod p"];
    let ends = ends_of_integers(&good);
    assert_eq!(ends.len(), names.len());
    for (name, end) in names.into_iter().zip(ends) {
        let mut bad = good.clone();
        bad[end - 1] ^= 2;
        assert!(matches!(RsaKey::from_pkcs1(&bad), Err(Refused::Unreadable)), "{name}");
    }
    assert!(RsaKey::from_pkcs1(&good).is_ok());
}

/// Where in the encoding of a key each of its numbers ends.
fn ends_of_integers(pkcs1: &[u8]) -> Vec<usize> {
    // A tag, and a length of two bytes more than the one that says so.
    let (mut at, mut ends) = (4, Vec::new());
    while at < pkcs1.len() {
        let (length, header) = match pkcs1[at + 1] {
            0x81 => (usize::from(pkcs1[at + 2]), 3),
            0x82 => (usize::from(pkcs1[at + 2]) * 256 + usize::from(pkcs1[at + 3]), 4),
            short => (usize::from(short), 2),
        };
        at += header + length;
        ends.push(at);
    }
    ends
}

#[test]
fn what_is_no_key_of_2048_bits_is_refused() {
    let good = file();
    let longer = [good.as_slice(), &[0]].concat();
    for (case, der) in [
        ("nothing", &[][..]),
        ("cut off", &good[..good.len() - 1]),
        ("with a byte after it", &longer),
        ("no DER", b"a password"),
    ] {
        assert!(matches!(RsaKey::from_pkcs1(der), Err(Refused::Unreadable)), "{case}");
    }
    assert!(matches!(RsaKey::from_pkcs1(&pkcs1(KeySize::Rsa3072)), Err(Refused::Length)));
}
