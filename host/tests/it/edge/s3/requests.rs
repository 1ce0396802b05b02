//! What becomes of a viewer's request on its way to S3.

use super::{
    super::scene::{Reply, ask, ask_with, get, signed, signed_until},
    HIT, MISS, Place,
};

#[tokio::test]
async fn every_spelling_of_a_key_is_one_object_that_s3_is_asked_for_once() {
    let place = Place::new("").await;
    for (key, spellings) in [
        ("plain.ts", &["/open/plain.ts", "/open/%70lain%2Ets", "/%6Fpen/plain.ts"][..]),
        ("a%20b.ts", &["/open/a%20b.ts", "/open/%61%20b.ts"]),
        (
            "%21%27%28%29%2A%2B%2C%3B%3D%3A%40%26%24.ts",
            &["/open/!'()*+,;=:@&$.ts", "/open/%21'%28)*%2b,%3b=:@&$.ts"],
        ),
        ("%C3%A9%E6%97%A5.ts", &["/open/%C3%A9%E6%97%A5.ts", "/open/%c3%a9%e6%97%a5.ts"]),
        ("100%25.ts", &["/open/100%25.ts"]),
        ("%2561.ts", &["/open/%2561.ts"]),
        ("what%3Fis%23this", &["/open/what%3Fis%23this", "/open/what%3fis%23this"]),
        ("a//b", &["/open/a//b"]),
    ] {
        place.put(&format!("open/{key}"), key.as_bytes());
        place.asked();
        for (at, spelling) in spellings.iter().enumerate() {
            let reply = get(place.scene.address, spelling).await;
            assert_eq!((reply.status, reply.text()), (200, key), "{spelling}");
            assert_eq!(reply.header("x-cache"), if at == 0 { MISS } else { HIT }, "{spelling}");
        }
        assert_eq!(place.asked(), [format!("GET /open/{key}")]);
    }
}

#[tokio::test]
async fn a_path_that_somebody_may_read_otherwise_reaches_nobody() {
    let place = Place::new("").await;
    place.put("secret.ts", b"secret");
    for (target, status) in [
        ("/open/..%2fsecret.ts", 400),
        ("/open/../open/secret.ts", 400),
        ("/open%2Fsecret.ts", 403),
        ("/open/a%2Fsecret.ts", 400),
        ("/open/%ff", 400),
        ("/open/%zz", 400),
        ("/open/a%00", 400),
    ] {
        assert_eq!(get(place.scene.address, target).await.status, status, "{target}");
    }
    // Whoever is let in by a signature may not list the bucket with it.
    let root = get(place.scene.address, &signed("/")).await;
    assert_eq!((root.status, root.code()), (404, "NoSuchKey"));
    assert_eq!(place.asked(), [""; 0]);
}

#[tokio::test]
async fn nothing_of_the_viewers_query_and_headers_reaches_s3_but_conditions() {
    let place = Place::new("cache-size = 0").await;
    place.put("a.ts", b"object");
    place.asked();
    let target = signed("/a.ts?acl&versionId=1&response-content-type=text%2Fhtml&X-Amz-Expires=9");
    let reply = ask_with(
        place.scene.address,
        "GET",
        &target,
        &[
            ("Cookie", "session=1"),
            ("Authorization", "Bearer viewer"),
            ("X-Amz-Security-Token", "viewer"),
            ("X-Amz-Date", "20200101T000000Z"),
            ("X-Amz-Request-Payer", "requester"),
            ("X-Forwarded-For", "192.0.2.1"),
            ("Referer", "https://viewer.example"),
            ("If-None-Match", "\"other\""),
            ("Range", "bytes=1-2"),
        ],
    )
    .await;
    assert_eq!((reply.status, reply.text()), (206, "bj"));
    let calls = place.proxy.take_calls();
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0].target, format!("/{}/media/a.ts", place.bucket));
    let mut names: Vec<_> = calls[0].headers.keys().map(|name| name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "authorization",
            "host",
            "if-none-match",
            "range",
            "user-agent",
            "x-amz-content-sha256",
            "x-amz-date"
        ]
    );
    let authorization = calls[0].headers["authorization"].to_str().unwrap();
    assert!(authorization.starts_with("AWS4-HMAC-SHA256 Credential="), "{authorization}");
    assert!(authorization.contains("SignedHeaders=host;x-amz-content-sha256;x-amz-date,"));
    // And nothing of S3's comes back but what describes the object.
    for name in ["x-amz-request-id", "x-amz-id-2", "access-control-allow-origin"] {
        assert!(!reply.has(name), "{name}");
    }
}

