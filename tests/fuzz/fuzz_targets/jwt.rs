//! Bearer tokens and sets of keys, which strangers send.
//!
//! Nobody signed what the fuzzer sends, so no token may be accepted, whatever it says.

#![no_main]

use std::sync::LazyLock;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use libfuzzer_sys::fuzz_target;
use tollgate_api::{KeySet, TokenRules, bearer, check};

static KEYS: LazyLock<[KeySet; 2]> = LazyLock::new(|| {
    let pem = include_str!("../../../signer-component/core/testdata/p256.public.pem");
    // The point of RFC 8037, appendix A.2.
    let jwks = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"k","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
    [KeySet::from_pem(pem).expect("a test key"), KeySet::from_jwks(jwks).expect("a test set")]
});

static RULES: LazyLock<TokenRules> = LazyLock::new(|| TokenRules {
    issuer: "i".to_owned(),
    audiences: vec!["a".to_owned()],
    leeway: 30,
    roles_claim: "roles".to_owned(),
});

fuzz_target!(|input: (&str, &str, &[u8], &str, u64)| {
    let (header, claims, signature, raw, now) = input;
    let part = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
    let message = |header: &str| format!("{}.{}", part(header.as_bytes()), part(claims.as_bytes()));
    // Once as it is, once in parts that decode, and twice in clothes that reach the signature.
    let tokens = [
        raw.to_owned(),
        format!("{}.{}", message(header), part(signature)),
        format!("{}.{}", message(r#"{"alg":"ES256"}"#), part(signature)),
        format!("{}.{}", message(r#"{"alg":"EdDSA","kid":"k"}"#), part(signature)),
    ];
    for token in &tokens {
        for keys in KEYS.iter() {
            assert!(check(token, keys, &RULES, now).is_err());
        }
        if let Ok(found) = bearer(&format!("Bearer {token}")) {
            assert_eq!(found, token);
        }
    }
    if let Ok(keys) = KeySet::from_jwks(claims) {
        assert_ne!(keys.len(), 0);
    }
    let _ = KeySet::from_pem(raw);
});
