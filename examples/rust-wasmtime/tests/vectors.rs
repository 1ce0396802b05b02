//! The same vectors as every other embedding: what `gate.wasm` signs is what openssl signed, and it allows what it must.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests may fail loudly"
)]

#[path = "../src/bindings.rs"]
mod bindings;

use std::{path::PathBuf, process::Command};

use bindings::{
    Gate,
    exports::tollgate::gate::{
        signing::Terms,
        verification::{DenialCode, EdgeRequest, TrustedKey, Verdict},
    },
    tollgate::gate::types::Hash,
};
use serde_json::Value;
use wasmtime::{
    Config, Engine, Store,
    component::{Component, Linker, ResourceAny},
};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// What scripts/build-components has built, portable: the bytes that every host runs.
fn component() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or("target".into(), PathBuf::from);
    root().join(target).join("components/gate.wasm")
}

fn vectors() -> Value {
    let text = std::fs::read_to_string(root().join("examples/vectors/vectors.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn key(vectors: &Value, name: &str, half: &str) -> (String, String) {
    let key = &vectors["keys"][name];
    let file = root().join("examples/vectors").join(key[half].as_str().unwrap());
    (key["id"].as_str().unwrap().to_owned(), std::fs::read_to_string(file).unwrap())
}

/// An instance without ports: neither signing nor verifying calls any.
struct Instance {
    store: Store<()>,
    gate: Gate,
}

impl Instance {
    async fn new() -> Self {
        let engine = Engine::new(Config::new().wasm_component_model_async(true)).unwrap();
        let component =
            Component::from_file(&engine, component()).expect("scripts/build-components");
        let mut linker = Linker::<()>::new(&engine);
        linker.define_unknown_imports_as_traps(&component).unwrap();
        let mut store = Store::new(&engine, ());
        let gate = Gate::instantiate_async(&mut store, &component, &linker).await.unwrap();
        Self { store, gate }
    }

    async fn signer(&mut self, (id, pem): (String, String)) -> ResourceAny {
        let signing = self.gate.tollgate_gate_signing().signer();
        signing.call_parse(&mut self.store, &id, &pem).await.unwrap().unwrap()
    }

    async fn verifier(&mut self, vectors: &Value, strict: bool) -> ResourceAny {
        let keys = ["rsa", "p256"].map(|name| {
            let (key_pair_id, public_key) = key(vectors, name, "public");
            TrustedKey { key_pair_id, public_key }
        });
        let verifying = self.gate.tollgate_gate_verification().verifier();
        verifying.call_create(&mut self.store, &keys, strict).await.unwrap().unwrap()
    }

    async fn verify(&mut self, verifier: ResourceAny, request: &EdgeRequest) -> Verdict {
        let verifying = self.gate.tollgate_gate_verification().verifier();
        verifying.call_verify(&mut self.store, verifier, request).await.unwrap()
    }
}

fn terms(row: &Value) -> Terms {
    let text = |name: &str| row[name].as_str().map(str::to_owned);
    Terms {
        expires_at: row["expiresAt"].as_u64().unwrap(),
        not_before: row["notBefore"].as_u64(),
        ip_address: text("ipAddress"),
        resource: text("resource"),
        allow_wildcard_domain: true,
        hash: if row["hash"] == "sha1" { Hash::Sha1 } else { Hash::Sha256 },
        now: None,
    }
}

#[tokio::test]
async fn every_signature_is_that_of_openssl_or_verifies() {
    let vectors = vectors();
    let mut instance = Instance::new().await;
    let verifier = instance.verifier(&vectors, false).await;
    for row in vectors["sign"].as_array().unwrap() {
        let signer = instance.signer(key(&vectors, row["key"].as_str().unwrap(), "private")).await;
        let signing = instance.gate.tollgate_gate_signing().signer();
        let url = row["url"].as_str().unwrap();
        let signed = signing.call_sign_url(&mut instance.store, signer, url, &terms(row)).await;
        let signed = signed.unwrap().unwrap();
        if let Some(expected) = row["signed"].as_str() {
            assert_eq!(signed, expected, "{}", row["name"]);
        }
        let request = EdgeRequest {
            url: signed,
            cookies: Vec::new(),
            client_ip: row["ipAddress"].as_str().map(first_address),
            now: row["expiresAt"].as_u64().unwrap() - 1,
        };
        let verdict = instance.verify(verifier, &request).await;
        assert!(matches!(verdict, Verdict::Allow), "{}: {verdict:?}", row["name"]);
    }
}

#[tokio::test]
async fn every_request_gets_the_verdict_of_its_row() {
    let vectors = vectors();
    let mut instance = Instance::new().await;
    let verifiers =
        [instance.verifier(&vectors, false).await, instance.verifier(&vectors, true).await];
    for row in vectors["verify"].as_array().unwrap() {
        let cookies = row["cookies"].as_array().unwrap().iter();
        let request = EdgeRequest {
            url: row["url"].as_str().unwrap().to_owned(),
            cookies: cookies.map(|value| value.as_str().unwrap().to_owned()).collect(),
            client_ip: row["clientIp"].as_str().map(str::to_owned),
            now: row["now"].as_u64().unwrap(),
        };
        let strict = row["strict"].as_bool().unwrap();
        let verdict = instance.verify(verifiers[usize::from(strict)], &request).await;
        let (allow, code, reason) = match verdict {
            Verdict::Allow => (true, None, None),
            Verdict::Deny(denied) => (false, Some(name(denied.code)), Some(denied.reason)),
        };
        assert_eq!(row["allow"], allow, "{}", row["name"]);
        assert_eq!(row["code"].as_str(), code, "{}", row["name"]);
        assert_eq!(row["reason"].as_str(), reason.as_deref(), "{}", row["name"]);
    }
}

/// The first address of a network, or the address itself.
fn first_address(network: &str) -> String {
    network.split('/').next().unwrap().to_owned()
}

fn name(code: DenialCode) -> &'static str {
    match code {
        DenialCode::MissingKey => "MissingKey",
        DenialCode::InvalidKey => "InvalidKey",
        DenialCode::MalformedSignature => "MalformedSignature",
        DenialCode::MalformedPolicy => "MalformedPolicy",
        DenialCode::AccessDenied => "AccessDenied",
    }
}

/// Runs the program itself.
fn run(user: &str) -> (bool, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_rust-wasmtime"))
        .arg(component())
        .arg(root().join("examples/vectors/p256.private.pem"))
        .arg(user)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.success(), text(output.stdout), text(output.stderr))
}

#[tokio::test]
async fn the_program_hands_out_what_an_edge_accepts_and_only_to_who_has_paid() {
    let (granted, url, said) = run("alice");
    assert!(granted, "{said}");
    let url = url.trim_end();
    assert!(url.starts_with("https://cdn.example.com/content/series/series-1/video/ep1/"), "{url}");
    let mut instance = Instance::new().await;
    let (_, public_key) = key(&vectors(), "p256", "public");
    let keys = [TrustedKey { key_pair_id: "K1".to_owned(), public_key }];
    let verifying = instance.gate.tollgate_gate_verification().verifier();
    let verifier = verifying.call_create(&mut instance.store, &keys, true).await.unwrap().unwrap();
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let mut request =
        EdgeRequest { url: url.to_owned(), cookies: Vec::new(), client_ip: None, now };
    assert!(matches!(instance.verify(verifier, &request).await, Verdict::Allow), "{url}");
    request.now += 3_600;
    assert!(matches!(instance.verify(verifier, &request).await, Verdict::Deny(_)), "{url}");

    let (granted, url, said) = run("mallory");
    assert!(!granted && url.is_empty() && said.contains("NotEntitled"), "{url}{said}");
}
