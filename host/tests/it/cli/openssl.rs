//! Signatures as the CloudFront guide makes them with openssl, and openssl's judgement of ours.

use std::{
    fs,
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

/// The folder of keys that the signer's own tests use, too.
const KEYS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../signer-component/core/testdata");

/// The path of one of them.
pub fn key(name: &str) -> String {
    let path = format!("{KEYS}/{name}.pem");
    assert!(Path::new(&path).exists(), "{path}");
    path
}

/// Runs openssl over `input`; `None` if it refuses.
pub fn openssl(arguments: &[&str], input: &[u8]) -> Option<Vec<u8>> {
    let mut child = Command::new("openssl")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("openssl is installed");
    let mut stdin = child.stdin.take().expect("it is piped");
    // Whoever refuses its arguments does not read its input.
    let _ = stdin.write_all(input);
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    output.status.success().then_some(output.stdout)
}

/// What openssl says, as text.
pub fn openssl_text(arguments: &[&str], input: &[u8]) -> String {
    let output = openssl(arguments, input).unwrap_or_else(|| panic!("openssl {arguments:?}"));
    String::from_utf8(output).expect("openssl writes text")
}

/// `openssl sha1 -sign`, or another hash: PKCS#1 v1.5 for RSA, DER for P-256.
pub fn sign(hash: &str, key_name: &str, message: &str) -> Vec<u8> {
    sign_with(&["dgst", &format!("-{hash}"), "-sign", &key(key_name)], message)
}

/// The same with arguments of one's own.
pub fn sign_with(arguments: &[&str], message: &str) -> Vec<u8> {
    openssl(arguments, message.as_bytes()).expect("openssl signs")
}

/// `openssl base64 -A | tr -- '+=/' '-_~'`.
pub fn encode(bytes: &[u8]) -> String {
    openssl_text(&["base64", "-A"], bytes).replace('+', "-").replace('=', "_").replace('/', "~")
}

/// The reverse.
pub fn decode(text: &str) -> Vec<u8> {
    let plain = text.replace('-', "+").replace('_', "=").replace('~', "/");
    openssl(&["base64", "-d", "-A"], plain.as_bytes()).expect("CloudFront's alphabet")
}

/// Whether openssl finds `signature`, in CloudFront's alphabet, to be one over `message`.
pub fn verifies(hash: &str, public_key: &str, message: &str, signature: &str) -> bool {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("signature");
    fs::write(&file, decode(signature)).expect("it is written");
    let file = file.to_str().expect("UTF-8");
    let hash = format!("-{hash}");
    openssl(&["dgst", &hash, "-verify", public_key, "-signature", file], message.as_bytes())
        .is_some()
}
