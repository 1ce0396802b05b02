//! Players in a browser: what their scripts may see, of an object and of a denial.

use super::scene::{OriginServer, Scene, ask_with, server, signed};

const SITE: &str = "https://watch.example";

#[tokio::test]
async fn a_listed_site_may_read_objects_and_denials() {
    let scene = Scene::start(&format!("cors-origins = [\"{SITE}\"]")).await;
    scene.put("content/a.ts", "segment");
    for (target, status) in [
        (&*signed("/content/a.ts"), 200),
        ("/content/a.ts", 403),
        (&*signed("/content/nothing"), 404),
        ("/public/nothing", 404),
    ] {
        let reply = ask_with(scene.address, "GET", target, &[("Origin", SITE)]).await;
        assert_eq!(reply.status, status);
        assert_eq!(reply.header("access-control-allow-origin"), SITE, "{status}");
        assert_eq!(reply.header("access-control-allow-credentials"), "true");
        assert_eq!(reply.header("vary"), "origin");
        let exposed = reply.header("access-control-expose-headers");
        assert!(exposed.contains("content-range") && exposed.contains("x-tollgate-reason"));
    }
}

#[tokio::test]
async fn another_site_may_not() {
    let scene = Scene::start(&format!("cors-origins = [\"{SITE}\"]")).await;
    scene.put("content/a.ts", "segment");
    for origin in ["https://evil.example", "https://watch.example.evil", "null"] {
        for target in [&*signed("/content/a.ts"), "/content/a.ts"] {
            let reply = ask_with(scene.address, "GET", target, &[("Origin", origin)]).await;
            assert!(!reply.has("access-control-allow-origin"), "{origin}");
            assert_eq!(reply.header("vary"), "origin", "or a cache gives this answer to the site");
        }
    }
}

#[tokio::test]
async fn an_origins_own_cross_origin_policy_is_not_passed_on() {
    let origin = OriginServer::start(|_| {
        server::reply("200 OK", "Access-Control-Allow-Origin: *\r\n", b"object")
    })
    .await;
    let scene = Scene::with_origin("", &origin.url).await;
    let reply = ask_with(scene.address, "GET", "/open/a", &[("Origin", SITE)]).await;
    assert_eq!((reply.status, reply.has("access-control-allow-origin")), (200, false));
}

#[tokio::test]
async fn a_preflight_is_answered_where_it_is_public_and_denied_where_it_is_not() {
    let scene = Scene::start("cors-origins = [\"*\"]").await;
    scene.put("content/a.ts", "segment");
    let preflight = [
        ("Origin", SITE),
        ("Access-Control-Request-Method", "GET"),
        ("Access-Control-Request-Headers", "range"),
    ];
    // Browsers send no cookies with a preflight, and CloudFront verifies it like any request.
    let reply = ask_with(scene.address, "OPTIONS", "/content/a.ts", &preflight).await;
    assert_eq!((reply.status, reply.code()), (403, "MissingKey"));
    for target in ["/public/a.ts", &*signed("/content/a.ts")] {
        let reply = ask_with(scene.address, "OPTIONS", target, &preflight).await;
        assert_eq!((reply.status, &*reply.body), (204, &b""[..]));
        assert_eq!(reply.header("access-control-allow-origin"), "*");
        assert!(reply.header("access-control-allow-methods").contains("GET"));
        assert!(reply.header("access-control-allow-headers").contains("range"));
    }
}
