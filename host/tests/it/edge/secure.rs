//! The edge behind TLS: its URLs are https, over HTTP/1.1 and HTTP/2.

use std::{fs, net::SocketAddr, sync::Arc};

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use tempfile::TempDir;
use tokio::{io::AsyncWriteExt, net::TcpStream};
use tokio_rustls::{TlsConnector, client::TlsStream};
use tollgate::{component::Runtime, installation::EdgeServer};

use super::scene::{HOST, Scene, client, get, keys_and_objects, read, sign, usual};

/// This edge has the real clock, as it is opened like `tollgate edge` does it.
const FAR: u64 = 4_102_444_800;

#[tokio::test]
async fn a_url_signed_for_https_is_allowed_over_tls_and_denied_without() {
    let (edge, trust, _folder) = secure().await;
    let (https, http) = (signed("https"), signed("http"));
    for (target, status) in [(&https, 200), (&http, 403), (&"/content/a.ts".to_owned(), 403)] {
        let mut stream = connect(edge, &trust, b"http/1.1").await;
        let head = client::head("GET", target, &[("Host", HOST), ("Connection", "close")]);
        stream.write_all(head.as_bytes()).await.unwrap();
        assert_eq!(client::read(&mut stream).await.status, status, "{target}");
    }
    let plain = Scene::start("").await;
    plain.put("content/a.ts", "segment");
    assert_eq!(get(plain.address, &https).await.code(), "AccessDenied");
    assert_eq!(get(plain.address, &http).await.status, 200);
}

#[tokio::test]
async fn a_plain_edge_behind_something_that_speaks_tls_is_told_its_scheme() {
    let plain = Scene::start("scheme = \"https\"").await;
    plain.put("content/a.ts", "segment");
    assert_eq!(get(plain.address, &signed("https")).await.status, 200);
    assert_eq!(get(plain.address, &signed("http")).await.code(), "AccessDenied");
}

#[tokio::test]
async fn http_2_is_agreed_upon_and_verified_alike() {
    let (edge, trust, _folder) = secure().await;
    let stream = connect(edge, &trust, b"h2").await;
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .unwrap();
    tokio::spawn(connection);
    let cookie = ("cookie", "theme=dark");
    for (scheme, target, status, body) in [
        ("https", signed("https"), 200, "segment"),
        ("https", signed("http"), 403, "<Code>AccessDenied</Code>"),
        ("https", "/content/a.ts".to_owned(), 403, "<Code>MissingKey</Code>"),
        // The scheme is what the edge speaks, whatever a request claims.
        ("http", signed("http"), 403, "<Code>AccessDenied</Code>"),
        ("https", format!("/public/a?{}", "a".repeat(8192)), 413, "<Code>RequestTooLarge</Code>"),
    ] {
        let request = http::Request::get(format!("{scheme}://{HOST}{target}"))
            .header(cookie.0, cookie.1)
            .body(Empty::<Bytes>::new())
            .unwrap();
        sender.ready().await.unwrap();
        let reply = sender.send_request(request).await.unwrap();
        assert_eq!(reply.status(), status, "{scheme} {target}");
        let bytes = reply.into_body().collect().await.unwrap().to_bytes();
        assert!(std::str::from_utf8(&bytes).unwrap().contains(body), "{scheme} {target}");
    }
}

fn signed(scheme: &str) -> String {
    let terms = sign::Terms { expires_at: FAR, ..sign::terms() };
    let base = format!("{scheme}://{HOST}");
    let url = format!("{base}/content/a.ts");
    let signed = sign::component().sign_url("K2", &sign::private("p256"), &url, &terms).unwrap();
    signed.strip_prefix(&base).unwrap().to_owned()
}

/// An edge with a certificate of its own, and what a client must trust.
async fn secure() -> (SocketAddr, RootCertStore, TempDir) {
    let folder = keys_and_objects();
    let made = rcgen::generate_simple_self_signed([HOST.to_owned()]).unwrap();
    fs::write(folder.path().join("tls.pem"), made.cert.pem()).unwrap();
    fs::write(folder.path().join("tls.key"), made.signing_key.serialize_pem()).unwrap();
    fs::create_dir(folder.path().join("objects/content")).unwrap();
    fs::write(folder.path().join("objects/content/a.ts"), "segment").unwrap();
    let lines = r#"
        listen = "127.0.0.1:0"
        tls-certificate = "tls.pem"
        tls-key = "tls.key"
    "#;
    let table = read(folder.path(), &usual(lines, "http://127.0.0.1:9")).unwrap();
    let server = EdgeServer::open(table, &Runtime::new().unwrap()).await.unwrap();
    let socket = server.bind().await.unwrap();
    let address = socket.local_addr().unwrap();
    tokio::spawn(server.run(socket, std::future::pending()));
    let mut trust = RootCertStore::empty();
    trust.add(CertificateDer::from_pem_slice(made.cert.pem().as_bytes()).unwrap()).unwrap();
    (address, trust, folder)
}

async fn connect(edge: SocketAddr, trust: &RootCertStore, protocol: &[u8]) -> TlsStream<TcpStream> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(trust.clone())
        .with_no_client_auth();
    config.alpn_protocols = vec![protocol.to_vec()];
    let stream = TcpStream::connect(edge).await.unwrap();
    let name = ServerName::try_from(HOST).unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap()
}