#[tokio::test]
async fn two_signatures_and_any_query_are_one_entry() {
    let place = Place::new("").await;
    place.put("a.ts", b"object");
    place.asked();
    for (target, expires_at, x_cache) in [
        ("/a.ts", 1_767_290_400, MISS),
        ("/a.ts", 1_767_290_401, HIT),
        ("/a.ts?x=1", 1_767_290_400, HIT),
        ("/%61.ts", 1_767_290_400, HIT),
    ] {
        let reply = get(place.scene.address, &signed_until(target, expires_at)).await;
        assert_eq!((reply.status, reply.text()), (200, "object"));
        assert_eq!(reply.header("x-cache"), x_cache, "{target}");
    }
    assert_eq!(get(place.scene.address, "/a.ts").await.code(), "MissingKey");
    assert_eq!(place.asked(), ["GET /a.ts"]);
}

#[tokio::test]
async fn ranges_conditions_and_head_are_s3s_own_for_what_is_not_kept() {
    let place = Place::new("cache-object-limit = 63").await;
    let bytes: Vec<u8> = (0..64).collect();
    place.put("open/a.mp4", &bytes);
    place.asked();
    let with = async |method: &str, name: &str, value: &str| -> Reply {
        ask_with(place.scene.address, method, "/open/a.mp4", &[(name, value)]).await
    };
    let reply = with("GET", "Range", "bytes=8-15").await;
    assert_eq!((reply.status, reply.header("content-range")), (206, "bytes 8-15/64"));
    assert_eq!(reply.body, bytes[8..16]);
    let reply = with("GET", "Range", "bytes=-4").await;
    assert_eq!((reply.status, &*reply.body), (206, &bytes[60..]));
    let reply = with("GET", "Range", "bytes=64-").await;
    assert_eq!((reply.status, reply.code()), (416, "InvalidRange"));
    assert_eq!(reply.header("content-range"), "bytes */64");
    assert!(!reply.text().contains(&place.bucket), "{}", reply.text());
    let whole = get(place.scene.address, "/open/a.mp4").await;
    assert_eq!((whole.status, &whole.body), (200, &bytes));
    let reply = with("GET", "If-None-Match", whole.header("etag")).await;
    assert_eq!((reply.status, &*reply.body), (304, &b""[..]));
    let reply = with("GET", "If-None-Match", "\"other\"").await;
    assert_eq!((reply.status, reply.body.len()), (200, 64));
    let head = ask(place.scene.address, "HEAD", "/open/a.mp4").await;
    assert_eq!((head.status, head.header("content-length")), (200, "64"));
    assert_eq!(head.header("etag"), whole.header("etag"));
    let asked = place.asked();
    assert_eq!(asked.len(), 7);
    assert_eq!(asked.iter().filter(|asked| *asked == "HEAD /open/a.mp4").count(), 1);
}

#[tokio::test]
async fn what_is_kept_answers_ranges_and_head_without_s3() {
    let place = Place::new("").await;
    place.put("open/a.ts", b"0123456789");
    place.asked();
    let reply = ask_with(place.scene.address, "GET", "/open/a.ts", &[("Range", "bytes=2-3")]).await;
    assert_eq!((reply.status, reply.text()), (206, "23"));
    assert_eq!(place.asked(), ["GET /open/a.ts", "GET /open/a.ts"], "a part, then all of it");
    assert_eq!(ask(place.scene.address, "HEAD", "/open/a.ts").await.header("x-cache"), HIT);
    let beyond = [("Range", "bytes=10-")];
    assert_eq!(ask_with(place.scene.address, "GET", "/open/a.ts", &beyond).await.status, 416);
    assert_eq!(place.asked(), [""; 0]);
}

#[tokio::test]
async fn a_large_object_is_passed_on_whole() {
    let place = Place::new("").await;
    let bytes: Vec<u8> =
        (0..24_u32 << 18).flat_map(|word| word.to_be_bytes()[1..].to_vec()).collect();
    place.put("large.mp4", &bytes);
    let reply = get(place.scene.address, &signed("/large.mp4")).await;
    assert_eq!((reply.status, reply.header("x-cache")), (200, MISS));
    assert!(reply.body == bytes, "{} bytes came", reply.body.len());
}
