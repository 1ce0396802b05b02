//! The first keys: when they come late, and when what answers is not to be trusted.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;
use tollgate_api::{Denial, TokenError};

use super::issuer::{Answer, Issuer};
use super::{AuthError, JwksUrl, KeySource, TestClock, eventually, start, sub, token};

#[tokio::test]
async fn without_keys_nobody_is_let_in_until_they_come() {
    let issuer = Issuer::start(Answer::status(503)).await;
    let clock = TestClock::new();
    let authenticator = start(KeySource::JwksUrl(JwksUrl::new(issuer.url("/jwks"))), &clock);
    eventually("the first failure", || authenticator.refreshes_failed() >= 1).await;
    assert!(!authenticator.ready());
    assert_eq!(sub(&authenticator, &token("rsa")).await, Err(AuthError::Unavailable));
    // What is no token at all needs no keys to be refused.
    assert_eq!(authenticator.authenticate(None).await, Err(TokenError::Missing.into()));
    assert_eq!(sub(&authenticator, "Basic x").await, Err(TokenError::NotBearer.into()));
    let problem = Denial::from(AuthError::Unavailable).problem();
    assert_eq!((problem.status(), problem.slug().as_str()), (503, "dependency-unavailable"));
    assert!(problem.body(None).contains(r#""port":"jwks""#));
    // It comes back by itself, without a request that asks for it.
    issuer.answer(Answer::keys(&["rsa"]));
    eventually("a fetch that works", || authenticator.ready()).await;
    assert_eq!(sub(&authenticator, &token("rsa")).await, Ok("u1".into()));
}

#[tokio::test]
async fn requests_before_the_first_answer_wait_for_it() {
    let issuer = Issuer::start(Answer::keys(&["rsa"]).after(Duration::from_millis(300))).await;
    let clock = TestClock::new();
    let authenticator = start(KeySource::JwksUrl(JwksUrl::new(issuer.url("/jwks"))), &clock);
    eventually("the first request", || issuer.asked() == 1).await;
    assert_eq!(sub(&authenticator, &token("rsa")).await, Ok("u1".into()));
    assert_eq!(issuer.asked(), 1);
}

#[tokio::test]
async fn the_url_is_asked_as_it_is_written() {
    let issuer = Issuer::start(Answer::keys(&["rsa"])).await;
    let path = "/a/../%7Ejwks//x?b=%2f&secret=1";
    let url = JwksUrl::new(issuer.url(path));
    let authenticator = start(KeySource::JwksUrl(url), &TestClock::new());
    eventually("the first fetch", || authenticator.ready()).await;
    assert_eq!(issuer.targets(), [path]);
    assert!(!authenticator.summary().contains("secret"), "{}", authenticator.summary());
}

#[tokio::test]
async fn an_issuer_that_hangs_is_given_up() {
    let issuer = Issuer::start(Answer::keys(&["rsa"]).after(Duration::from_secs(60))).await;
    let url = JwksUrl { timeout: Duration::from_millis(100), ..JwksUrl::new(issuer.url("/jwks")) };
    let authenticator = start(KeySource::JwksUrl(url), &TestClock::new());
    let header = token("rsa");
    let answer = tokio::time::timeout(Duration::from_secs(5), sub(&authenticator, &header));
    assert_eq!(answer.await.expect("no answer in time"), Err(AuthError::Unavailable));
    assert!(authenticator.refreshes_failed() >= 1);
}

#[tokio::test]
async fn a_certificate_that_nobody_vouches_for_is_refused() {
    let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(certified.signing_key.serialize_der());
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key.unwrap())
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (report, refused) = tokio::sync::oneshot::channel();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        // TLS 1.3 lets a server think it is done before the client has judged it, so it reads on.
        let outcome = match acceptor.accept(stream).await {
            Ok(mut stream) => stream.read_u8().await.map(|_| ()),
            Err(error) => Err(error),
        };
        let _ = report.send(outcome.is_err());
    });
    let url = JwksUrl::new(format!("https://localhost:{port}/jwks"));
    let authenticator = start(KeySource::JwksUrl(url), &TestClock::new());
    assert!(refused.await.unwrap(), "a request was sent to an issuer nobody vouches for");
    eventually("the failure", || authenticator.refreshes_failed() >= 1).await;
    assert!(!authenticator.ready());
}
