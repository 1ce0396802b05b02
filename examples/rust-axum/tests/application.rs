//! The application over a real socket, and its signer on the vectors that every embedding signs.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests may fail loudly"
)]

use std::{fs, net::SocketAddr, path::PathBuf, sync::LazyLock};

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::TokioIo;
use rust_axum::{Application, routes};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tollgate::{
    Runtime, Signer, SigningKey, Verifier,
    signing::{DenialCode, EdgeRequest, Hash, Terms, TrustedKey, Verdict},
};

static SIGNER: LazyLock<Signer> = LazyLock::new(|| Signer::new(&Runtime::new().unwrap()).unwrap());

static VECTORS: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(&file("vectors.json")).unwrap());

fn file(name: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../vectors");
    fs::read_to_string(folder.join(name)).unwrap()
}

fn key(name: &str) -> SigningKey {
    let key = &VECTORS["keys"][name];
    let pem = file(key["private"].as_str().unwrap());
    SIGNER.key(key["id"].as_str().unwrap(), &pem).unwrap()
}

fn verifier(strict: bool) -> Verifier {
    let trusted = ["rsa", "p256"].map(|name| {
        let key = &VECTORS["keys"][name];
        TrustedKey {
            key_pair_id: key["id"].as_str().unwrap().to_owned(),
            public_key: file(key["public"].as_str().unwrap()),
        }
    });
    SIGNER.verifier(trusted.to_vec(), strict).unwrap()
}

#[test]
fn every_signature_is_that_of_openssl_or_verifies() {
    for row in VECTORS["sign"].as_array().unwrap() {
        let text = |name: &str| row[name].as_str().map(str::to_owned);
        let expires_at = row["expiresAt"].as_u64().unwrap();
        let terms = Terms {
            expires_at,
            not_before: row["notBefore"].as_u64(),
            ip_address: text("ipAddress"),
            resource: text("resource"),
            allow_wildcard_domain: true,
            hash: if row["hash"] == "sha1" { Hash::Sha1 } else { Hash::Sha256 },
            now: None,
        };
        let key = key(row["key"].as_str().unwrap());
        // Twice, because the second one is made in an instance that is used again.
        for _ in 0..2 {
            let signed = key.sign_url(row["url"].as_str().unwrap(), &terms).unwrap();
            if let Some(expected) = row["signed"].as_str() {
                assert_eq!(signed, expected, "{}", row["name"]);
            }
            let request = EdgeRequest {
                url: signed,
                cookies: Vec::new(),
                client_ip: row["ipAddress"].as_str().map(first_address),
                now: expires_at - 1,
            };
            let verdict = verifier(false).verify(&request).unwrap();
            assert!(matches!(verdict, Verdict::Allow), "{}: {verdict:?}", row["name"]);
        }
    }
}

#[test]
fn every_request_gets_the_verdict_of_its_row() {
    for row in VECTORS["verify"].as_array().unwrap() {
        let cookies = row["cookies"].as_array().unwrap().iter();
        let request = EdgeRequest {
            url: row["url"].as_str().unwrap().to_owned(),
            cookies: cookies.map(|value| value.as_str().unwrap().to_owned()).collect(),
            client_ip: row["clientIp"].as_str().map(str::to_owned),
            now: row["now"].as_u64().unwrap(),
        };
        let verdict = verifier(row["strict"].as_bool().unwrap()).verify(&request).unwrap();
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

/// Serves the application on loopback until the test ends.
async fn served() -> SocketAddr {
    let application = Application {
        key: key("rsa"),
        verifier: verifier(false),
        site: "https://media.example.com".into(),
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = routes(application).into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    address
}

async fn ask(to: SocketAddr, request: http::request::Builder, body: &str) -> (u16, String) {
    let stream = TokioIo::new(TcpStream::connect(to).await.unwrap());
    let (mut sender, connection) = hyper::client::conn::http1::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    let request = request.header("host", "application.test");
    let request = request.header("content-type", "application/json");
    let body = Full::new(Bytes::from(body.to_owned()));
    let answer = sender.send_request(request.body(body).unwrap()).await.unwrap();
    let status = answer.status().as_u16();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

async fn verdict(to: SocketAddr, url: &str) -> Value {
    let body = json!({ "url": url }).to_string();
    let (status, body) = ask(to, Request::post("/verify"), &body).await;
    assert_eq!(status, 200, "{body}");
    serde_json::from_str(&body).unwrap()
}

#[tokio::test]
async fn what_it_signs_it_verifies_and_nothing_else() {
    let to = served().await;
    let (status, body) = ask(to, Request::get("/files/films/one.mp4"), "").await;
    assert_eq!(status, 200, "{body}");
    let signed: Value = serde_json::from_str(&body).unwrap();
    let url = signed["url"].as_str().unwrap();
    assert!(url.starts_with("https://media.example.com/films/one.mp4?Expires="), "{url}");
    assert!(url.contains(&signed["expiresAt"].to_string()), "{body}");

    assert_eq!(verdict(to, url).await, json!({ "allow": true, "reason": null }));
    let other = url.replace("one.mp4", "two.mp4");
    let refused = verdict(to, &other).await;
    assert_eq!(refused["allow"], false, "{refused}");
    assert!(refused["reason"].is_string(), "{refused}");
    let (unsigned, _) = url.split_once('?').unwrap();
    assert_eq!(verdict(to, unsigned).await["allow"], false);
}

#[tokio::test]
async fn a_path_that_means_more_than_one_file_is_refused_with_the_rule() {
    let to = served().await;
    let stars = "* %2A films/* a%252A";
    let dots = "films/../one.mp4 films/%2e%2e/one.mp4 ..%2Fone.mp4 films/./one.mp4";
    let cut = "%3F one.mp4%3Fa=b a%23b films//one.mp4 films/";
    let strange = "a%0Ab a%20b.mp4 a%5Cb %C3%A9";
    for path in [stars, dots, cut, strange].into_iter().flat_map(|paths| paths.split(' ')) {
        let (status, body) = ask(to, Request::get(format!("/files/{path}")), "").await;
        assert_eq!(status, 400, "{path}: {body}");
        assert!(body.starts_with("path: "), "{path}: {body}");
    }
}
