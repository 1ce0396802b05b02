//! Expiry, which is looked at when a request comes in and at no other time.

use tokio::io::AsyncReadExt;

use super::{
    scene::{EXPIRES, Scene, ask_with, get, sign, signed},
    slow,
};

#[tokio::test]
async fn the_second_before_expiry_is_allowed_and_expiry_itself_is_not() {
    let scene = Scene::start("").await;
    scene.put("content/a.ts", "segment");
    let target = signed("/content/a.ts");
    for (now, status, code) in [
        (EXPIRES - 1, 200, ""),
        (EXPIRES, 403, "AccessDenied"),
        (EXPIRES + 1, 403, "AccessDenied"),
        (EXPIRES - 1, 200, ""),
    ] {
        scene.set_time(now);
        let reply = get(scene.address, &target).await;
        assert_eq!((reply.status, reply.code()), (status, code), "{now}");
    }
}

#[tokio::test]
async fn nothing_signed_is_allowed_while_nobody_knows_the_time() {
    let scene = Scene::start("explain = true").await;
    scene.put("content/a.ts", "segment");
    scene.put("public/a.ts", "open");
    let target = signed("/content/a.ts");
    assert_eq!(get(scene.address, &target).await.status, 200);
    scene.set_time(None);
    let reply = get(scene.address, &target).await;
    assert_eq!((reply.status, reply.code()), (403, "AccessDenied"));
    assert_eq!(reply.header("x-tollgate-reason"), "clock");
    assert_eq!(get(scene.address, "/public/a.ts").await.text(), "open");
    scene.set_time(EXPIRES - 1);
    assert_eq!(get(scene.address, &target).await.status, 200);
}

#[tokio::test]
async fn a_start_is_not_yet_and_the_second_after_it_is() {
    let scene = Scene::start("").await;
    scene.put("content/a.ts", "segment");
    let start = EXPIRES - 60;
    let terms = sign::Terms { not_before: Some(start), ..sign::terms() };
    let target = sign::signed_by("K2", "p256", "/content/a.ts", &terms);
    for (now, status) in [(start - 1, 403), (start, 403), (start + 1, 200), (EXPIRES, 403)] {
        scene.set_time(now);
        assert_eq!(get(scene.address, &target).await.status, status, "{now}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_streaming_at_expiry_completes_and_the_next_range_is_denied() {
    let scene = Scene::start("").await;
    scene.put("content/a.mp4", slow::large());
    let target = signed("/content/a.mp4");
    scene.set_time(EXPIRES - 1);
    let mut stream = slow::download(&scene, &target).await;
    let mut received = vec![0; 4096];
    stream.read_exact(&mut received).await.unwrap();

    scene.set_time(EXPIRES);
    stream.read_to_end(&mut received).await.unwrap();
    slow::assert_whole(&received);
    let range = [("Range", "bytes=0-9")];
    let reply = ask_with(scene.address, "GET", &target, &range).await;
    assert_eq!((reply.status, reply.code()), (403, "AccessDenied"));
}
