//! The cache in memory: within its limit, and hardly ever older than the file.

use std::{
    fs::File,
    time::{Duration, SystemTime},
};

use super::{
    scene::{OriginServer, Scene, get, server, signed},
    slow::begin,
};
use crate::patience::until;

const HIT: &str = "Hit from cloudfront";

#[tokio::test]
async fn many_objects_do_not_take_more_than_the_cache_may_hold() {
    let scene = Scene::start("cache-size = \"64KiB\"").await;
    let objects = 40;
    for number in 0..objects {
        scene.put(&format!("{number}.ts"), vec![b'x'; 8 << 10]);
        assert!(!hit(&scene, number).await, "nobody asked for {number} before");
    }
    // From the newest backwards, because a miss would push out what has not been asked yet.
    let mut kept = 0;
    for number in (0..objects).rev() {
        if !hit(&scene, number).await {
            break;
        }
        kept += 1;
    }
    // Eight would fit if an entry cost nothing beside its bytes.
    assert_eq!(kept, 7);
}

#[tokio::test]
async fn what_is_asked_for_again_stays() {
    let scene = Scene::start("cache-size = \"64KiB\"").await;
    for number in 0..40 {
        scene.put(&format!("{number}.ts"), vec![b'x'; 8 << 10]);
        hit(&scene, number).await;
        if number > 0 {
            assert!(hit(&scene, 0).await, "after {number} others");
        }
    }
}

#[tokio::test]
async fn objects_beyond_the_limits_are_served_and_not_kept() {
    for lines in ["cache-size = 0", "cache-size = 4096", "cache-object-limit = 8191"] {
        let scene = Scene::start(lines).await;
        scene.put("0.ts", vec![b'x'; 8 << 10]);
        for _ in 0..3 {
            assert!(!hit(&scene, 0).await, "{lines}");
        }
    }
}

#[tokio::test]
async fn a_changed_file_is_seen_soon_and_one_that_is_not_kept_at_once() {
    for (lines, kept) in [("", true), ("cache-object-limit = 1", false)] {
        let scene = Scene::start(lines).await;
        scene.put("0.ts", "before");
        let target = signed("/0.ts");
        for _ in 0..2 {
            assert_eq!(get(scene.address, &target).await.text(), "before");
        }
        let before = get(scene.address, &target).await;

        scene.put("0.ts", "after!");
        // Clocks of file systems tick coarsely; somebody who edits a file is slower than this test.
        let later = SystemTime::now() + Duration::from_secs(2);
        let file = File::options().write(true).open(scene.objects().join("0.ts")).unwrap();
        file.set_modified(later).unwrap();
        if kept {
            until("the change is seen", async || {
                get(scene.address, &target).await.text() != "before"
            })
            .await;
        }
        let after = get(scene.address, &target).await;
        assert_eq!((after.status, after.text()), (200, "after!"));
        assert_ne!(after.header("etag"), before.header("etag"));
        assert_ne!(after.header("last-modified"), before.header("last-modified"));

        std::fs::remove_file(scene.objects().join("0.ts")).unwrap();
        if kept {
            until("it is gone", async || get(scene.address, &target).await.status != 200).await;
        }
        assert_eq!(get(scene.address, &target).await.status, 404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn viewers_that_do_not_read_do_not_keep_what_others_ask_for_out_of_the_cache() {
    // More than the sockets in between can hold.
    const SIZE: usize = 8 << 20;
    let origin = OriginServer::start(|_| server::reply("200 OK", "", &vec![b'x'; SIZE])).await;
    for folder in ["open", "public"] {
        let scene = Scene::with_origin("cache-size = \"25MiB\"", &origin.url).await;
        let mut stuck = Vec::new();
        for number in 0..3 {
            scene.put(&format!("public/stuck-{number}"), vec![b'x'; SIZE]);
            stuck.push(begin(scene.address, &format!("/{folder}/stuck-{number}")).await);
        }
        // Three push them out of the cache, and then there is no memory but that of the cache itself.
        for number in 0..6 {
            scene.put(&format!("public/{number}"), vec![b'x'; SIZE]);
            for x_cache in ["Miss from cloudfront", HIT] {
                let reply = get(scene.address, &format!("/{folder}/{number}")).await;
                assert_eq!((reply.status, reply.body.len()), (200, SIZE));
                assert_eq!(reply.header("x-cache"), x_cache, "{folder}/{number}");
            }
        }
    }
}

async fn hit(scene: &Scene, number: u32) -> bool {
    let reply = get(scene.address, &signed(&format!("/{number}.ts"))).await;
    assert_eq!((reply.status, reply.body.len()), (200, 8 << 10));
    reply.header("x-cache") == HIT
}
