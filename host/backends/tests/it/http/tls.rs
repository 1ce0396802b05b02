//! TLS: a server is asked if the machine trusts its certificate, and otherwise the error says why not.

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    process::Command,
    sync::Arc,
    thread,
};

use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{CertificateDer, PrivateKeyDer},
};
use tollgate_backends::ports::PortError;

use super::{NOTHING_KEPT, open};

/// The port of the server that the child of a test is to ask.
const PORT: &str = "TOLLGATE_TEST_TLS_PORT";

/// Starts a server that has every playlist; its port, and its certificate in PEM.
fn start() -> (u16, String) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let chain = vec![CertificateDer::from(made.cert.der().to_vec())];
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = StreamOwned::new(connection, stream);
            // A client that trusts nobody is gone before it asks.
            if stream.read(&mut [0; 4_096]).is_ok_and(|read| read > 0) {
                stream.write_all(b"HTTP/1.1 200 x\r\ncontent-length: 7\r\n\r\n#EXTM3U").unwrap();
            }
        }
    });
    (port, made.cert.pem())
}

#[tokio::test]
async fn a_certificate_that_nobody_trusts_is_named() {
    let (port, _) = start();
    let opened = open(&format!("https://localhost:{port}"), NOTHING_KEPT).await;
    let error = opened.objects.read("a", None, 99).await.unwrap_err();
    assert!(matches!(error, PortError::Unavailable(_)), "{error}");
    let expected =
        format!("https://localhost:{port}: no connection by TLS: invalid peer certificate");
    assert!(error.to_string().contains(&expected), "{error}");
}

/// What a machine trusts is said by its environment, so that this test runs itself as its own child.
#[tokio::test]
async fn a_certificate_that_the_machine_trusts_is_enough() {
    if let Ok(port) = std::env::var(PORT) {
        let opened = open(&format!("https://localhost:{port}"), NOTHING_KEPT).await;
        assert_eq!(opened.objects.read("a", None, 99).await.unwrap().unwrap(), "#EXTM3U");
        // It is for this name, and for no other.
        let opened = open(&format!("https://127.0.0.1:{port}"), NOTHING_KEPT).await;
        let error = opened.objects.read("a", None, 99).await.unwrap_err().to_string();
        assert!(error.contains("invalid peer certificate"), "{error}");
        println!("trusted;");
        return;
    }
    let (port, certificate) = start();
    let folder = tempfile::tempdir().unwrap();
    let trusted = folder.path().join("trusted.pem");
    std::fs::write(&trusted, certificate).unwrap();
    let name = "http::tls::a_certificate_that_the_machine_trusts_is_enough";
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(PORT, port.to_string())
        .env("SSL_CERT_FILE", &trusted)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && said.contains("trusted;"), "{said}{errors}");
}
