//! TLS by files.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName},
};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};
use tollgate::{
    gateway::{RequestSettings, ServerSettings, Tls, TlsError},
    installation::StartError,
};

use super::support::{
    client::{Call, Line, raw},
    desk::{Desk, ask},
    program::Program,
    site::{Ground, Layout, watch},
    until,
};

/// A certificate for localhost that signs itself, and its key.
struct Identity {
    certificate: CertificateDer<'static>,
    chain_pem: String,
    key_pem: String,
}

fn identity() -> Identity {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    Identity {
        certificate: made.cert.der().clone(),
        chain_pem: made.cert.pem(),
        key_pem: made.signing_key.serialize_pem(),
    }
}

fn write(folder: &Path, identity: &Identity) -> (PathBuf, PathBuf) {
    let (certificate, key) = (folder.join("tls.pem"), folder.join("tls-key.pem"));
    fs::write(&certificate, &identity.chain_pem).unwrap();
    fs::write(&key, &identity.key_pem).unwrap();
    (certificate, key)
}

/// Connects as somebody who trusts exactly this certificate and offers these protocols.
async fn connect(
    to: std::net::SocketAddr,
    trusted: &Identity,
    protocols: &[&str],
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.certificate.clone()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    let stream = TcpStream::connect(to).await?;
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}

async fn desk(folder: &TempDir, identity: &Identity) -> (Desk, Tls) {
    let (certificate, key) = write(folder.path(), identity);
    let tls = Tls::from_files(&certificate, &key).unwrap();
    let server = ServerSettings { tls: Some(tls.clone()), ..ServerSettings::default() };
    (Desk::open(server, RequestSettings::default()).await, tls)
}

