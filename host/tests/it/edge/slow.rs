//! Viewers that take their time: a film is not done when its answer has begun.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};
use tollgate::gateway::DrainOutcome;

use super::scene::{HOST, Scene, client, signed};

#[tokio::test(flavor = "multi_thread")]
async fn a_download_may_take_longer_than_a_connection_may_be_idle() {
    let scene = Scene::start("idle-timeout = 3").await;
    scene.put("content/a.mp4", large());
    let stream = download(&scene, &signed("/content/a.mp4")).await;
    assert_whole(&read_for(stream, Duration::from_secs(6)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_that_has_begun_completes_when_the_edge_is_told_to_stop() {
    let scene = Scene::start("drain-timeout = 60").await;
    scene.put("content/a.mp4", large());
    let stream = download(&scene, &signed("/content/a.mp4")).await;
    scene.stop();
    assert_whole(&read_for(stream, Duration::from_secs(3)).await);
    assert_eq!(scene.ended().await, DrainOutcome::Finished);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_that_takes_nothing_is_let_go() {
    let scene = Scene::start("idle-timeout = 1").await;
    scene.put("content/a.mp4", large());
    let mut stream = download(&scene, &signed("/content/a.mp4")).await;
    scene.stop();
    // Nothing is read until the edge has given up, which ends it.
    assert_eq!(scene.ended().await, DrainOutcome::Finished);
    let mut received = Vec::new();
    let _ = stream.read_to_end(&mut received).await;
    assert!(received.len() < SIZE, "all of it cannot have been under way");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_shrinks_while_it_is_sent_does_not_look_complete() {
    let scene = Scene::start("").await;
    scene.put("content/a.mp4", large());
    let mut stream = download(&scene, &signed("/content/a.mp4")).await;
    let path = scene.objects().join("content/a.mp4");
    std::fs::File::options().write(true).open(path).unwrap().set_len(1).unwrap();
    let mut received = Vec::new();
    let _ = stream.read_to_end(&mut received).await;
    let reply = client::parse(&received);
    assert_eq!(reply.header("content-length"), SIZE.to_string());
    assert!(reply.body.len() < SIZE);
}

/// More than the sockets in between can hold, so that it is not sent before it is read.
const SIZE: usize = 24 << 20;

/// A file that is streamed, because it is beyond what the cache keeps.
pub fn large() -> Vec<u8> {
    (0..SIZE).map(|n| (n % 251) as u8).collect()
}

/// Asks for an object over a connection that holds little, and reads nothing yet.
pub async fn download(scene: &Scene, target: &str) -> TcpStream {
    begin(scene.address, target).await
}

/// The same of any edge.
pub async fn begin(edge: SocketAddr, target: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(64 << 10).unwrap();
    let mut stream = socket.connect(edge).await.unwrap();
    let head = client::head("GET", target, &[("Host", HOST), ("Connection", "close")]);
    stream.write_all(head.as_bytes()).await.unwrap();
    // The answer has begun once there is a byte of it.
    stream.peek(&mut [0]).await.unwrap();
    stream
}

/// Fails unless this is an answer with all of [`large`].
pub fn assert_whole(received: &[u8]) {
    let reply = client::parse(received);
    assert_eq!(reply.status, 200);
    assert!(reply.body == large(), "{} of {SIZE} bytes came", reply.body.len());
}

/// Reads evenly, so that it takes at least this long.
async fn read_for(mut stream: TcpStream, time: Duration) -> Vec<u8> {
    let (started, mut received) = (Instant::now(), Vec::new());
    let mut part = vec![0; 64 << 10];
    loop {
        let read = stream.read(&mut part).await.unwrap_or_default();
        if read == 0 {
            return received;
        }
        received.extend_from_slice(&part[..read]);
        let due = time.mul_f64(received.len() as f64 / SIZE as f64);
        tokio::time::sleep(due.saturating_sub(started.elapsed())).await;
    }
}
