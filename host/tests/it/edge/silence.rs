//! Origins that take their time: what counts is how long they are silent, and not how long they send.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::scene::{Scene, get, usual};

/// Once read whole for the cache, and once passed on.
const WAYS: [&str; 2] = ["", "cache-size = 0"];

#[tokio::test]
async fn an_origin_that_sends_steadily_is_served_whole_however_long_it_takes() {
    // Eight pauses make more than the timeout, and none of them comes near it.
    let origin = in_pieces(8, Duration::from_millis(600), false).await;
    let served = WAYS.map(|lines| {
        let text = patient_for(4, lines, &origin);
        tokio::spawn(async move {
            let scene = Scene::configured(&text).await;
            let reply = get(scene.address, "/open/a").await;
            assert_eq!((reply.status, reply.text()), (200, "12345678"));
        })
    });
    for one in served {
        one.await.unwrap();
    }
}

#[tokio::test]
async fn an_origin_that_goes_silent_on_the_way_is_given_up() {
    let origin = in_pieces(4, Duration::ZERO, true).await;
    for (lines, status) in [(WAYS[0], 504), (WAYS[1], 200)] {
        let scene = Scene::configured(&patient_for(1, lines, &origin)).await;
        // The client gives up after a minute, so an edge that waits for ever fails here.
        let reply = get(scene.address, "/open/a").await;
        assert_eq!(reply.status, status, "{lines}");
        match status {
            504 => assert_eq!(reply.code(), "GatewayTimeout"),
            // It does not look complete.
            _ => assert_eq!((reply.header("content-length"), reply.text()), ("8", "1234")),
        }
    }
}

fn patient_for(seconds: u64, lines: &str, origin: &str) -> String {
    usual(lines, origin).replace("timeout = 30", &format!("timeout = {seconds}"))
}

/// An origin whose object of eight bytes comes one by one, as many as are said.
async fn in_pieces(pieces: usize, pause: Duration, silent: bool) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    let Ok(byte) = stream.read_u8().await else { return };
                    head.push(byte);
                }
                // The edge may hang up on what it does not want, which is its right.
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n").await;
                for piece in b"12345678".chunks(1).take(pieces) {
                    tokio::time::sleep(pause).await;
                    let _ = stream.write_all(piece).await;
                }
                if silent {
                    let _ = stream.read_u8().await;
                }
            });
        }
    });
    url
}
