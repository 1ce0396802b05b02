//! Limits of connections: how many, how long, and what one may do.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tollgate::gateway::{RequestSettings, ServerSettings};

use super::support::{
    client::{Call, Line, raw, read_to_end},
    desk::{Desk, ask},
    soon, until,
};

async fn desk(server: ServerSettings) -> Desk {
    Desk::open(server, RequestSettings::default()).await
}

#[tokio::test]
async fn one_connection_more_is_503_and_a_freed_place_works_again() {
    let desk = desk(ServerSettings { connections: 2, ..ServerSettings::default() }).await;
    let mut lines = Vec::new();
    for _ in 0..2 {
        let mut line = Line::to(desk.address).await;
        // Answered, so it surely has its place.
        assert_eq!(line.send(&Call::get("/healthz")).await.unwrap().status, 200);
        lines.push(line);
    }
    let answer = raw(desk.address, b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let head = head.to_ascii_lowercase();
    assert!(head.starts_with("http/1.1 503 "), "{answer}");
    for line in ["connection: close", "retry-after: 5", "content-type: application/problem+json"] {
        assert!(head.lines().any(|found| found == line), "{line} in {answer}");
    }
    let problem: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!(problem["type"], "dependency-unavailable");

    // Those who have a place keep it.
    assert_eq!(lines[0].send(&Call::get("/healthz")).await.unwrap().status, 200);
    drop(lines.pop());
    let healthy = "GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    until("a free place", async || {
        raw(desk.address, healthy.as_bytes()).await.starts_with("HTTP/1.1 200 ")
    })
    .await;
    let page = lines[0].send(&Call::get("/metrics")).await.unwrap();
    let refused = page
        .text()
        .lines()
        .find_map(|line| line.strip_prefix("http_connections_refused_total ")?.parse::<u32>().ok());
    assert!(refused.is_some_and(|refused| refused >= 1), "{}", page.text());
}

#[tokio::test]
async fn a_head_that_never_ends_is_cut_off() {
    let server = ServerSettings {
        first_request_timeout: Duration::from_millis(300),
        ..ServerSettings::default()
    };
    let desk = desk(server).await;
    for start in [
        "",
        "GET",
        "GET /healthz HTTP/1.1\r\nhost: x\r\n",
        "PRI * HTTP/2.0\r\n",
        // RFC 9113, section 3.4: the whole preface with empty settings, and no request after it.
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u{4}\0\0\0\0\0",
    ] {
        let answer = raw(desk.address, start.as_bytes()).await;
        assert!(!answer.contains(" 200 "), "{start:?}: {answer}");
    }
    // Drop by drop is no better.
    let stream = TcpStream::connect(desk.address).await.unwrap();
    let (mut reading, mut writing) = stream.into_split();
    let dripping = tokio::spawn(async move {
        writing.write_all(b"GET /healthz HTTP/1.1\r\n").await?;
        loop {
            writing.write_all(b"a: b\r\n").await?;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        #[expect(unreachable_code, reason = "it names the type of the error")]
        std::io::Result::Ok(())
    });
    let mut answer = Vec::new();
    let _ = soon("the cut", reading.read_to_end(&mut answer)).await;
    assert!(!String::from_utf8_lossy(&answer).contains(" 200 "));
    assert!(soon("a broken pipe", dripping).await.unwrap().is_err());
}

#[tokio::test]
async fn a_quiet_connection_is_closed_after_its_last_answer() {
    let server =
        ServerSettings { idle_timeout: Duration::from_millis(300), ..ServerSettings::default() };
    let desk = desk(server).await;
    let mut line = Line::to(desk.address).await;
    assert_eq!(line.send(&Call::get("/healthz")).await.unwrap().status, 200);
    line.closed().await;
    // The same for a second head that never ends.
    let healthy = "GET /healthz HTTP/1.1\r\nhost: x\r\n";
    let answer = raw(desk.address, format!("{healthy}\r\n{healthy}").as_bytes()).await;
    assert_eq!(answer.matches("HTTP/1.1 200 ").count(), 1, "{answer}");
}

#[tokio::test]
async fn a_busy_connection_is_not_quiet() {
    let server = ServerSettings {
        idle_timeout: Duration::from_secs(1),
        first_request_timeout: Duration::from_secs(1),
        ..ServerSettings::default()
    };
    let desk = desk(server).await;
    let address = desk.address;
    let held = tokio::spawn(async move { ask("hold").send(address).await });
    desk.gate.holds(1).await;
    // Longer than both: the request is what takes its time, and it has its own deadline.
    tokio::time::sleep(Duration::from_secs(2)).await;
    desk.gate.release();
    assert_eq!(held.await.unwrap().status, 200);
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_their_order() {
    let desk = desk(ServerSettings::default()).await;
    let request = |id: u32, last: bool| {
        let close = if last { "connection: close\r\n" } else { "" };
        format!("GET /healthz HTTP/1.1\r\nhost: x\r\nx-request-id: number-{id}\r\n{close}\r\n")
    };
    let all: String = (0..10).map(|id| request(id, id == 9)).collect();
    let answer = raw(desk.address, all.as_bytes()).await;
    let ids: Vec<_> =
        answer.lines().filter_map(|line| line.strip_prefix("x-request-id: ")).collect();
    let expected: Vec<_> = (0..10).map(|id| format!("number-{id}")).collect();
    assert_eq!(ids, expected, "{answer}");
    assert_eq!(answer.matches("HTTP/1.1 200 OK").count(), 10);
}

#[tokio::test]
async fn what_follows_a_body_is_the_next_request_and_nothing_else() {
    let desk = desk(ServerSettings::default()).await;
    // A body that looks like a request stays a body.
    let body = "DELETE /users/alice/sessions/x HTTP/1.1\r\nhost: x\r\n\r\n";
    let first =
        format!("GET /healthz HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n", body.len());
    let last = "GET /nothing HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let answer = raw(desk.address, format!("{first}{body}{last}").as_bytes()).await;
    let statuses: Vec<_> =
        answer.split("HTTP/1.1 ").skip(1).filter_map(|answer| answer.get(..3)).collect();
    assert_eq!(statuses, ["200", "404"], "{answer}");
}

#[tokio::test]
async fn http_1_0_is_answered_and_closed() {
    let desk = desk(ServerSettings::default()).await;
    let mut stream = TcpStream::connect(desk.address).await.unwrap();
    stream.write_all(b"GET /healthz HTTP/1.0\r\n\r\n").await.unwrap();
    let answer = read_to_end(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.0 200 "), "{answer}");
    assert!(answer.ends_with(r#"{"status":"ok"}"#), "{answer}");
}
