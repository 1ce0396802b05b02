//! Every row of the error table, over the wire.

use std::time::Duration;

use tollgate::gateway::{RequestSettings, ServerSettings};

use super::support::{
    client::{Call, raw},
    desk::{Desk, MARKER, ask},
    site::{Layout, Site, signed_urls, watch},
    tokens::{token, token_as},
};

fn get(target: &str) -> Call {
    Call::get(target).token(&token("alice"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_breaks_a_rule_is_400_and_names_every_field() {
    let site = Site::usual().await;
    let long = "x".repeat(129);
    let main = signed_urls("alice", "s", "hls");
    for (call, fields) in [
        (get(&signed_urls("alice", "..", "hls")), vec!["seriesId"]),
        (get(&signed_urls("alice", "%2e%2e", "hls")), vec!["seriesId"]),
        (get(&signed_urls("alice", "s", "a%2Fb")), vec!["episodeId"]),
        (get(&signed_urls("alice", "s", "%00")), vec!["episodeId"]),
        (get(&signed_urls("alice", "s", "%ff")), vec!["episodeId"]),
        (get(&signed_urls("alice", "s", &long)), vec!["episodeId"]),
        (get(&signed_urls("a%20b", "", "*")), vec!["userId", "seriesId", "episodeId"]),
        (get(&format!("{main}?delivery=url&delivery=url")), vec!["delivery"]),
        (get(&format!("{main}?delivery=url&%64elivery=cookies")), vec!["delivery"]),
        (get(&format!("{main}?delivery=fax")), vec!["delivery"]),
        (get(&format!("{main}?Delivery=url&x=1")), vec!["Delivery", "x"]),
        (get("/users/alice/sessions?limit=1"), vec!["limit"]),
        (Call::new("DELETE", "/users/alice/sessions/a%2Fb"), vec!["sessionId"]),
        (Call::new("POST", "/users/alice/sessions/x/heartbeat?seriesId=s"), vec!["episodeId"]),
        (
            Call::new("POST", "/users/alice/sessions/x/heartbeat?seriesId=..&episodeId=%20"),
            vec!["seriesId", "episodeId"],
        ),
    ] {
        let reply = site.send(&call).await;
        assert_eq!(reply.slug(), (400, "invalid-request".to_owned()), "{fields:?}");
        let problem = reply.problem();
        let errors = problem["errors"].as_array().unwrap();
        let named: Vec<_> = errors.iter().map(|error| error["field"].as_str().unwrap()).collect();
        assert_eq!(named, fields, "{problem}");
        assert!(errors.iter().all(|error| error["rule"].as_str().is_some_and(|r| !r.is_empty())));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_the_answer_is_401_and_names_the_scheme() {
    let site = Site::usual().await;
    let target = signed_urls("alice", "s", "hls");
    let bare = site.send(&Call::get(&target)).await;
    assert_eq!(bare.slug(), (401, "unauthenticated".to_owned()));
    // RFC 6750, section 3: no error code for a request without a token.
    assert_eq!(bare.header("www-authenticate"), "Bearer realm=\"tollgate\"");

    let good = token("alice");
    for value in [
        format!("Basic {good}"),
        format!("Bearer  {good}"),
        format!("Bearer {good} x"),
        format!("Bearer {good}="),
        "Bearer".to_owned(),
        "Bearer a.b".to_owned(),
        "Bearer ü".to_owned(),
        good.clone(),
    ] {
        let reply = site.send(&Call::get(&target).header("authorization", &value)).await;
        assert_eq!(reply.slug(), (401, "unauthenticated".to_owned()), "{value}");
        let challenge = reply.header("www-authenticate");
        assert!(challenge.starts_with("Bearer realm=\"tollgate\", error=\"invalid_token\""));
        assert!(!challenge.contains(&good) && !reply.text().contains(&good));
    }
    // Which of two tokens counts is anybody's guess, so neither does.
    let twice = Call::get(&target).token(&good).token(&good);
    assert_eq!(site.send(&twice).await.status, 401);
    let lower = Call::get(&target).header("authorization", &format!("bearer {good}"));
    assert_eq!(site.send(&lower).await.status, 200, "RFC 9110: schemes have no case");
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_of_the_policy_name_their_rule() {
    let policy = "roles = [\"Standard\", \"Admin\"]\nmax-devices = 1".to_owned();
    let site = Site::with(Layout { policy, ..Layout::default() }).await;
    assert_eq!(site.watch("alice", "hls", "phone").await.status, 200);
    let creator =
        Call::get(signed_urls("alice", "s", "hls")).token(&token_as("alice", &["ContentCreator"]));
    for (call, status, slug) in [
        (creator, 403, "forbidden-role"),
        (watch("nobody", "hls"), 403, "not-entitled"),
        (watch("erin", "hls"), 403, "not-entitled"),
        (watch("dave", "hls"), 403, "not-entitled"),
        (watch("carol", "nothing"), 403, "no-video"),
        (watch("carol", "missing"), 404, "episode-not-found"),
        (get("/users/alice/sessions/unknown"), 405, "method-not-allowed"),
        (
            Call::new("DELETE", "/users/alice/sessions/unknown").token(&token("alice")),
            404,
            "session-not-found",
        ),
        (watch("alice", "hls"), 429, "device-limit-exceeded"),
        (watch("carol", "broken"), 500, "internal-error"),
    ] {
        let reply = site.send(&call).await;
        assert_eq!(reply.slug(), (status, slug.to_owned()));
        // What the store holds is for operators.
        assert!(!reply.text().contains("twice.mp4"), "{}", reply.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_paths_are_404_and_wrong_methods_405_with_allow() {
    let site = Site::usual().await;
    for path in ["/", "/users", "/users/alice/sessions/", "//healthz", "/healthz/", "/%68ealthzz"] {
        assert_eq!(site.send(&get(path)).await.slug(), (404, "not-found".to_owned()), "{path}");
    }
    let main = signed_urls("alice", "s", "hls");
    for (method, path, allow) in [
        ("POST", main.as_str(), "GET, HEAD"),
        ("OPTIONS", main.as_str(), "GET, HEAD"),
        ("BREW", main.as_str(), "GET, HEAD"),
        ("PUT", "/users/alice/sessions", "GET, HEAD"),
        ("GET", "/users/alice/sessions/x", "DELETE"),
        ("GET", "/users/alice/sessions/x/heartbeat", "POST"),
        ("POST", "/metrics", "GET, HEAD"),
    ] {
        let reply = site.send(&Call::new(method, path).token(&token("alice"))).await;
        assert_eq!(reply.slug(), (405, "method-not-allowed".to_owned()), "{method} {path}");
        assert_eq!(reply.header("allow"), allow, "{method} {path}");
    }
}

/// The four forms of RFC 9112, section 3.2; only the first two name something here.
#[tokio::test]
async fn every_form_of_a_target_is_understood_and_no_proxy_is_played() {
    let desk = Desk::open(ServerSettings::default(), RequestSettings::default()).await;
    for (line, status) in [
        ("GET /healthz", 200),
        ("GET http://elsewhere.example/healthz", 200),
        ("GET http://elsewhere.example", 404),
        ("OPTIONS *", 404),
        ("CONNECT elsewhere.example:443", 404),
        // A host without a path, as CONNECT would name it, and so nothing that is here.
        ("GET healthz", 404),
        ("GET /a b", 400),
    ] {
        let request = format!("{line} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        let answer = raw(desk.address, request.as_bytes()).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{line}: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_beyond_eight_kilobytes_is_414() {
    let site = Site::usual().await;
    let fits = format!("/healthz?{}", "x".repeat(8192 - "/healthz?".len()));
    assert_eq!(site.send(&Call::get(&fits)).await.status, 200);
    let slug = site.send(&Call::get(format!("{fits}x"))).await.slug();
    assert_eq!(slug, (414, "uri-too-long".to_owned()));
    // Only then are method and path looked at.
    let elsewhere = Call::new("POST", format!("/nothing?{fits}"));
    assert_eq!(site.send(&elsewhere).await.status, 414);
}

#[tokio::test]
async fn failures_of_ours_are_500_503_and_504_and_keep_their_reasons_to_themselves() {
    let requests =
        RequestSettings { timeout: Duration::from_secs(2), ..RequestSettings::default() };
    let desk = Desk::open(ServerSettings::default(), requests).await;
    for (series, status, slug, retry) in [
        ("misconfigured", 500, "internal-error", ""),
        ("failed", 500, "internal-error", ""),
        ("panic", 500, "internal-error", ""),
        ("bad-cookie", 500, "internal-error", ""),
        ("stopped", 503, "dependency-unavailable", "5"),
        ("hold", 504, "timeout", ""),
    ] {
        let reply = desk.ask(series).await;
        assert_eq!(reply.slug(), (status, slug.to_owned()), "{series}");
        assert_eq!(reply.header("retry-after"), retry, "{series}");
        assert!(!reply.text().contains(MARKER), "{series}: {}", reply.text());
        assert!(reply.headers.get("set-cookie").is_none());
    }
}

#[tokio::test]
async fn a_token_is_asked_for_before_anything_is_said_about_the_request() {
    let desk = Desk::open(ServerSettings::default(), RequestSettings::default()).await;
    let head = "GET /users/alice/series/misconfigured/episodes/e/signed-urls HTTP/1.1\r\n\
                host: x\r\nconnection: close\r\n\r\n";
    let answer = raw(desk.address, head.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
    assert!(desk.gate.seen.lock().unwrap().is_empty(), "the gate was asked");
    assert_eq!(ask("misconfigured").send(desk.address).await.status, 500);
    assert_eq!(desk.gate.seen.lock().unwrap().len(), 1);
}
