//! Key sets: what is trusted, what is skipped and why, and which key a token gets.

use serde_json::{Value, json};

use super::{KeySet, NOW, TokenError, check, claims, jwk, jwks, mint, rules, sign};
use crate::token::KeySetError;

fn changed(kid: &str, changes: Value) -> Value {
    let mut jwk = jwk(kid);
    for (name, value) in changes.as_object().unwrap() {
        jwk[name] = value.clone();
    }
    jwk
}

#[test]
fn keys_that_cannot_be_used_are_skipped_with_a_reason() {
    // `openssl rsa -in rsa-small.pem -noout -modulus`, as base64url.
    let small = concat!(
        "onc3ICiTYSc-qGZaAcqulqStfgHbkdo8PI-mzXcip4aXpoVe3mUpqt2GlfuQj7sLcRxgORg7QojtW2Oa",
        "uRhf9D6Z3vhCfDVp7TyXtT5Z-h4KZhYDAKlyNfWzsuc4fg8DaJDiJymv8MmI_W6rQOBmf7MJW7xV36nL",
        "HAeTp1ZoV2M",
    );
    let rsa_rule = "is no RSA key of 2048 to 8192 bits with a usable exponent";
    let rows = [
        (changed("rsa", json!({"n": small})), rsa_rule),
        (changed("rsa", json!({"e": "AQ"})), rsa_rule),
        (changed("rsa", json!({"e": "AAAA"})), rsa_rule),
        (changed("rsa", json!({"e": "BA"})), rsa_rule),
        (changed("rsa", json!({"e": "_____________w"})), rsa_rule),
        (changed("rsa", json!({"n": "_".repeat(4000)})), rsa_rule),
        (changed("rsa", json!({"n": ""})), rsa_rule),
        (changed("rsa", json!({"n": "a+b"})), "holds a number that is no base64url"),
        (changed("rsa", json!({"n": null})), "lacks a number"),
        (changed("rsa", json!({"use": "enc"})), "is not for signatures"),
        (changed("rsa", json!({"key_ops": ["sign"]})), "is not for verifying"),
        (changed("rsa", json!({"alg": "RS512"})), "is for an algorithm that is not supported"),
        (changed("p256", json!({"alg": "RS256"})), "is for an algorithm that is not supported"),
        (changed("rsa", json!({"d": "AAAA"})), "is a private key"),
        (changed("p256", json!({"crv": "P-384"})), "is of a type that is not supported"),
        (changed("p256", json!({"y": "AAAA"})), "has coordinates that are not 32 bytes each"),
        (changed("p256", json!({"y": "A".repeat(43)})), "is no point of P-256"),
        (changed("ed25519", json!({"crv": "X25519"})), "is of a type that is not supported"),
        (changed("ed25519", json!({"x": "AAAA"})), "is not 32 bytes long"),
        (changed("ed25519", json!({"x": "A".repeat(43)})), "is a weak point of Ed25519"),
        (json!({"kty": "oct", "k": "AAAA"}), "is of a type that is not supported"),
        (json!({"kty": 1}), "is no JWK"),
        (json!("text"), "is no JWK"),
        (Value::Null, "is no JWK"),
        (jwk("rsa"), "has the kid of a key before it"),
    ];
    for (broken, reason) in rows {
        let set = KeySet::from_jwks(&jwks([jwk("rsa"), broken.clone()])).unwrap();
        assert_eq!(set.len(), 1, "{broken}");
        let skipped = &set.skipped()[0];
        assert_eq!((skipped.position, skipped.reason), (1, reason), "{broken}");
        // Nothing hides behind a broken neighbour.
        assert!(check(&mint("rsa", &claims()), &set, &rules(), NOW).is_ok());
    }
}

#[test]
fn what_usual_issuers_publish_is_taken() {
    for good in [
        changed("rsa", json!({"use": "sig", "key_ops": ["verify"], "x5c": ["x"], "x5t": "x"})),
        changed("rsa", json!({"n": format!("AAAA{}", jwk("rsa")["n"].as_str().unwrap())})),
        changed("rsa", json!({"alg": "RS256"})),
    ] {
        let set = KeySet::from_jwks(&jwks([good])).unwrap();
        assert!(check(&mint("rsa", &claims()), &set, &rules(), NOW).is_ok());
    }
    let set = KeySet::from_jwks(&jwks([changed("ed25519", json!({"alg": "Ed25519"}))])).unwrap();
    assert!(check(&mint("ed25519", &claims()), &set, &rules(), NOW).is_ok());
}

