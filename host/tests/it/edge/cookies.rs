//! Signed cookies, and the query that stands over them.

use super::scene::{EXPIRES, Scene, ask_with, sign, signed};

#[tokio::test]
async fn cookies_open_exactly_what_they_were_signed_for() {
    let scene = Scene::start("").await;
    scene.put("content/a.ts", "segment");
    scene.put("content/b/c.ts", "deeper");
    scene.put("other/a.ts", "other");
    let directory = sign::cookies("/content/a.ts", Some("/content/*"));
    let exact = sign::cookies("/content/a.ts", None);
    for (cookies, target, status) in [
        (&directory, "/content/a.ts", 200),
        (&directory, "/content/b/c.ts", 200),
        (&directory, "/content/a.ts?x=1", 200),
        (&directory, "/other/a.ts", 403),
        (&exact, "/content/a.ts", 200),
        (&exact, "/content/b/c.ts", 403),
        (&exact, "/content/a.ts?x=1", 403),
    ] {
        let reply = ask_with(scene.address, "GET", target, &[("Cookie", cookies)]).await;
        assert_eq!(reply.status, status, "{target} {}", reply.text());
    }
}

#[tokio::test]
async fn one_signing_parameter_in_the_query_and_good_cookies_are_not_looked_at() {
    let scene = Scene::start("").await;
    scene.put("content/a.ts", "segment");
    let cookies = sign::cookies("/content/a.ts", Some("/content/*"));
    for (query, code) in [
        ("Expires=1", "MissingKey"),
        ("Policy=x", "MissingKey"),
        ("Signature=x", "MissingKey"),
        ("Hash-Algorithm=SHA256", "MissingKey"),
        ("Hash%2DAlgorithm=SHA256", "MissingKey"),
        ("Key-Pair-Id=x", "InvalidKey"),
        ("x=1&Hash-Algorithm=", "MissingKey"),
    ] {
        let target = format!("/content/a.ts?{query}");
        let reply = ask_with(scene.address, "GET", &target, &[("Cookie", &cookies)]).await;
        assert_eq!((reply.status, reply.code()), (403, code), "{query}");
    }
}

#[tokio::test]
async fn a_good_url_stands_over_bad_cookies() {
    let scene = Scene::start("").await;
    scene.put("content/a.ts", "segment");
    let bad = "CloudFront-Policy=x; CloudFront-Signature=!; CloudFront-Key-Pair-Id=K9";
    let reply = ask_with(scene.address, "GET", &signed("/content/a.ts"), &[("Cookie", bad)]).await;
    assert_eq!(reply.status, 200);
    let reply = ask_with(scene.address, "GET", "/content/a.ts", &[("Cookie", bad)]).await;
    assert_eq!((reply.status, reply.code()), (403, "InvalidKey"));
}

#[tokio::test]
async fn cookies_count_in_any_order_among_others_and_over_several_headers() {
    let scene = Scene::start("").await;
    scene.put("content/a.ts", "segment");
    let cookies = sign::cookies("/content/a.ts", Some("/content/*"));
    let pairs: Vec<&str> = cookies.split("; ").collect();
    let reversed = pairs.iter().rev().copied().collect::<Vec<_>>().join("; ");
    let among = format!("theme=dark; {cookies}; last=1");
    let apart: Vec<(&str, &str)> = pairs.iter().map(|pair| ("Cookie", *pair)).collect();
    for headers in [vec![("Cookie", &*reversed)], vec![("Cookie", &*among)], apart] {
        let reply = ask_with(scene.address, "GET", "/content/a.ts", &headers).await;
        assert_eq!(reply.status, 200, "{headers:?}");
    }
    let lower = cookies.to_ascii_lowercase();
    let reply = ask_with(scene.address, "GET", "/content/a.ts", &[("Cookie", &lower)]).await;
    assert_eq!((reply.status, reply.code()), (403, "MissingKey"), "names have their case");
}

#[tokio::test]
async fn cookies_expire_by_the_edges_clock() {
    let scene = Scene::start("").await;
    scene.put("content/a.ts", "segment");
    let cookies = sign::cookies("/content/a.ts", None);
    for (now, status) in [(EXPIRES - 1, 200), (EXPIRES, 403)] {
        scene.set_time(now);
        let reply = ask_with(scene.address, "GET", "/content/a.ts", &[("Cookie", &cookies)]).await;
        assert_eq!(reply.status, status, "{now}");
    }
}
