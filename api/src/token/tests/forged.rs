//! Tokens that somebody tries to get past the signature.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

use super::{
    KeySet, NOW, TokenError, check, claims, jwk, jwks, mint, private, rules, sign, trusted,
};

fn part(value: &Value) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(value.to_string())
}

fn refused(token: &str) -> TokenError {
    check(token, &trusted(), &rules(), NOW).expect_err(token)
}

#[test]
fn algorithms_that_prove_nothing_are_refused() {
    for alg in [
        "none", "None", "", "HS256", "HS512", "RS384", "PS256", "ES384", "ES256K", "rs256", "Ed448",
    ] {
        let message = format!("{}.{}", part(&json!({"alg": alg, "kid": "rsa"})), part(&claims()));
        for signature in ["", "AAAA"] {
            assert_eq!(refused(&format!("{message}.{signature}")), TokenError::Algorithm, "{alg}");
        }
    }
}

#[test]
fn a_public_key_is_no_hmac_secret() {
    let public = include_bytes!("../../../testdata/rsa.pub");
    let message = format!("{}.{}", part(&json!({"alg": "HS256", "kid": "rsa"})), part(&claims()));
    let secret = EncodingKey::from_secret(public);
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &secret, Algorithm::HS256);
    assert_eq!(refused(&format!("{message}.{}", signature.unwrap())), TokenError::Algorithm);
}

#[test]
fn keys_are_used_with_their_own_algorithm_only() {
    for (alg, kid) in [("ES256", "rsa"), ("RS256", "p256"), ("EdDSA", "p256"), ("ES256", "ed25519")]
    {
        let token = sign(&json!({"alg": alg, "kid": kid}), &claims(), kid);
        assert_eq!(refused(&token), TokenError::Algorithm, "{alg} {kid}");
    }
}

#[test]
fn keys_that_a_token_brings_along_are_not_used() {
    let header = |kid: &str| {
        json!({
            "alg": "ES256",
            "kid": kid,
            "jwk": jwk("p256-other"),
            "jku": "https://attacker.example/jwks",
            "x5u": "https://attacker.example/cert",
            "x5c": ["AAAA"],
        })
    };
    let token = sign(&header("p256"), &claims(), "p256-other");
    assert_eq!(refused(&token), TokenError::Signature);
    let token = sign(&header("p256-other"), &claims(), "p256-other");
    assert_eq!(refused(&token), TokenError::UnknownKey("p256-other".into()));
}

#[test]
fn a_token_that_demands_more_is_refused() {
    for crit in [json!(["exp"]), json!(["b64"]), json!([]), json!(null), json!("x"), json!({})] {
        let header = json!({"alg": "EdDSA", "kid": "ed25519", "crit": crit});
        assert_eq!(refused(&sign(&header, &claims(), "ed25519")), TokenError::Critical, "{crit}");
    }
}

#[test]
fn every_flipped_character_is_noticed() {
    for kid in ["rsa", "p256", "ed25519"] {
        let token = mint(kid, &claims());
        for position in 0..token.len() {
            let mut forged = token.clone().into_bytes();
            // The neighbour in the alphabet, which also stays base64url.
            forged[position] = match forged[position] {
                b'A' => b'B',
                b'.' => b'A',
                _ => b'A',
            };
            let forged = String::from_utf8(forged).unwrap();
            if forged != token {
                refused(&forged);
            }
        }
    }
}

#[test]
fn signatures_have_one_spelling() {
    let token = mint("p256", &claims());
    let (message, signature) = token.rsplit_once('.').unwrap();
    let raw = BASE64_URL_SAFE_NO_PAD.decode(signature).unwrap();
    let spell = |bytes: &[u8]| format!("{message}.{}", BASE64_URL_SAFE_NO_PAD.encode(bytes));
    assert!(check(&spell(&raw), &trusted(), &rules(), NOW).is_ok());
    let der = p256::ecdsa::Signature::from_slice(&raw).unwrap().to_der();
    for forged in [
        spell(der.as_bytes()),
        spell(&[raw.as_slice(), &[0]].concat()),
        spell(&raw[..63]),
        spell(&[0; 64]),
        spell(&[]),
    ] {
        assert_eq!(refused(&forged), TokenError::Signature);
    }
    for forged in [format!("{token}="), format!("{token}\n"), format!("{token} ")] {
        assert_eq!(refused(&forged), TokenError::Malformed("signature"));
    }
    let rsa = mint("rsa", &claims());
    let (message, signature) = rsa.rsplit_once('.').unwrap();
    let raw = BASE64_URL_SAFE_NO_PAD.decode(signature).unwrap();
    for forged in [[&[0], raw.as_slice()].concat(), raw[1..].to_vec(), vec![0; 256], vec![1; 2000]]
    {
        let forged = format!("{message}.{}", BASE64_URL_SAFE_NO_PAD.encode(forged));
        assert_eq!(refused(&forged), TokenError::Signature);
    }
}

#[test]
fn what_is_no_token_is_malformed() {
    let header = part(&json!({"alg": "EdDSA", "kid": "ed25519"}));
    for (token, part) in [
        ("", "token"),
        ("a", "token"),
        ("a.b", "token"),
        ("..", "header"),
        ("a.b.c", "header"),
        (&format!("{header}.e30.ä"), "signature"),
        (&format!("{}.e30.AAAA", self::part(&json!([1]))), "header"),
        (&format!("{}.e30.AAAA", self::part(&json!({"alg": 1}))), "header"),
        (&format!("{}.e30.AAAA", self::part(&json!({"kid": "x"}))), "header"),
        (&format!("{}.e30.AAAA", self::part(&json!({"alg": "EdDSA", "kid": 7}))), "header"),
        (&format!("{}.e30.A", self::part(&json!({"alg": "EdDSA", "kid": "x".repeat(257)}))), "kid"),
    ] {
        assert_eq!(refused(token), TokenError::Malformed(part), "{token}");
    }
    // Signed, but no claims.
    for claims in [json!([]), json!("x"), json!(1)] {
        assert_eq!(refused(&mint("ed25519", &claims)), TokenError::Malformed("claims"));
    }
    // Signed with a fourth part in the middle.
    let (algorithm, key) = private("ed25519");
    let message = format!("{header}.e30.e30");
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, algorithm).unwrap();
    assert_eq!(refused(&format!("{message}.{signature}")), TokenError::Malformed("claims"));
}

#[test]
fn size_is_limited_before_anything_is_read() {
    let mut large = claims();
    large["filler"] = json!("x".repeat(9000));
    assert_eq!(refused(&mint("ed25519", &large)), TokenError::TooLong);
    large["filler"] = json!("x".repeat(5000));
    assert!(check(&mint("ed25519", &large), &trusted(), &rules(), NOW).is_ok());
}

#[test]
fn deep_json_is_refused_and_not_followed() {
    let deep = "[".repeat(5000);
    let token = format!("{}.e30.AAAA", BASE64_URL_SAFE_NO_PAD.encode(&deep));
    assert_eq!(refused(&token), TokenError::Malformed("header"));
    let nested = format!(r#"{{"keys":{deep}"#);
    assert!(KeySet::from_jwks(&nested).is_err());
    assert!(KeySet::from_jwks(&jwks([json!({"x": 1}), jwk("rsa")])).is_ok());
}
