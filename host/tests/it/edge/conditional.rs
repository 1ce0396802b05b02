//! Objects as a player meets them: whole, by HEAD, unchanged, and with the type it needs.

use super::scene::{Scene, ask, ask_with, get, signed};

#[tokio::test]
async fn an_object_is_the_files_own_bytes() {
    let bytes: Vec<u8> = (0..300_000_u32).map(|n| (n % 251) as u8).collect();
    for limit in ["8MiB", "1kB"] {
        let scene = Scene::start(&format!("cache-object-limit = \"{limit}\"")).await;
        scene.put("content/a.mp4", &bytes);
        for _ in 0..2 {
            let reply = get(scene.address, &signed("/content/a.mp4")).await;
            assert_eq!(reply.status, 200);
            assert!(reply.body == bytes, "{} bytes came", reply.body.len());
            assert_eq!(reply.header("content-length"), "300000");
            assert_eq!(reply.header("accept-ranges"), "bytes");
        }
    }
}

#[tokio::test]
async fn players_get_the_types_they_insist_on() {
    let scene = Scene::start("").await;
    for (name, content_type) in [
        ("video.m3u8", "application/vnd.apple.mpegurl"),
        ("VIDEO.M3U8", "application/vnd.apple.mpegurl"),
        ("seg000.ts", "video/mp2t"),
        ("ep2.mp4", "video/mp4"),
        ("poster.jpg", "image/jpeg"),
        ("seg.m4s", "video/iso.segment"),
        ("manifest.mpd", "application/dash+xml"),
        ("en.vtt", "text/vtt"),
        ("unknown", "application/octet-stream"),
    ] {
        scene.put(name, "x");
        let reply = get(scene.address, &signed(&format!("/{name}"))).await;
        assert_eq!((reply.status, reply.header("content-type")), (200, content_type), "{name}");
    }
}

#[tokio::test]
async fn head_has_the_headers_of_get_and_no_body() {
    for limit in [8, 4] {
        let scene = Scene::start(&format!("cache-object-limit = {limit}")).await;
        scene.put("content/a.ts", "segment");
        let target = signed("/content/a.ts");
        let headers = ["content-length", "content-type", "etag", "last-modified", "accept-ranges"];
        let whole = get(scene.address, &target).await;
        let head = ask(scene.address, "HEAD", &target).await;
        assert_eq!((head.status, &*head.body), (200, &b""[..]));
        for name in headers {
            assert_ne!(head.header(name), "", "{name}");
            assert_eq!(head.header(name), whole.header(name), "{name}");
        }
        let reply = ask_with(scene.address, "HEAD", &target, &[("Range", "bytes=0-0")]).await;
        assert_eq!((reply.status, reply.header("content-length")), (200, "7"));
    }
}

#[tokio::test]
async fn who_has_the_object_already_is_told_so() {
    for limit in [8, 4] {
        let scene = Scene::start(&format!("cache-object-limit = {limit}")).await;
        scene.put("content/a.ts", "segment");
        let target = signed("/content/a.ts");
        let whole = get(scene.address, &target).await;
        let (etag, date) = (whole.header("etag"), whole.header("last-modified"));
        let several = format!("\"x\", W/{etag}");
        for (name, value, status) in [
            ("If-None-Match", etag, 304),
            ("If-None-Match", &*several, 304),
            ("If-None-Match", "*", 304),
            ("If-None-Match", "\"x\"", 200),
            ("If-Modified-Since", date, 304),
            ("If-Modified-Since", "Thu, 01 Jan 1970 00:00:00 GMT", 200),
            ("If-Modified-Since", "yesterday", 200),
        ] {
            for method in ["GET", "HEAD"] {
                let reply = ask_with(scene.address, method, &target, &[(name, value)]).await;
                assert_eq!(reply.status, status, "{method} {name}: {value}");
                assert_eq!(reply.header("etag"), etag);
                if status == 304 {
                    assert_eq!(reply.body, b"");
                    // A length of 0 would be a lie about the object: RFC 9110, section 8.6.
                    assert_ne!(reply.header("content-length"), "0");
                }
            }
        }
    }
}

#[tokio::test]
async fn what_is_unchanged_is_still_denied_to_whoever_does_not_sign() {
    let scene = Scene::start("").await;
    scene.put("content/a.ts", "segment");
    let whole = get(scene.address, &signed("/content/a.ts")).await;
    let known = [("If-None-Match", whole.header("etag"))];
    let reply = ask_with(scene.address, "GET", "/content/a.ts", &known).await;
    assert_eq!((reply.status, reply.code()), (403, "MissingKey"));
}

#[tokio::test]
async fn what_is_not_there_is_404_after_the_signature_and_not_before() {
    let scene = Scene::start("").await;
    let reply = get(scene.address, &signed("/content/nothing")).await;
    assert_eq!((reply.status, reply.code()), (404, "NoSuchKey"));
    let reply = get(scene.address, "/content/nothing").await;
    assert_eq!((reply.status, reply.code()), (403, "MissingKey"));
}

#[tokio::test]
async fn only_reading_methods_are_served() {
    let scene = Scene::start("").await;
    scene.put("content/a.ts", "segment");
    for method in ["POST", "PUT", "DELETE", "PATCH", "TRACE"] {
        let reply = ask(scene.address, method, &signed("/content/a.ts")).await;
        assert_eq!((reply.status, reply.header("allow")), (405, "GET, HEAD, OPTIONS"), "{method}");
    }
    assert_eq!(get(scene.address, &signed("/content/a.ts")).await.text(), "segment");
}
