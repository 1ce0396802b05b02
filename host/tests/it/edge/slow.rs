//! Viewers that take their time: a film is not done when its answer has begun.

use super::scene::{HOST, Scene, client, signed};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};

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
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(64 << 10).unwrap();
    let mut stream = socket.connect(scene.address).await.unwrap();
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
