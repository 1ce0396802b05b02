//! Answers of an origin server that are passed on while they arrive, and the end of those that were kept.

use std::time::Duration;

use super::scene::{OriginServer, Scene, ask_with, get, server};

#[tokio::test]
async fn an_answer_without_a_length_is_passed_on_whole() {
    let origin = OriginServer::start(|asked| {
        let head = "HTTP/1.1 200 OK\r\nConnection: close\r\n";
        Some(match asked.target() {
            "/open/chunked" => {
                format!("{head}Transfer-Encoding: chunked\r\n\r\n3\r\nobj\r\n3\r\nect\r\n0\r\n\r\n")
                    .into()
            }
            _ => format!("{head}\r\nobject").into(),
        })
    })
    .await;
    let scene = Scene::with_origin("", &origin.url).await;
    for name in ["chunked", "until-closed"] {
        for _ in 0..2 {
            let reply = get(scene.address, &format!("/open/{name}")).await;
            assert_eq!((reply.status, reply.text()), (200, "object"), "{name}");
            assert_eq!(reply.header("x-cache"), "Miss from cloudfront");
        }
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_on_the_way_does_not_look_complete() {
    let origin = OriginServer::start(|_| {
        Some(b"HTTP/1.1 200 OK\r\nContent-Length: 64\r\n\r\nhalf of it".to_vec())
    })
    .await;
    // Beyond the cache, so that it is under way before it breaks.
    let scene = Scene::with_origin("cache-object-limit = 63", &origin.url).await;
    let reply = get(scene.address, "/open/a").await;
    assert_eq!((reply.status, reply.header("content-length")), (200, "64"));
    assert!(reply.body.len() < 64, "{} bytes came", reply.body.len());
}

#[tokio::test]
async fn what_was_kept_is_asked_for_again_after_its_time() {
    let origin =
        OriginServer::start(|_| server::reply("200 OK", "Cache-Control: max-age=1\r\n", b"object"))
            .await;
    let scene = Scene::with_origin("", &origin.url).await;
    let again = async {
        while origin.asked().len() < 2 {
            assert_eq!(get(scene.address, "/open/a").await.text(), "object");
        }
    };
    tokio::time::timeout(Duration::from_secs(60), again).await.expect("it is kept for ever");
}

#[tokio::test]
async fn conditions_of_a_viewer_reach_the_origin_of_an_object_that_is_not_kept() {
    let origin = OriginServer::start(|asked| match asked.header("if-none-match") {
        "\"1\"" => Some(b"HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\n\r\n".to_vec()),
        _ => server::reply("200 OK", "Cache-Control: no-store\r\nETag: \"1\"\r\n", b"object"),
    })
    .await;
    let scene = Scene::with_origin("", &origin.url).await;
    for (condition, status, body) in [("\"1\"", 304, ""), ("\"2\"", 200, "object")] {
        let headers = [("If-None-Match", condition)];
        let reply = ask_with(scene.address, "GET", "/open/a", &headers).await;
        assert_eq!((reply.status, reply.text()), (status, body));
        assert_eq!(reply.header("etag"), "\"1\"");
    }
}
