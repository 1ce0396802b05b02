//! Behaviours: the first that matches decides, and it trusts nobody but its own groups.

use super::scene::{Scene, ask, ask_with, get, sign, signed};

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
async fn a_signed_behavior_is_not_walked_around_by_another_spelling_of_its_path() {
    // Signed paths first and an open rest, as many sites have it.
    let scene = Scene::configured(
        r#"
        [edge]
        [edge.key-groups]
        players = { K2 = "p256.public.pem" }
        [[edge.origins]]
        name = "objects"
        type = "folder"
        path = "objects"
        [[edge.behaviors]]
        path-pattern = "/premium/*"
        origin = "objects"
        trusted-key-groups = ["players"]
        [[edge.behaviors]]
        path-pattern = "*"
        origin = "objects"
        "#,
    )
    .await;
    scene.put("premium/a.ts", "paid for");
    scene.put("free/a.ts", "free");
    for path in [
        "/premium/a.ts",
        "/%70remium/a.ts",
        "/%70%72emium/a.ts",
        "//premium/a.ts",
        "/free/../premium/a.ts",
        "/free/%2e%2E/premium/a.ts",
        "/./premium/a.ts",
        "/premium//a.ts",
    ] {
        let reply = get(scene.address, path).await;
        assert_eq!((reply.status, reply.code()), (403, "MissingKey"), "{path}");
    }
    // CloudFront matches on the normalised path and verifies the one on the wire.
    let reply = get(scene.address, &signed("/%70remium/a.ts")).await;
    assert_eq!((reply.status, reply.text()), (200, "paid for"));
    for path in ["/free/a.ts", "/%66ree/a.ts"] {
        let reply = get(scene.address, path).await;
        assert_eq!((reply.status, reply.text()), (200, "free"), "{path}");
    }
}

#[tokio::test]
async fn the_same_path_in_another_spelling_is_as_public_as_before() {
    let scene = Scene::start("").await;
    scene.put("public/hello.txt", "hello");
    let reply = get(scene.address, "/%70ublic/hello.txt").await;
    assert_eq!((reply.status, reply.text()), (200, "hello"));
    let reply = get(scene.address, "/public/../content/a.ts").await;
    assert_eq!((reply.status, reply.code()), (403, "MissingKey"), "that is no public path");
}

#[tokio::test]
async fn a_strict_edge_denies_what_the_documents_leave_open() {
    let terms = sign::Terms { resource: Some(sign::url("/content/*")), ..sign::terms() };
    let both = sign::signed_by("K2", "p256", "/content/a.ts", &terms) + "&Expires=1";
    for (strict, status) in [(false, 200), (true, 403)] {
        let scene = Scene::start(&format!("strict = {strict}")).await;
        scene.put("content/a.ts", "segment");
        assert_eq!(get(scene.address, &both).await.status, status, "{strict}");
        assert_eq!(get(scene.address, &signed("/content/a.ts")).await.status, 200);
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

#[tokio::test]
async fn an_answered_preflight_is_no_error() {
    let scene = Scene::start("").await;
    assert_eq!(ask(scene.address, "OPTIONS", "/public/a.ts").await.status, 204);
    assert_eq!(counted(&scene), [("hit", 1), ("miss", 0), ("denied", 0), ("error", 0)]);
}

#[tokio::test]
async fn a_range_beyond_the_end_is_an_error_wherever_the_object_is() {
    for limit in [7, 6] {
        let scene = Scene::start(&format!("cache-object-limit = {limit}")).await;
        scene.put("public/a.ts", "segment");
        assert_eq!(get(scene.address, "/public/a.ts").await.status, 200);
        let range = [("Range", "bytes=7-")];
        let reply = ask_with(scene.address, "GET", "/public/a.ts", &range).await;
        assert_eq!((reply.status, reply.header("x-cache")), (416, "Error from cloudfront"));
        let counts = [("hit", 0), ("miss", 1), ("denied", 0), ("error", 1)];
        assert_eq!(counted(&scene), counts, "{limit}");
    }
}

fn counted(scene: &Scene) -> Vec<(&'static str, u64)> {
    let counts = scene.edge.counters().snapshot();
    ["hit", "miss", "denied", "error"]
        .map(|name| (name, counts.iter().find(|(known, _)| known == name).unwrap().1))
        .to_vec()
}
