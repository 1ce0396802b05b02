//! What SIGTERM does: whoever is being answered is answered, and nobody else comes in.

use std::{net::SocketAddr, time::Duration};

use http_body_util::Empty;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{io::AsyncWriteExt, net::TcpStream, task::JoinHandle};
use tollgate::gateway::{DrainOutcome, RequestSettings, ServerSettings};

use super::support::{
    client::{Call, Line, Reply, read_to_end},
    desk::{Desk, ask},
    soon,
    tokens::token,
    until,
};

async fn desk(server: ServerSettings) -> Desk {
    Desk::open(server, RequestSettings::default()).await
}

fn held(address: SocketAddr) -> JoinHandle<hyper::Result<Reply>> {
    tokio::spawn(async move { Line::to(address).await.send(&ask("hold")).await })
}

async fn refuses(address: SocketAddr) {
    until("a refused connection", async || TcpStream::connect(address).await.is_err()).await;
}

#[tokio::test]
async fn a_request_in_flight_is_answered_and_new_connections_are_refused() {
    let mut desk = desk(ServerSettings::default()).await;
    let waiting = held(desk.address);
    desk.gate.holds(1).await;
    desk.running.stop();
    refuses(desk.address).await;
    desk.gate.release();
    let reply = waiting.await.unwrap().unwrap();
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("connection"), "close", "nobody shall ask again here");
    assert_eq!(desk.running.ended().await, DrainOutcome::Finished);
}

#[tokio::test]
async fn an_http2_request_in_flight_is_answered_as_well() {
    let mut desk = desk(ServerSettings::default()).await;
    let address = desk.address;
    let waiting = tokio::spawn(async move {
        ask("hold").send_http2(TcpStream::connect(address).await.unwrap()).await
    });
    desk.gate.holds(1).await;
    desk.running.stop();
    refuses(address).await;
    desk.gate.release();
    assert_eq!(waiting.await.unwrap().status, 200);
    assert_eq!(desk.running.ended().await, DrainOutcome::Finished);
}

#[tokio::test]
async fn readiness_says_drain_while_connections_are_still_taken() {
    let server = ServerSettings { drain_delay: Duration::from_secs(3600), ..Default::default() };
    let mut desk = desk(server).await;
    let ready = async || Call::get("/readyz").send(desk.address).await;
    assert_eq!(ready().await.status, 200);
    desk.running.stop();
    until("readiness to say no", async || ready().await.status == 503).await;
    let expected = serde_json::json!({ "status": "unavailable", "waitingFor": ["drain"] });
    assert_eq!(ready().await.json(), expected);
    // Balancers have not noticed yet, so what they send is served.
    assert_eq!(desk.ask("s").await.status, 200);
    assert_eq!(Call::get("/healthz").send(desk.address).await.status, 200);
}

#[tokio::test]
async fn idle_and_half_asked_connections_do_not_hold_up_the_end() {
    let mut desk = desk(ServerSettings::default()).await;
    let mut idle = Line::to(desk.address).await;
    assert_eq!(idle.send(&Call::get("/healthz")).await.unwrap().status, 200);
    let mut half = TcpStream::connect(desk.address).await.unwrap();
    half.write_all(b"GET /healthz HTTP/1.1\r\n").await.unwrap();
    let mut silent = TcpStream::connect(desk.address).await.unwrap();
    // The last two are accepted in order, so they are by the time this one is answered.
    assert_eq!(desk.ask("s").await.status, 200);
    let idle_http2 = TcpStream::connect(desk.address).await.unwrap();
    let (mut sender, connection) =
        http2::handshake(TokioExecutor::new(), TokioIo::new(idle_http2)).await.unwrap();
    let idle_http2 = tokio::spawn(connection);
    let healthy = http::Request::get("http://tollgate.test/healthz");
    let healthy = healthy.body(Empty::<bytes::Bytes>::new()).unwrap();
    assert_eq!(sender.send_request(healthy).await.unwrap().status(), 200);
    desk.running.stop();
    idle.closed().await;
    assert!(soon("the end of HTTP/2", idle_http2).await.unwrap().is_ok(), "told, and closed");
    for stream in [&mut half, &mut silent] {
        assert_eq!(read_to_end(stream).await, "");
    }
    assert_eq!(desk.running.ended().await, DrainOutcome::Finished);
}

#[tokio::test]
async fn the_drain_timeout_cuts_what_is_left_and_says_how_much() {
    let server = ServerSettings { drain_timeout: Duration::from_millis(200), ..Default::default() };
    let desk = desk(server).await;
    let waiting = [held(desk.address), held(desk.address)];
    desk.gate.holds(2).await;
    assert_eq!(desk.running.ended().await, DrainOutcome::Cut { connections: 2 });
    for request in waiting {
        assert!(request.await.unwrap().is_err(), "a cut connection gives no answer");
    }
    desk.gate.holds(0).await;
}

#[tokio::test]
async fn a_body_under_way_is_read_to_its_end() {
    let mut desk = desk(ServerSettings::default()).await;
    let token = token("alice");
    let mut stream = TcpStream::connect(desk.address).await.unwrap();
    let head = format!(
        "POST /users/alice/sessions/s1/heartbeat HTTP/1.1\r\nhost: x\r\n\
         authorization: Bearer {token}\r\ncontent-length: 4\r\n\r\nab"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let busy = "http_requests_in_flight 2\n";
    until("the head to be read", async || {
        Call::get("/metrics").send(desk.address).await.text().contains(busy)
    })
    .await;
    desk.running.stop();
    refuses(desk.address).await;
    stream.write_all(b"cd").await.unwrap();
    let answer = read_to_end(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert_eq!(desk.running.ended().await, DrainOutcome::Finished);
}
