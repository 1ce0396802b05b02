//! Large files go through in pieces, and many at once.

use std::fs;

use super::{client::ask, scene::Scene, sign::signed};

#[tokio::test]
async fn a_large_file_arrives_whole_and_in_parts() {
    let scene = Scene::start().await;
    let bytes: Vec<u8> = (0..3_000_001_u32).map(|number| (number % 251) as u8).collect();
    fs::write(scene.folder.path().join("objects/content/large.mp4"), &bytes).unwrap();
    let target = signed("/content/large.mp4");
    let whole = ask(scene.middleware, "GET", &target, &[]).await;
    assert_eq!((whole.status, whole.values("content-length")), (200, vec!["3000001"]));
    assert!(whole.body == bytes, "other bytes than the file's");
    for (range, part) in [
        ("bytes=1000000-2999999", &bytes[1_000_000..3_000_000]),
        ("bytes=-65537", &bytes[bytes.len() - 65_537..]),
    ] {
        let header = ("Range".to_owned(), range.to_owned());
        let reply = ask(scene.middleware, "GET", &target, &[header]).await;
        assert_eq!(reply.status, 206, "{range}");
        assert!(reply.body == part, "{range}: other bytes than the file's");
    }
}

#[tokio::test]
async fn fifty_viewers_at_once_get_what_is_theirs() {
    let scene = Scene::start().await;
    let (open, address) = (signed("/content/a.ts"), scene.middleware);
    let viewers = (0..50).map(|number| {
        let target = if number % 2 == 0 { open.clone() } else { "/content/a.ts".to_owned() };
        tokio::spawn(async move { (number, ask(address, "GET", &target, &[]).await) })
    });
    for viewer in viewers.collect::<Vec<_>>() {
        let (number, reply) = viewer.await.unwrap();
        let expected = if number % 2 == 0 { (200, "") } else { (403, "MissingKey") };
        assert_eq!((reply.status, reply.code()), expected, "viewer {number}");
    }
}
