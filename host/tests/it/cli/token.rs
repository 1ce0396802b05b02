//! `token`: what it mints is a JWT that openssl verifies, with the claims that were asked for.

use std::{fs, time::SystemTime};

use serde_json::{Value, json};

use super::{
    openssl::{key, openssl},
    site::Site,
};

/// Decodes base64 as JWTs have it.
fn decode(text: &str) -> Vec<u8> {
    let padded = format!("{text}{}", "=".repeat((4 - text.len() % 4) % 4));
    let plain = padded.replace('-', "+").replace('_', "/");
    openssl(&["base64", "-d", "-A"], plain.as_bytes()).unwrap()
}

/// Header, claims, what was signed, and the signature.
fn parts(token: &str) -> (Value, Value, &str, Vec<u8>) {
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let (header, claims) = signed.split_once('.').unwrap();
    let json = |text| serde_json::from_slice(&decode(text)).unwrap();
    (json(header), json(claims), signed, decode(signature))
}

#[test]
fn the_claims_are_the_configurations_and_the_flags() {
    let site = Site::new();
    let mint = |more: &[&str]| {
        let arguments = ["token", "--private-key", "issuer.private.pem", "--user", "alice"];
        let outcome = site.run(&[&arguments[..], more].concat());
        assert_eq!(outcome.out.lines().count(), 1, "{outcome}");
        assert!(outcome.err.is_empty(), "{outcome}");
        outcome.done().to_owned()
    };
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let token = mint(&[]);
    let (header, claims, ..) = parts(&token);
    assert_eq!(header, json!({ "typ": "JWT", "alg": "ES256" }));
    assert_eq!(claims["iss"], "https://login.example.com");
    assert_eq!(claims["aud"], "video");
    assert_eq!(claims["sub"], "alice");
    assert_eq!(claims["roles"], json!(["Standard"]));
    let issued = claims["iat"].as_u64().unwrap();
    assert!(issued >= now && claims["exp"] == issued + 3600 && claims["nbf"] == issued, "{claims}");

    let token = mint(&[
        "--issuer",
        "i",
        "--audience",
        "a",
        "--role",
        "Admin",
        "--role",
        "ContentCreator",
        "--expires-in",
        "5",
        "--key-id",
        "one",
    ]);
    let (header, claims, ..) = parts(&token);
    assert_eq!(header["kid"], "one");
    assert_eq!((&claims["iss"], &claims["aud"]), (&json!("i"), &json!("a")));
    assert_eq!(claims["roles"], json!(["Admin", "ContentCreator"]));
    assert_eq!(claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(), 5);
}

#[test]
fn openssl_verifies_tokens_of_rsa_and_ed25519_keys() {
    let site = Site::new();
    let mint = |private: &str| {
        let flags = ["--user", "alice", "--issuer", "i", "--audience", "a"];
        site.run(&[&["token", "--private-key", private], &flags[..]].concat()).done().to_owned()
    };
    let signature_file = site.file("signature");
    let signature_path = signature_file.to_str().unwrap();

    let token = mint(&key("rsa-2048.pkcs8"));
    let (header, _, signed, signature) = parts(&token);
    assert_eq!(header["alg"], "RS256");
    fs::write(&signature_file, signature).unwrap();
    let public = key("rsa-2048.public");
    let verify = ["dgst", "-sha256", "-verify", &public, "-signature", signature_path];
    assert!(openssl(&verify, signed.as_bytes()).is_some());

    let private = key("ed25519.pkcs8");
    let token = mint(&private);
    let (header, _, signed, signature) = parts(&token);
    assert_eq!(header["alg"], "EdDSA");
    fs::write(&signature_file, signature).unwrap();
    site.write("signed", signed);
    let message = site.file("signed");
    let verify = ["pkeyutl", "-verify", "-inkey", &private, "-rawin", "-in"];
    let verify = [&verify[..], &[message.to_str().unwrap(), "-sigfile", signature_path]].concat();
    assert!(openssl(&verify, b"").is_some());
}

#[test]
fn what_no_issuer_would_mint_is_refused() {
    let site = Site::new();
    let flags = ["token", "--private-key", "issuer.private.pem"];
    for (more, says) in [
        (vec!["--user", ""], "--user: must be 1 to 128"),
        (vec!["--user", "a/b"], "--user: must be 1 to 128"),
        (
            vec!["--user", "a", "--role", "admin"],
            "--role: must be Standard, Admin or ContentCreator",
        ),
        (vec!["--user", "a", "--expires-in", "0"], "--expires-in"),
        (vec!["--user", "a", "--expires-in", "99999999999"], "--expires-in"),
        (vec!["--user", "a", "--issuer", "i"], "--audience"),
        (vec!["--user", "a", "--audience", "i"], "--issuer"),
        (vec![], "--user"),
    ] {
        site.run(&[&flags[..], &more].concat()).refused(&[says]);
    }
    for name in ["p384.pkcs8", "dsa", "p256.public", "encrypted.pkcs8"] {
        let outcome = site.run(&["token", "--user", "a", "--private-key", &key(name)]);
        outcome.refused(&["--private-key: "]);
    }
    site.write("empty.toml", "");
    site.run(&[&flags[..], &["--user", "a", "--config", "empty.toml"]].concat())
        .refused(&["auth: is required"]);
}