#[test]
fn sets_without_a_key_are_none() {
    for text in ["", "[]", "{}", r#"{"keys":{}}"#, "<html>", r#"{"keys":[]"#] {
        assert_eq!(KeySet::from_jwks(text).unwrap_err(), KeySetError::NotJwks, "{text}");
    }
    let none = KeySet::from_jwks(r#"{"keys":[]}"#).unwrap_err();
    assert_eq!(none, KeySetError::NoUsableKey(vec![]));
    let skipped = KeySet::from_jwks(r#"{"keys":[{"kty":"oct","kid":"k"}]}"#).unwrap_err();
    let KeySetError::NoUsableKey(skipped) = skipped else { panic!() };
    assert_eq!(skipped[0].kid.as_deref(), Some("k"));
}

#[test]
fn the_named_key_is_used() {
    let set = KeySet::from_jwks(&jwks(["p256", "p256-other"].map(jwk))).unwrap();
    for kid in ["p256", "p256-other"] {
        assert!(check(&mint(kid, &claims()), &set, &rules(), NOW).is_ok());
    }
    let wrong = sign(&json!({"alg": "ES256", "kid": "p256"}), &claims(), "p256-other");
    assert_eq!(check(&wrong, &set, &rules(), NOW), Err(TokenError::Signature));
    let unknown = sign(&json!({"alg": "ES256", "kid": "P256"}), &claims(), "p256");
    assert_eq!(check(&unknown, &set, &rules(), NOW), Err(TokenError::UnknownKey("P256".into())));
}

#[test]
fn one_name_may_stand_for_one_key_of_each_algorithm() {
    let set = KeySet::from_jwks(&jwks([
        changed("rsa", json!({"kid": "k"})),
        changed("p256", json!({"kid": "k"})),
    ]));
    let set = set.unwrap();
    assert_eq!((set.len(), set.skipped().len()), (2, 0));
    for (alg, kid) in [("RS256", "rsa"), ("ES256", "p256")] {
        let token = sign(&json!({"alg": alg, "kid": "k"}), &claims(), kid);
        assert!(check(&token, &set, &rules(), NOW).is_ok(), "{alg}");
    }
}

#[test]
fn without_a_name_exactly_one_key_must_fit() {
    let nameless = |kid: &str, alg: &str| sign(&json!({"alg": alg}), &claims(), kid);
    let set = |kids: &[&str]| KeySet::from_jwks(&jwks(kids.iter().map(|kid| jwk(kid)))).unwrap();
    for (kids, kid, alg, expected) in [
        (&["rsa", "p256"][..], "p256", "ES256", None),
        (&["rsa", "p256"], "rsa", "RS256", None),
        (&["p256", "p256-other"], "p256", "ES256", Some(TokenError::KeyNotNamed)),
        (&["rsa"], "p256", "ES256", Some(TokenError::Algorithm)),
        (&["p256-other"], "p256", "ES256", Some(TokenError::Signature)),
    ] {
        let found = check(&nameless(kid, alg), &set(kids), &rules(), NOW).err();
        assert_eq!(found, expected, "{kids:?} {kid}");
    }
}

#[test]
fn pem_keys_stand_for_every_name() {
    for (kid, alg, pem) in [
        ("rsa", "RS256", include_str!("../../../testdata/rsa.pub")),
        ("p256", "ES256", include_str!("../../../testdata/p256.pub")),
        ("ed25519", "EdDSA", include_str!("../../../testdata/ed25519.pub")),
    ] {
        let set = KeySet::from_pem(pem).unwrap();
        assert_eq!(set.len(), 1);
        for header in [json!({"alg": alg}), json!({"alg": alg, "kid": "any"})] {
            let token = sign(&header, &claims(), kid);
            assert!(check(&token, &set, &rules(), NOW).is_ok(), "{header}");
        }
        let other = mint("p256-other", &claims());
        assert!(check(&other, &set, &rules(), NOW).is_err(), "{kid}");
        assert!(KeySet::from_pem(&format!("\n{}\r\n", pem.replace('\n', "\r\n"))).is_ok());
    }
}

#[test]
fn other_pem_files_are_refused_with_a_reason() {
    let public = include_str!("../../../testdata/p256.pub");
    for (pem, part) in [
        ("", "no PEM"),
        ("-----BEGIN PUBLIC KEY-----", "no PEM"),
        (&format!("{public}{public}"), "exactly one"),
        (include_str!("../../../testdata/rsa.pem"), "private key"),
        (include_str!("../../../testdata/p384.pub"), "neither RSA nor P-256 nor Ed25519"),
        (include_str!("../../../testdata/rsa-small.pub"), "2048"),
        (&public.replace("PUBLIC KEY", "CERTIFICATE"), "BEGIN PUBLIC KEY"),
        ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "no PEM"),
        ("-----BEGIN PUBLIC KEY-----\nMAA=\n-----END PUBLIC KEY-----\n", "no public key"),
    ] {
        let error = KeySet::from_pem(pem).expect_err(pem).to_string();
        assert!(error.contains(part), "{error}");
    }
}

#[test]
fn debug_names_keys_and_shows_none() {
    let set = KeySet::from_jwks(&jwks([jwk("rsa")])).unwrap();
    assert_eq!(format!("{set:?}"), r#"[(Some("rsa"), "RS256")]"#);
}
