//! Behaviours: the first that matches decides, and it trusts nobody but its own groups.

use super::scene::{Scene, get, sign, signed};

#[tokio::test]
async fn a_public_behavior_is_open_even_with_a_broken_signature() {
    let scene = Scene::start("").await;
    scene.put("public/hello.txt", "hello");
    for query in [
        "",
        "?",
        "?x=1",
        "?Expires=1",
        "?Signature=!!!!&Key-Pair-Id=K9&Expires=soon&Policy=%zz",
        "?Key-Pair-Id=K1&Key-Pair-Id=K2&Hash-Algorithm=MD5&&%ff",
    ] {
        let reply = get(scene.address, &format!("/public/hello.txt{query}")).await;
        assert_eq!((reply.status, reply.text()), (200, "hello"), "{query}");
    }
}

#[tokio::test]
async fn every_other_path_demands_a_signature() {
    let scene = Scene::start("").await;
    scene.put("content/a.ts", "segment");
    for path in ["/content/a.ts", "/", "/public", "/Public/a", "/content/public/a", "/nothing"] {
        let reply = get(scene.address, path).await;
        assert_eq!((reply.status, reply.code()), (403, "MissingKey"), "{path}");
    }
    let reply = get(scene.address, &signed("/content/a.ts")).await;
    assert_eq!((reply.status, reply.text()), (200, "segment"));
}

#[tokio::test]
async fn a_behavior_trusts_only_its_own_groups() {
    let scene = Scene::start("").await;
    scene.put("content/a.ts", "segment");
    scene.put("strangers/a.ts", "theirs");
    let theirs = |target| sign::signed_by("K3", "other-rsa-2048", target, &sign::terms());
    let rsa = |target| sign::signed_by("K1", "rsa-2048", target, &sign::terms());
    for (target, status, code) in [
        (signed("/content/a.ts"), 200, ""),
        (rsa("/content/a.ts"), 200, ""),
        (theirs("/content/a.ts"), 403, "InvalidKey"),
        (theirs("/strangers/a.ts"), 200, ""),
        (signed("/strangers/a.ts"), 403, "InvalidKey"),
        (rsa("/strangers/a.ts"), 403, "InvalidKey"),
    ] {
        let reply = get(scene.address, &target).await;
        assert_eq!((reply.status, reply.code()), (status, code), "{target}");
    }
}

#[tokio::test]
async fn what_the_edge_did_is_counted() {
    let scene = Scene::start("").await;
    scene.put("content/a.ts", "segment");
    for target in [&*signed("/content/a.ts"), &*signed("/content/a.ts"), "/content/a.ts"] {
        get(scene.address, target).await;
    }
    get(scene.address, &signed("/content/nothing")).await;
    assert_eq!(counted(&scene), [("hit", 1), ("miss", 1), ("denied", 1), ("error", 1)]);
}

fn counted(scene: &Scene) -> Vec<(&'static str, u64)> {
    let counts = scene.edge.counters().snapshot();
    ["hit", "miss", "denied", "error"]
        .map(|name| (name, counts.iter().find(|(known, _)| known == name).unwrap().1))
        .to_vec()
}
