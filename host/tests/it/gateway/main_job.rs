//! May this viewer watch this? The answers that say yes.

use std::collections::BTreeSet;

use serde_json::Value;

use super::support::{
    client::{Call, Reply},
    now,
    site::{Layout, Site, signed_urls},
    tokens::token,
};

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[track_caller]
fn number(grant: &Value, key: &str) -> u64 {
    grant[key].as_u64().unwrap_or_else(|| panic!("{key} in {grant}"))
}

/// What the documentation promises of the times in every grant.
fn check_times(grant: &Value, asked: u64) {
    let expires_at = number(grant, "expiresAt");
    // A quarter of an hour, rounded up to a whole minute.
    assert_eq!(expires_at % 60, 0, "{grant}");
    assert!((asked + 900..=now() + 960).contains(&expires_at), "{grant}");
    let decided = expires_at - number(grant, "expiresIn");
    assert!((asked..=now()).contains(&decided), "{grant}");
    assert!((asked + 600..=now() + 600).contains(&number(grant, "sessionExpiresAt")), "{grant}");
    let refresh = number(grant, "refreshAt");
    assert!(decided < refresh && refresh < number(grant, "sessionExpiresAt"), "{grant}");
}

fn granted(reply: &Reply) -> Value {
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(reply.header("content-type"), "application/json");
    assert_eq!(reply.header("cache-control"), "no-store");
    assert_eq!(reply.header("x-content-type-options"), "nosniff");
    reply.json()
}

#[tokio::test(flavor = "multi_thread")]
async fn hls_is_granted_with_exactly_the_documented_keys() {
    let site = Site::usual().await;
    let asked = now();
    let reply = site.watch("alice", "hls", "phone").await;
    let grant = granted(&reply);
    let documented = [
        "videoUrl",
        "posterUrl",
        "expiresAt",
        "expiresIn",
        "isHls",
        "sessionId",
        "sessionExpiresAt",
        "refreshAt",
        "delivery",
        "query",
    ];
    assert_eq!(keys(&grant), BTreeSet::from(documented));
    assert_eq!(grant["isHls"], true);
    assert_eq!(grant["delivery"], "url");
    check_times(&grant, asked);

    let session = grant["sessionId"].as_str().unwrap();
    assert!(session.len() == 32 && session.bytes().all(|byte| byte.is_ascii_hexdigit()));
    // CloudFront takes its parameters in any order; players append them as they stand in `query`.
    let query = grant["query"].as_object().unwrap();
    assert_eq!(
        keys(&grant["query"]),
        BTreeSet::from(["Policy", "Signature", "Key-Pair-Id", "Hash-Algorithm"])
    );
    for (url, path) in [(&grant["videoUrl"], "video.m3u8"), (&grant["posterUrl"], "poster.jpg")] {
        let (base, parameters) = url.as_str().unwrap().split_once('?').unwrap();
        assert_eq!(base, format!("https://media.example.com/content/series/s/video/hls/{path}"));
        let sent: BTreeSet<_> = parameters.split('&').map(str::to_owned).collect();
        let listed =
            query.iter().map(|(name, value)| format!("{name}={}", value.as_str().unwrap()));
        assert_eq!(sent, listed.collect());
    }
    assert!(reply.headers.get("set-cookie").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_hls_the_raw_video_is_granted_by_its_exact_url() {
    let site = Site::usual().await;
    let asked = now();
    let grant = granted(&site.watch("carol", "raw", "phone").await);
    let documented = [
        "videoUrl",
        "expiresAt",
        "expiresIn",
        "isHls",
        "sessionId",
        "sessionExpiresAt",
        "refreshAt",
        "delivery",
    ];
    assert_eq!(keys(&grant), BTreeSet::from(documented), "no poster and nothing to append");
    assert_eq!(grant["isHls"], false);
    check_times(&grant, asked);
    let url = grant["videoUrl"].as_str().unwrap();
    let (base, parameters) = url.split_once('?').unwrap();
    assert_eq!(base, "https://media.example.com/content/series/s/raw/raw.mp4");
    assert!(
        parameters.starts_with(&format!("Expires={}&Signature=", grant["expiresAt"])),
        "a canned policy names its end: {url}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn both_ways_to_sign_grant_the_same_url() {
    let policy = "expiry-window = 3600".to_owned();
    let mut urls = BTreeSet::new();
    for mode in ["held", "revealed"] {
        let keys = format!("mode = \"{mode}\"");
        let site = Site::with(Layout { policy: policy.clone(), keys, ..Layout::default() }).await;
        let grant = granted(&site.watch("alice", "hls", "phone").await);
        // Two starts may lie on both sides of a full hour, and then say so.
        urls.insert((number(&grant, "expiresAt"), grant["videoUrl"].to_string()));
    }
    let ends: BTreeSet<_> = urls.iter().map(|(end, _)| end).collect();
    assert_eq!(urls.len(), ends.len(), "ECDSA here is deterministic: {urls:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_request_has_the_head_of_the_grant_and_no_body() {
    let site = Site::usual().await;
    let call = Call::new("HEAD", signed_urls("alice", "s", "hls")).token(&token("alice"));
    let reply = site.send(&call).await;
    assert_eq!((reply.status, reply.text()), (200, ""));
    assert_eq!(reply.header("content-type"), "application/json");
    let length: usize = reply.header("content-length").parse().unwrap();
    assert!(length > 100, "the length of what GET would have sent");
}
