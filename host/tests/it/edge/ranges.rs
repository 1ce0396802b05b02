//! Parts of objects, from memory and from files too large for it.

use super::scene::{Scene, ask_with, get, signed};

/// An object once within the cache's limit and once beyond it.
const LIMITS: [u64; 2] = [1000, 999];

fn bytes() -> Vec<u8> {
    (0..1000_u32).map(|n| (n % 251) as u8).collect()
}

#[tokio::test]
async fn ranges_are_the_files_own_bytes() {
    for limit in LIMITS {
        let scene = Scene::start(&format!("cache-object-limit = {limit}")).await;
        scene.put("content/a.mp4", bytes());
        let target = signed("/content/a.mp4");
        for (range, first, last) in [
            ("bytes=0-0", 0, 0),
            ("bytes=0-499", 0, 499),
            ("bytes=500-999", 500, 999),
            ("bytes=999-", 999, 999),
            ("bytes=990-", 990, 999),
            ("bytes=-1", 999, 999),
            ("bytes=-10", 990, 999),
            ("bytes=-5000", 0, 999),
            ("bytes=990-5000", 990, 999),
            ("bytes=0-", 0, 999),
        ] {
            let reply = ask_with(scene.address, "GET", &target, &[("Range", range)]).await;
            assert_eq!(reply.status, 206, "{range} {limit}");
            assert_eq!(reply.header("content-range"), format!("bytes {first}-{last}/1000"));
            assert_eq!(reply.header("content-length"), (last - first + 1).to_string());
            assert_eq!(reply.body, &bytes()[first..=last], "{range} {limit}");
        }
    }
}

#[tokio::test]
async fn a_range_beyond_the_end_is_416() {
    for limit in LIMITS {
        let scene = Scene::start(&format!("cache-object-limit = {limit}")).await;
        scene.put("content/a.mp4", bytes());
        let target = signed("/content/a.mp4");
        for range in ["bytes=1000-", "bytes=1000-2000", "bytes=-0"] {
            let reply = ask_with(scene.address, "GET", &target, &[("Range", range)]).await;
            assert_eq!(reply.status, 416, "{range} {limit}");
            assert_eq!(reply.header("content-range"), "bytes */1000");
        }
    }
}

#[tokio::test]
async fn several_ranges_or_none_that_can_be_read_are_the_whole_object() {
    for limit in LIMITS {
        let scene = Scene::start(&format!("cache-object-limit = {limit}")).await;
        scene.put("content/a.mp4", bytes());
        let target = signed("/content/a.mp4");
        for range in ["bytes=0-1,5-6", "bytes=5-4", "bytes=a-b", "seconds=0-1", "bytes=-"] {
            let reply = ask_with(scene.address, "GET", &target, &[("Range", range)]).await;
            assert_eq!((reply.status, reply.has("content-range")), (200, false), "{range}");
            assert_eq!(reply.body, bytes());
        }
    }
}

#[tokio::test]
async fn if_range_gives_a_part_only_of_the_object_that_is_meant() {
    for limit in LIMITS {
        let scene = Scene::start(&format!("cache-object-limit = {limit}")).await;
        scene.put("content/a.mp4", bytes());
        let target = signed("/content/a.mp4");
        let whole = get(scene.address, &target).await;
        let (etag, date) = (whole.header("etag"), whole.header("last-modified"));
        let weak = format!("W/{etag}");
        for (condition, status) in [
            (etag, 206),
            (date, 206),
            ("\"other\"", 200),
            (&weak, 200),
            ("Thu, 01 Jan 1970 00:00:00 GMT", 200),
            ("nonsense", 200),
        ] {
            let headers = [("Range", "bytes=2-3"), ("If-Range", condition)];
            let reply = ask_with(scene.address, "GET", &target, &headers).await;
            assert_eq!(reply.status, status, "{condition} {limit}");
            let expected = if status == 206 { bytes()[2..4].to_vec() } else { bytes() };
            assert_eq!(reply.body, expected);
        }
    }
}

#[tokio::test]
async fn an_empty_object_has_no_parts() {
    let scene = Scene::start("").await;
    scene.put("content/empty", "");
    let target = signed("/content/empty");
    let reply = ask_with(scene.address, "GET", &target, &[("Range", "bytes=0-0")]).await;
    assert_eq!((reply.status, reply.header("content-range")), (416, "bytes */0"));
    let reply = get(scene.address, &target).await;
    assert_eq!((reply.status, reply.header("content-length")), (200, "0"));
}