#[tokio::test]
async fn http_1_and_http_2_are_spoken_over_tls() {
    let (folder, identity) = (tempfile::tempdir().unwrap(), identity());
    let (desk, _) = desk(&folder, &identity).await;
    for (offered, agreed) in [
        (&["h2", "http/1.1"][..], Some(&b"h2"[..])),
        (&["http/1.1"], Some(b"http/1.1")),
        (&[], None),
    ] {
        let stream = connect(desk.address, &identity, offered).await.unwrap();
        assert_eq!(stream.get_ref().1.alpn_protocol(), agreed);
        let reply = if agreed == Some(b"h2") {
            ask("s").send_http2(stream).await
        } else {
            Line::open(stream).await.send(&ask("s")).await.unwrap()
        };
        assert_eq!(reply.status, 200, "{offered:?}");
        assert_eq!(reply.header("x-request-id").len(), 32);
    }
    // Whoever speaks plain HTTP here is answered nothing that could be taken for an answer.
    let answer = raw(desk.address, b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await;
    assert!(!answer.contains("HTTP/1.1"), "{answer}");
}

#[tokio::test]
async fn a_replaced_certificate_is_used_for_new_connections_only() {
    let (folder, old, new) = (tempfile::tempdir().unwrap(), identity(), identity());
    let (desk, tls) = desk(&folder, &old).await;
    let mut kept = Line::open(connect(desk.address, &old, &[]).await.unwrap()).await;
    assert!(!tls.reload().unwrap(), "nothing has changed");

    // Half of the change: certificate and key do not go together yet, so the old pair stays.
    fs::write(folder.path().join("tls.pem"), &new.chain_pem).unwrap();
    assert!(matches!(tls.reload(), Err(TlsError::Mismatch(_))));
    assert!(connect(desk.address, &old, &[]).await.is_ok());
    assert!(connect(desk.address, &new, &[]).await.is_err());

    fs::write(folder.path().join("tls-key.pem"), &new.key_pem).unwrap();
    assert!(tls.reload().unwrap());
    assert!(connect(desk.address, &new, &[]).await.is_ok());
    assert!(connect(desk.address, &old, &[]).await.is_err());
    assert_eq!(kept.send(&Call::get("/healthz")).await.unwrap().status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_installation_serves_tls_from_the_files_it_names() {
    let (ground, identity) = (Ground::prepare().await, identity());
    write(ground.path(), &identity);
    let lines = "tls-certificate = \"tls.pem\"\ntls-key = \"tls-key.pem\"\n\
                 operators-listen = \"127.0.0.1:0\"";
    let site = ground.open(&Layout::gateway(lines)).await.unwrap();
    let stream = connect(site.address, &identity, &["h2"]).await.unwrap();
    let reply = watch("alice", "hls").send_http2(stream).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    // Operators are next door and speak plain HTTP.
    assert_eq!(Call::get("/readyz").send(site.operators.unwrap()).await.status, 200);
}

#[tokio::test]
async fn a_handshake_that_never_ends_is_cut_off() {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = write(folder.path(), &identity());
    let server = ServerSettings {
        tls: Some(Tls::from_files(&certificate, &key).unwrap()),
        first_request_timeout: Duration::from_millis(300),
        ..ServerSettings::default()
    };
    let desk = Desk::open(server, RequestSettings::default()).await;
    // Nothing, and the first bytes of a client hello (RFC 8446, section 5.1).
    for start in [&[][..], &[22, 3, 1, 0, 200, 1]] {
        assert_eq!(raw(desk.address, start).await, "");
    }
}

#[tokio::test]
async fn the_program_reads_a_replaced_certificate_at_sighup() {
    let (ground, old, new) = (Ground::prepare().await, identity(), identity());
    write(ground.path(), &old);
    let lines = "tls-certificate = \"tls.pem\"\ntls-key = \"tls-key.pem\"";
    ground.write("tollgate.toml", &Layout::gateway(lines).text());
    let program = Program::start(ground.path());
    let address = program.address("gateway.listen").await;
    let trusts = async |identity: &Identity| {
        let Ok(stream) = connect(address, identity, &["h2"]).await else { return false };
        Call::get("/healthz").send_http2(stream).await.status == 200
    };
    // Answered, so it surely listens for signals by now.
    assert!(trusts(&old).await && !trusts(&new).await);
    write(ground.path(), &new);
    program.signal("-HUP").await;
    until("the new certificate", async || trusts(&new).await).await;
    assert!(!trusts(&old).await);
    assert_eq!(program.ended().await.0, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_cannot_be_used_stop_the_start_and_name_their_field() {
    let (good, other) = (identity(), identity());
    for (what, certificate, key, field) in [
        ("no certificate", None, Some(good.key_pem.as_str()), "gateway.tls-certificate"),
        ("no key", Some(good.chain_pem.as_str()), None, "gateway.tls-key"),
        ("a certificate that is none", Some("x"), Some(&good.key_pem), "gateway.tls-certificate"),
        ("a key that is none", Some(&good.chain_pem), Some("x"), "gateway.tls-key"),
        ("files mixed up", Some(&good.key_pem), Some(&good.chain_pem), "gateway.tls-certificate"),
        ("another key", Some(&good.chain_pem), Some(&other.key_pem), "gateway.tls-key"),
    ] {
        let ground = Ground::prepare().await;
        for (name, text) in [("tls.pem", certificate), ("tls-key.pem", key)] {
            if let Some(text) = text {
                ground.write(name, text);
            }
        }
        let lines = "tls-certificate = \"tls.pem\"\ntls-key = \"tls-key.pem\"";
        let error = ground.open(&Layout::gateway(lines)).await.err().expect(what);
        let StartError::Mistakes(mistakes) = error else { panic!("{what}: {error}") };
        let named: Vec<_> = mistakes.iter().map(|mistake| mistake.key.as_str()).collect();
        assert_eq!(named, [field], "{what}: {mistakes:?}");
        let text = mistakes[0].to_string();
        for line in good.key_pem.lines().chain(other.key_pem.lines()) {
            assert!(line.starts_with("-----") || !text.contains(line), "{what}: {text}");
        }
    }
}
