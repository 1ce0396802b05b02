//! Asks the installed SDKs.

use std::{
    io::Write as _,
    path::PathBuf,
    process::{Command, Stdio},
};

use serde_json::{Value, json};
use tollgate_core::cloudfront::Hash;

use super::cases::{Case, KEY_PAIR_ID};

pub fn python(task: &str, cases: &[Case]) -> Vec<Value> {
    python_raw(task, &questions(cases))
}

pub fn python_raw(task: &str, questions: &[Value]) -> Vec<Value> {
    let mut command = Command::new(installed().join("venv/bin/python"));
    command.arg(scripts().join("sdk.py"));
    ask(command, task, questions)
}

pub fn javascript(task: &str, cases: &[Case]) -> Vec<Value> {
    let mut command = Command::new("node");
    command.arg(scripts().join("sdk.mjs")).arg(installed());
    ask(command, task, &questions(cases))
}

pub fn verification(case: &Case, message: &[u8], signature: &[u8], hash: &str) -> Value {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    json!({
        "publicKey": case.public_key_path(),
        "message": STANDARD.encode(message),
        "signature": STANDARD.encode(signature),
        "hash": hash,
    })
}

fn questions(cases: &[Case]) -> Vec<Value> {
    let question = |case: &Case| {
        json!({
            "url": case.url,
            "keyPairId": KEY_PAIR_ID,
            "privateKey": case.private_key_path(),
            "expires": case.expires,
            "notBefore": case.not_before,
            "ip": case.ip,
            "resource": case.resource,
            "hash": match case.hash { Hash::Sha1 => "SHA1", Hash::Sha256 => "SHA256" },
        })
    };
    cases.iter().map(question).collect()
}

fn ask(mut command: Command, task: &str, questions: &[Value]) -> Vec<Value> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("an oracle is not installed; run scripts/setup-oracles");
    let request = json!({ "task": task, "cases": questions }).to_string();
    child.stdin.take().unwrap().write_all(request.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "the oracle failed on {task}");
    let answers: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answers.len(), questions.len());
    answers
}

/// Where `scripts/setup-oracles` installs.
fn installed() -> PathBuf {
    // Tests run in their package's folder; a relative target folder counts from the workspace.
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    let folder =
        PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).join(target).join("oracles");
    folder.canonicalize().expect("the oracles are not installed; run scripts/setup-oracles")
}

fn scripts() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/oracles"))
}
