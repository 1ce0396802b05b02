//! Many viewers of one object at once.

use std::net::SocketAddr;

use super::scene::{EXPIRES, OriginServer, Scene, get, server, signed_until};

const VIEWERS: u64 = 200;

fn bytes() -> Vec<u8> {
    (0..200_000_u32).map(|n| (n % 251) as u8).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_at_once_get_an_uncached_object_of_a_folder() {
    for lines in ["", "cache-object-limit = 1"] {
        let scene = Scene::start(lines).await;
        scene.put("server/a.ts", bytes());
        scene.put("content/a.ts", bytes());
        everybody_gets_it(scene.address, "/content/a.ts").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_at_once_get_an_uncached_object_of_a_server() {
    let origin = OriginServer::start(|_| server::reply("200 OK", "", &bytes())).await;
    let scene = Scene::with_origin("", &origin.url).await;
    everybody_gets_it(scene.address, "/server/a.ts").await;
}

/// Each viewer has a signature of its own.
async fn everybody_gets_it(edge: SocketAddr, target: &str) {
    let targets = (0..VIEWERS).map(|viewer| signed_until(target, EXPIRES + viewer));
    let targets: Vec<String> = targets.collect();
    let viewers: Vec<_> = targets
        .into_iter()
        .map(|target| tokio::spawn(async move { get(edge, &target).await }))
        .collect();
    for viewer in viewers {
        let reply = viewer.await.unwrap();
        assert_eq!(reply.status, 200, "{}", reply.header("x-cache"));
        assert!(reply.body == bytes(), "{} bytes came", reply.body.len());
    }
}
