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

/// An origin with an object of 64 bytes, which answers ranges and conditions itself.
async fn with_ranges(headers: &'static str) -> OriginServer {
    OriginServer::start(move |asked| {
        let headers = format!("ETag: \"1\"\r\nAccept-Ranges: bytes\r\n{headers}");
        let bytes: Vec<u8> = (0..64).collect();
        if asked.header("if-none-match") == "\"1\"" {
            return Some(format!("HTTP/1.1 304 Not Modified\r\n{headers}\r\n").into_bytes());
        }
        match asked.header("range") {
            "" => server::reply("200 OK", &headers, &bytes),
            "bytes=8-15" => {
                let headers = format!("{headers}Content-Range: bytes 8-15/64\r\n");
                server::reply("206 Partial Content", &headers, &bytes[8..16])
            }
            other => panic!("{other} is not among these tests"),
        }
    })
    .await
}

#[tokio::test]
async fn a_range_of_what_is_not_kept_is_one_question_and_says_that_there_are_ranges() {
    for (limits, headers) in [
        ("cache-object-limit = 63", ""),
        ("cache-size = 64", ""),
        ("cache-size = 0", ""),
        ("", "Cache-Control: no-store\r\n"),
    ] {
        let origin = with_ranges(headers).await;
        let scene = Scene::with_origin(limits, &origin.url).await;
        for asked in 1..=2 {
            let range = [("Range", "bytes=8-15")];
            let reply = ask_with(scene.address, "GET", "/open/a", &range).await;
            assert_eq!((reply.status, reply.body), (206, (8..16).collect()), "{limits}");
            assert_eq!(origin.asked().len(), asked, "{limits} {headers}");
        }
        let reply = ask_with(scene.address, "GET", "/open/a", &[("Range", "bytes=8-15")]).await;
        assert_eq!(reply.header("content-range"), "bytes 8-15/64");
        assert_eq!(reply.header("accept-ranges"), "bytes");
        let reply = get(scene.address, "/open/a").await;
        assert_eq!((reply.status, reply.header("accept-ranges")), (200, "bytes"));
    }
}

#[tokio::test]
async fn a_range_of_what_can_be_kept_brings_the_whole_object_once() {
    let origin = with_ranges("").await;
    let scene = Scene::with_origin("", &origin.url).await;
    for x_cache in ["Miss from cloudfront", "Hit from cloudfront", "Hit from cloudfront"] {
        let range = [("Range", "bytes=8-15")];
        let reply = ask_with(scene.address, "GET", "/open/a", &range).await;
        assert_eq!((reply.status, reply.header("x-cache")), (206, x_cache));
        assert_eq!(reply.body, (8..16).collect::<Vec<u8>>());
    }
    assert_eq!(get(scene.address, "/open/a").await.body.len(), 64);
    let ranges: Vec<_> =
        origin.asked().iter().map(|asked| asked.header("range").to_owned()).collect();
    assert_eq!(ranges, ["bytes=8-15", ""]);
}

#[tokio::test]
async fn a_condition_is_one_question_whether_or_not_the_object_can_be_kept() {
    for limits in ["cache-object-limit = 63", ""] {
        let origin = with_ranges("").await;
        let scene = Scene::with_origin(limits, &origin.url).await;
        let known = [("If-None-Match", "\"1\"")];
        assert_eq!(ask_with(scene.address, "GET", "/open/a", &known).await.status, 304);
        assert_eq!(origin.asked().len(), 1, "{limits}");
    }
}

#[tokio::test]
async fn several_ranges_are_the_whole_object_of_an_origin_as_well() {
    for limits in ["cache-object-limit = 63", ""] {
        let origin = with_ranges("").await;
        let scene = Scene::with_origin(limits, &origin.url).await;
        let several = [("Range", "bytes=0-1,5-6")];
        let reply = ask_with(scene.address, "GET", "/open/a", &several).await;
        assert_eq!((reply.status, reply.body.len()), (200, 64), "{limits}");
    }
}
