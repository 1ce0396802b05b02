//! Limits of one request: its head, its body, its time.

use std::time::Duration;

use tokio::net::TcpStream;
use tollgate::gateway::{RequestSettings, ServerSettings};

use super::support::{
    client::{Call, raw},
    desk::{Desk, ask},
    site::signed_urls,
    tokens::token,
};

const BODY_LIMIT: usize = 1024;

async fn desk() -> Desk {
    let requests = RequestSettings { body_limit: BODY_LIMIT, ..RequestSettings::default() };
    Desk::open(ServerSettings { head_limit: 16 << 10, ..ServerSettings::default() }, requests).await
}

/// A heartbeat as bytes, up to where the framing of its body begins.
fn heartbeat(authorization: &str) -> String {
    format!(
        "POST /users/alice/sessions/s1/heartbeat HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{authorization}"
    )
}

fn authorization() -> String {
    format!("authorization: Bearer {}\r\n", token("alice"))
}

#[tokio::test]
async fn a_body_up_to_the_limit_is_read_and_one_more_byte_is_413() {
    let desk = desk().await;
    for (length, status) in [(0, 200), (BODY_LIMIT, 200), (BODY_LIMIT + 1, 413), (64 << 10, 413)] {
        let call = Call::new("POST", "/users/alice/sessions/s1/heartbeat")
            .token(&token("alice"))
            .body(vec![b'x'; length]);
        let reply = call.send(desk.address).await;
        assert_eq!(reply.status, status, "{length}");
        if status == 413 {
            assert_eq!(reply.slug().1, "payload-too-large");
        }
        // A body without a length of its own counts as well.
        let (head, body) = (heartbeat(&authorization()), "x".repeat(length));
        let chunk = if length == 0 { String::new() } else { format!("{length:x}\r\n{body}\r\n") };
        let request = format!("{head}transfer-encoding: chunked\r\n\r\n{chunk}0\r\n\r\n");
        let answer = raw(desk.address, request.as_bytes()).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{length}: {answer}");
    }
}

#[tokio::test]
async fn whoever_waits_for_a_go_ahead_is_told_before_sending_too_much() {
    let desk = desk().await;
    let head = heartbeat(&authorization());
    let expect =
        |length: usize| format!("{head}expect: 100-continue\r\ncontent-length: {length}\r\n\r\n");
    // Nothing of the body is ever sent, and the answer comes all the same.
    let answer = raw(desk.address, expect(BODY_LIMIT + 1).as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    let request = format!("{}{}", expect(BODY_LIMIT), "x".repeat(BODY_LIMIT));
    let answer = raw(desk.address, request.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 "), "{answer}");
}

#[tokio::test]
async fn a_body_is_not_waited_for_without_a_token() {
    let desk = desk().await;
    let request = format!("{}content-length: 1000000\r\n\r\n", heartbeat(""));
    let answer = raw(desk.address, request.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
}

#[tokio::test]
async fn a_body_that_never_comes_is_the_callers_fault() {
    let desk = desk().await;
    let request = format!("{}content-length: 10\r\n\r\nhalf", heartbeat(&authorization()));
    let answer = raw(desk.address, request.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert!(answer.contains(r#""type":"invalid-request""#), "{answer}");
}

#[tokio::test]
async fn a_head_beyond_the_limit_is_431() {
    let desk = desk().await;
    let head = |filler: usize| {
        format!(
            "GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\na: {}\r\n\r\n",
            "x".repeat(filler)
        )
    };
    let answer = raw(desk.address, head(15 << 10).as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    let answer = raw(desk.address, head(64 << 10).as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    let many = "a: b\r\n".repeat(101);
    let request = format!("GET /healthz HTTP/1.1\r\nhost: x\r\n{many}\r\n");
    let answer = raw(desk.address, request.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");

    for (filler, status) in [(8 << 10, 200), (20 << 10, 431)] {
        let stream = TcpStream::connect(desk.address).await.unwrap();
        let call = Call::get("/healthz").header("a", &"x".repeat(filler));
        assert_eq!(call.send_http2(stream).await.status, status, "HTTP/2, {filler}");
    }
}

#[tokio::test]
async fn framing_that_can_be_read_in_two_ways_is_refused() {
    let desk = desk().await;
    let head = heartbeat(&authorization());
    for framing in [
        "content-length: 3\r\ncontent-length: 4\r\n\r\nabcd",
        "content-length: 3, 4\r\n\r\nabcd",
        "content-length: -1\r\n\r\n",
        "content-length: +3\r\n\r\nabc",
        "transfer-encoding: gzip\r\n\r\nabc",
        "transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "transfer-encoding: chunked\r\n\r\nzz\r\n\r\n",
        " folded: line\r\n\r\n",
        "bad header: x\r\n\r\n",
    ] {
        let answer = raw(desk.address, format!("{head}{framing}").as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{framing:?}: {answer}");
    }
}

#[tokio::test]
async fn a_request_beyond_its_deadline_is_504_while_others_go_on() {
    let requests =
        RequestSettings { timeout: Duration::from_secs(2), ..RequestSettings::default() };
    let desk = Desk::open(ServerSettings::default(), requests).await;
    let slow = tokio::spawn({
        let address = desk.address;
        async move { ask("hold").send(address).await }
    });
    desk.gate.holds(1).await;
    for _ in 0..5 {
        assert_eq!(desk.ask("s").await.status, 200);
    }
    assert_eq!(slow.await.unwrap().slug(), (504, "timeout".to_owned()));
    // Nothing of it is left behind.
    desk.gate.holds(0).await;
}

#[tokio::test]
async fn a_viewer_who_hangs_up_is_not_worked_for() {
    let desk = Desk::open(ServerSettings::default(), RequestSettings::default()).await;
    let call = ask("hold");
    let address = desk.address;
    let waiting = tokio::spawn(async move { call.send(address).await });
    desk.gate.holds(1).await;
    waiting.abort();
    desk.gate.holds(0).await;
    // It is counted under a name of its own.
    let page = Call::get("/metrics").send(desk.address).await;
    assert!(page.text().contains("signed_url_requests_total{outcome=\"cancelled\"} 1\n"));
    let target = signed_urls("alice", "s", "e");
    assert_eq!(Call::get(target).token(&token("alice")).send(address).await.status, 200);
}
