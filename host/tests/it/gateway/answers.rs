//! What every answer carries, and what it is called.

use tollgate::gateway::{RequestSettings, ServerSettings};

use super::support::{
    client::{Call, Line},
    desk::{Desk, ask},
};

async fn desk() -> Desk {
    Desk::open(ServerSettings::default(), RequestSettings::default()).await
}

#[tokio::test]
async fn no_answer_is_kept_by_caches_or_guessed_at() {
    let desk = desk().await;
    for call in [
        ask("s"),
        ask("misconfigured"),
        Call::get("/healthz"),
        Call::get("/readyz"),
        Call::get("/metrics"),
        Call::get("/openapi.json"),
        Call::get("/nothing"),
        Call::new("DELETE", "/users/alice/sessions/x"),
    ] {
        let reply = call.send(desk.address).await;
        assert_eq!(reply.header("cache-control"), "no-store");
        assert_eq!(reply.header("x-content-type-options"), "nosniff");
        assert_eq!(reply.header("x-request-id").len(), 32, "one of ours");
    }
}

#[tokio::test]
async fn a_harmless_request_id_comes_back_and_any_other_is_replaced() {
    let desk = desk().await;
    let longest = "x".repeat(64);
    let too_long = "x".repeat(65);
    for (sent, kept) in [
        ("a-b_c.9", true),
        (longest.as_str(), true),
        (too_long.as_str(), false),
        ("a b", false),
        ("<script>", false),
        ("ä", false),
    ] {
        for call in [ask("s"), ask("misconfigured"), Call::get("/nothing")] {
            let reply = call.header("x-request-id", sent).send(desk.address).await;
            let got = reply.header("x-request-id");
            assert_eq!(got == sent, kept, "{sent}: {got}");
            if reply.status != 200 {
                assert_eq!(reply.problem()["requestId"], got);
            }
        }
    }
}

#[tokio::test]
async fn requests_of_one_connection_have_different_ids() {
    let desk = desk().await;
    let mut line = Line::to(desk.address).await;
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..20 {
        let reply = line.send(&Call::get("/healthz")).await.unwrap();
        assert!(seen.insert(reply.header("x-request-id").to_owned()));
    }
}

#[tokio::test]
async fn a_listed_origin_may_read_the_answer_and_another_may_not() {
    let cors = tollgate::gateway::Cors::parse(["https://watch.example"]).unwrap();
    let requests = RequestSettings { cors, ..RequestSettings::default() };
    let desk = Desk::open(ServerSettings::default(), requests).await;
    for (origin, allowed) in [("https://watch.example", true), ("https://evil.example", false)] {
        for call in [ask("s"), ask("misconfigured")] {
            let reply = call.header("origin", origin).send(desk.address).await;
            let expected = if allowed { origin } else { "" };
            assert_eq!(reply.header("access-control-allow-origin"), expected);
            assert_eq!(reply.header("vary"), "origin");
        }
        let preflight = Call::new("OPTIONS", "/users/alice/sessions")
            .header("origin", origin)
            .header("access-control-request-method", "GET")
            .header("access-control-request-headers", "authorization");
        let reply = preflight.send(desk.address).await;
        assert_eq!(reply.status, 204);
        assert_eq!(reply.header("access-control-allow-headers").contains("authorization"), allowed);
    }
}
