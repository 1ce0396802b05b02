//! What viewers hear when S3 does not give an object, and what they do not.

use std::time::{Duration, Instant};

use tollgate::edge::Edge;
use tollgate_emulators::{Fault, services};

use super::{
    super::scene::{Scene, ask, get, keys_and_objects, read, sign, signed},
    Place, configuration,
};

#[tokio::test]
async fn the_status_is_s3s_and_the_body_is_not() {
    for (fault, status, code) in [
        (Fault::AccessDenied, 403, "OriginRefused"),
        (Fault::Throttle, 503, "OriginFailed"),
        (Fault::Internal, 500, "OriginFailed"),
        (Fault::Elsewhere, 502, "BadGateway"),
        (Fault::Reset, 502, "BadGateway"),
    ] {
        let place = Place::new("").await;
        place.put("open/a.ts", b"object");
        place.proxy.fail("*", fault, usize::MAX);
        for method in ["GET", "HEAD"] {
            let reply = ask(place.scene.address, method, "/open/a.ts").await;
            assert_eq!(reply.status, status, "{fault:?} {method}");
            assert_eq!(reply.header("x-cache"), "Error from cloudfront", "{fault:?}");
            assert_eq!(reply.code(), if method == "GET" { code } else { "" }, "{fault:?}");
            assert!(!reply.text().contains("said by the proxy"), "{}", reply.text());
        }
        // No error is kept.
        place.proxy.heal();
        assert_eq!(get(place.scene.address, "/open/a.ts").await.status, 200, "{fault:?}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_404_and_a_bucket_that_is_not_is_502() {
    let place = Place::new("").await;
    for method in ["GET", "HEAD"] {
        assert_eq!(ask(place.scene.address, method, "/open/a.ts").await.status, 404);
    }
    let reply = get(place.scene.address, &signed("/a.ts")).await;
    assert_eq!((reply.status, reply.code()), (404, "NoSuchKey"));
    assert!(!reply.text().contains("HostId") && !reply.text().contains("media/"));
    let scene = Scene::configured(&configuration("", "nobody-made-it", services())).await;
    let reply = get(scene.address, "/open/a.ts").await;
    assert_eq!((reply.status, reply.code()), (502, "BadGateway"));
}

#[tokio::test]
async fn a_silent_s3_is_504_in_time() {
    let place = Place::new("").await;
    place.proxy.fail("*", Fault::Silence, usize::MAX);
    let started = Instant::now();
    assert_eq!(get(place.scene.address, "/open/a.ts").await.status, 504);
    assert!(started.elapsed() < Duration::from_secs(6), "{:?}", started.elapsed());
}

#[tokio::test]
async fn mistakes_of_the_table_are_named() {
    let folder = keys_and_objects();
    let good = configuration("", "media", "http://127.0.0.1:9");
    for (from, to, expected) in [
        ("bucket = \"media\"", "", "edge.origins[0].bucket: is required"),
        (
            "\"media\"\n        prefix",
            "\"Media\"\n        prefix",
            "edge.origins[0].bucket: must be",
        ),
        ("prefix = \"media\"", "prefix = \"/media/\"", "edge.origins[0].prefix: must be"),
        ("http://127.0.0.1:9", "http://10.0.0.1", "edge.origins[0].endpoint-url: must be"),
        ("timeout = 2", "url = \"x\"", "edge.origins[0].url: unknown key"),
    ] {
        let text = good.replace(from, to);
        let mistakes = read(folder.path(), &text).unwrap_err();
        assert!(mistakes.contains(expected), "{mistakes}");
    }
    let table = read(folder.path(), &good).unwrap();
    let edge = Edge::open(table.settings, sign::component()).await.unwrap();
    let expected = "/open/* public, s3 http://127.0.0.1:9/media/media";
    assert_eq!(edge.summary()[0], expected);
}
