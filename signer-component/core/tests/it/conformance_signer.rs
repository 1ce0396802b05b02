//! Research section 5.8, what a signer must refuse, and the rows of 5.7 that are not an edge's.

use tollgate_core::{
    cloudfront::{KeyPairId, PublicKey, SigningKey, Terms, Unsigned, strip},
    error::InvalidField,
    time::EpochSeconds,
};

use crate::support::*;

/// The rows that this module tests without a request.
pub const ROWS: [&str; 11] =
    ["138", "145", "148", "149", "150", "152", "153", "154", "156", "157", "158"];

fn seconds(seconds: u64) -> EpochSeconds {
    EpochSeconds::new("test", seconds).unwrap()
}

fn terms() -> Terms {
    Terms {
        expires_at: seconds(EXP),
        not_before: None,
        ip_address: None,
        resource: None,
        allow_wildcard_domain: false,
        hash: Hash::Sha1,
        now: Some(seconds(NOW)),
    }
}

/// Signs with our own signer.
pub fn sign(key: Key, url: &str, terms: &Terms) -> Result<String, InvalidField> {
    let pem = if key == Key::K2 { P256_PEM } else { RSA_PEM };
    let id = KeyPairId::new(key.id()).unwrap();
    let signed = Unsigned::new(url, terms)?.sign(&id, &SigningKey::from_pem(pem).unwrap())?;
    Ok(signed.apply_to(url)?.into_string())
}

#[track_caller]
fn refused(field: &str, url: &str, terms: &Terms) {
    let refusal = sign(Key::K1, url, terms).expect_err("must be refused");
    assert_eq!(refusal.field, field, "{refusal}");
}

#[test]
fn row_138_an_origin_never_sees_a_signature() {
    let url = at_d8("/a.mp4?x=1");
    assert_eq!(strip(&Parts::canned(&url).on(&url)), url);
    assert_eq!(strip(&Parts::canned_by(Key::K2, Hash::Sha256, &url).on(&url)), url);
    let encoded = Parts::canned(&url).on(&url).replace("Signature=", "Signatur%65=");
    assert_eq!(strip(&encoded), url);
}

#[test]
fn row_145_public_keys_of_other_kinds_are_refused() {
    for pem in [
        include_str!("../../testdata/rsa-1024.public.pem"),
        include_str!("../../testdata/rsa-3072.public.pem"),
        include_str!("../../testdata/p384.public.pem"),
    ] {
        let refusal = PublicKey::from_pem(pem).unwrap_err();
        assert!(refusal.rule.contains("RSA-2048") && refusal.rule.contains("P-256"), "{refusal}");
    }
}

#[test]
fn row_148_a_url_that_has_a_reserved_parameter_is_refused() {
    for name in ["Expires", "Policy", "Signature", "Key-Pair-Id", "Hash-Algorithm", "%50olicy"] {
        refused("url", &at_d8(&format!("/a.mp4?x=1&{name}=1")), &terms());
    }
}

#[test]
fn row_149_a_fragment_is_refused() {
    refused("url", &at_d8("/a.mp4#t=10"), &terms());
}

#[test]
fn row_150_the_past_is_refused_unless_nobody_looks_at_the_clock() {
    let url = at_d8("/a.mp4");
    refused("expires-at", &url, &Terms { now: Some(seconds(EXP)), ..terms() });
    assert!(sign(Key::K1, &url, &Terms { now: None, ..terms() }).is_ok());
}

#[test]
fn row_152_a_start_that_is_not_before_the_end_is_refused() {
    for start in [EXP, EXP + 1] {
        refused("not-before", &at_d8("/a"), &Terms { not_before: Some(seconds(start)), ..terms() });
    }
}

#[test]
fn row_153_private_keys_of_other_kinds_are_refused_by_name() {
    for pem in [
        include_str!("../../testdata/dsa.pem"),
        include_str!("../../testdata/p384.pkcs8.pem"),
        include_str!("../../testdata/ed25519.pkcs8.pem"),
    ] {
        let refusal = SigningKey::from_pem(pem).expect_err("must be refused");
        assert!(refusal.rule.contains("RSA") && refusal.rule.contains("ECDSA"), "{refusal}");
    }
}

#[test]
fn row_154_every_pem_of_one_key_signs_alike() {
    let url = at_d8("/a.mp4");
    for (key, pems) in [
        (Key::K1, [RSA_PEM, include_str!("../../testdata/rsa-2048.pkcs1.pem")]),
        (Key::K2, [P256_PEM, include_str!("../../testdata/p256.sec1.pem")]),
    ] {
        for pem in pems {
            // SHA-256, with which RFC 6979 leaves no choice of nonce; see the last test of this file.
            let terms = Terms { hash: Hash::Sha256, ..terms() };
            let statement = Unsigned::new(&url, &terms).unwrap();
            let id = KeyPairId::new(key.id()).unwrap();
            let signed = statement.sign(&id, &SigningKey::from_pem(pem).unwrap()).unwrap();
            // Equal to what the crates make without us, so also to each other.
            let expected = Parts::canned_by(key, Hash::Sha256, &url).on(&url);
            assert_eq!(signed.apply_to(&url).unwrap().into_string(), expected);
        }
    }
}

#[test]
fn row_156_a_url_outside_the_resource_is_refused() {
    refused("resource", &at_d8("/b/a"), &Terms { resource: Some(at_d8("/a/*")), ..terms() });
}

#[test]
fn rows_157_and_158_json_escapes_nothing() {
    let url = at_d8("/a/b.mp4?x=1&y=<2>'");
    let custom = Terms { ip_address: Some("192.0.2.0/24".to_owned()), ..terms() };
    for (terms, expected) in [
        (terms(), canned_policy(&url, EXP)),
        (custom, custom_policy(&url, r#","IpAddress":{"AWS:SourceIp":"192.0.2.0/24"}"#)),
    ] {
        let statement = Unsigned::new(&url, &terms).unwrap();
        assert_eq!(str::from_utf8(statement.message()).unwrap(), expected);
    }
}

#[test]
fn rows_21_22_and_28_our_signer_writes_the_same_bytes() {
    let url = at_d8("/a.mp4?size=large");
    for key in [Key::K1, Key::K2] {
        for hash in [Hash::Sha1, Hash::Sha256] {
            let exact = Terms { hash, ..terms() };
            let directory = Terms { resource: Some(at_d8("/*")), ..exact.clone() };
            let canned = sign(key, &url, &exact).unwrap();
            let custom = sign(key, &url, &directory).unwrap();
            check(&[Row::allow("21", &canned), Row::allow("76", &custom)]);
            // The p256 crate takes the nonce of a SHA-1 signature from SHA-256, which is as good and not the same.
            if (key, hash) != (Key::K2, Hash::Sha1) {
                let policy = custom_policy(&at_d8("/*"), "");
                assert_eq!(canned, Parts::canned_by(key, hash, &url).on(&url));
                assert_eq!(custom, Parts::custom_by(key, hash, &policy).on(&url));
            }
        }
    }
}
