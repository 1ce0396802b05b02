//! Keys that verify tokens: from a URL, a file or a PEM, new ones, made-up ones, and an issuer that is down.

use futures::future::join_all;

use super::support::{
    client::{Call, Reply},
    issuer::Issuer,
    site::{Ground, Layout, Site, signed_urls},
    tokens::{KEYS, claims, jwks, minted, public},
    until,
};

fn with_key(key: &str, kid: Option<&str>) -> Call {
    let token = minted(key, kid, &claims("alice", &["Standard"]));
    Call::get(signed_urls("alice", "s", "hls")).token(&token)
}

async fn ready(site: &Site) {
    until("readiness", async || site.send(&Call::get("/readyz")).await.status == 200).await;
}

fn assert_granted(reply: &Reply) {
    assert_eq!(reply.status, 200, "{}", reply.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_algorithm_works_from_a_url_and_from_a_file() {
    let all = jwks(&["rsa", "p256", "ed25519"]);
    let issuer = Issuer::start(Some(all.clone())).await;
    let file = "type = \"jwks-file\"\npath = \"jwks.json\"".to_owned();
    for auth in [issuer.table(), file] {
        let ground = Ground::prepare().await;
        ground.write("jwks.json", &all);
        let site = ground.open(&Layout::auth(auth)).await.unwrap();
        ready(&site).await;
        for (key, ..) in KEYS {
            assert_granted(&site.send(&with_key(key, Some(key))).await);
            // One key of each algorithm, so the algorithm alone chooses.
            assert_granted(&site.send(&with_key(key, None)).await);
        }
        let crossed = site.send(&with_key("p256", Some("rsa"))).await;
        assert_eq!(crossed.slug(), (401, "unauthenticated".to_owned()), "a key of another kind");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_algorithm_works_from_a_pem_whatever_the_kid() {
    for (key, ..) in KEYS {
        let ground = Ground::prepare().await;
        ground.write("issuer.pub", public(key));
        let site = ground.open(&Layout::default()).await.unwrap();
        for kid in [None, Some("anything")] {
            assert_granted(&site.send(&with_key(key, kid)).await);
        }
        for (other, ..) in KEYS.iter().filter(|(other, ..)| *other != key) {
            assert_eq!(site.send(&with_key(other, None)).await.status, 401, "{other} for {key}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_published_later_is_fetched_when_it_is_first_seen() {
    let issuer = Issuer::start(Some(jwks(&["rsa"]))).await;
    let site = Site::with(Layout::auth(issuer.table())).await;
    ready(&site).await;
    assert_granted(&site.send(&with_key("rsa", Some("rsa"))).await);
    assert_eq!(issuer.asked(), 1);
    issuer.publish(Some(jwks(&["rsa", "p256"])));
    assert_granted(&site.send(&with_key("p256", Some("p256"))).await);
    assert_eq!(issuer.asked(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_made_up_kids_cost_the_issuer_one_fetch() {
    let issuer = Issuer::start(Some(jwks(&["rsa"]))).await;
    let site = Site::with(Layout::auth(issuer.table())).await;
    ready(&site).await;
    let calls: Vec<_> =
        (0..100).map(|number| with_key("p256", Some(&format!("made-up-{number}")))).collect();
    for reply in join_all(calls.iter().map(|call| site.send(call))).await {
        assert_eq!(reply.slug(), (401, "unauthenticated".to_owned()));
        assert!(!reply.text().contains("made-up"), "{}", reply.text());
    }
    assert_eq!(issuer.asked(), 2, "the one at the start, and one for all of them");
    // Viewers with real tokens notice nothing.
    assert_granted(&site.send(&with_key("rsa", Some("rsa"))).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_good_keys_serve_while_the_issuer_is_down() {
    let issuer = Issuer::start(Some(jwks(&["rsa"]))).await;
    let site = Site::with(Layout::auth(issuer.table())).await;
    ready(&site).await;
    issuer.publish(None);
    // This one makes it ask, in vain.
    assert_eq!(site.send(&with_key("p256", Some("p256"))).await.status, 401);
    assert_eq!(issuer.asked(), 2);
    assert_granted(&site.send(&with_key("rsa", Some("rsa"))).await);
    assert_eq!(site.send(&Call::get("/readyz")).await.status, 200);
    let page = site.send(&Call::get("/metrics")).await;
    assert!(page.text().contains("\njwks_refresh_failures_total 1\n"), "{}", page.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issuer_down_at_the_start_is_waited_for() {
    let issuer = Issuer::start(None).await;
    let site = Site::with(Layout::auth(issuer.table())).await;
    let call = with_key("rsa", Some("rsa"));
    let reply = site.send(&call).await;
    assert_eq!(reply.slug(), (503, "dependency-unavailable".to_owned()));
    assert_eq!((&reply.problem()["port"], reply.header("retry-after")), (&"jwks".into(), "5"));
    let waiting = site.send(&Call::get("/readyz")).await;
    assert_eq!(waiting.status, 503);
    let expected = serde_json::json!({ "status": "unavailable", "waitingFor": ["jwks"] });
    assert_eq!(waiting.json(), expected);
    assert_eq!(site.send(&Call::get("/healthz")).await.status, 200, "it lives all the same");

    issuer.publish(Some(jwks(&["rsa"])));
    ready(&site).await;
    assert_granted(&site.send(&call).await);
}
