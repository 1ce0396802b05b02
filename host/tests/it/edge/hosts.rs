//! The host of a URL: whose word counts, and what is no host at all.

use super::scene::{HOST, Scene, client, sign, signed};

#[tokio::test]
async fn a_host_that_is_no_host_does_not_move_a_signature_to_another_path() {
    let scene = Scene::start("").await;
    scene.put("secret/a.ts", "secret");
    let terms = sign::Terms { resource: Some(sign::url("/content/*")), ..sign::terms() };
    let signature = sign::signed_by("K2", "p256", "/content/a.ts", &terms);
    let (_, query) = signature.split_once('?').unwrap();
    for host in [
        "media.example/content",
        "media.example/content/",
        "media.example/content?x=",
        "media.example/content/?",
        "media.example/content#",
        "media.example\\content",
        "x@media.example",
        "media.example content",
        "media.example,other.example",
        "",
    ] {
        for target in [format!("/secret/a.ts?{query}"), format!("/secret/a.ts?x=1&{query}")] {
            let reply = from_host(&scene, host, &target).await;
            assert_eq!(reply.status, 400, "{host:?}: {}", reply.text());
            assert!(!reply.text().contains("secret"));
        }
    }
}

#[tokio::test]
async fn hosts_are_compared_without_case_and_without_the_schemes_own_port() {
    let scene = Scene::start("").await;
    scene.put("content/a.ts", "segment");
    let target = signed("/content/a.ts");
    for (host, status) in [
        ("media.example", 200),
        ("Media.EXAMPLE", 200),
        ("media.example:80", 200),
        ("media.example:443", 403),
        ("media.example:8080", 403),
        ("www.media.example", 403),
        ("media.example.", 403),
    ] {
        assert_eq!(from_host(&scene, host, &target).await.status, status, "{host}");
    }
}

#[tokio::test]
async fn a_configured_domain_stands_over_what_the_viewer_says() {
    let scene = Scene::start("domain = \"media.example\"\nscheme = \"http\"").await;
    scene.put("content/a.ts", "segment");
    let target = signed("/content/a.ts");
    for host in ["127.0.0.1:8081", "other.example", "media.example/other"] {
        assert_eq!(from_host(&scene, host, &target).await.status, 200, "{host}");
    }
}

#[tokio::test]
async fn a_request_without_a_host_has_no_url_to_be_judged() {
    let scene = Scene::start("").await;
    scene.put("content/a.ts", "segment");
    let target = signed("/content/a.ts");
    let head = client::head("GET", &target, &[("Connection", "close")]);
    assert_eq!(client::exchange(scene.address, &head).await.status, 400);
}

#[tokio::test]
async fn two_hosts_are_none() {
    let scene = Scene::start("").await;
    scene.put("content/a.ts", "segment");
    let target = signed("/content/a.ts");
    // RFC 9112, section 3.2: whoever stands in front of the edge may have read the other one.
    for (first, second) in [(HOST, "other.example"), ("other.example", HOST), (HOST, HOST)] {
        let headers = [("Host", first), ("Host", second), ("Connection", "close")];
        let head = client::head("GET", &target, &headers);
        let reply = client::exchange(scene.address, &head).await;
        assert_eq!(reply.status, 400, "{first} {second}");
    }
}

#[tokio::test]
async fn the_host_in_an_absolute_request_line_counts() {
    let scene = Scene::start("").await;
    scene.put("content/a.ts", "segment");
    // RFC 9112, section 3.2.2.
    let target = sign::url(&signed("/content/a.ts"));
    assert_eq!(from_host(&scene, "other.example", &target).await.status, 200);
    let target = target.replace("media.example", "other.example");
    assert_eq!(from_host(&scene, "media.example", &target).await.status, 403);
}

async fn from_host(scene: &Scene, host: &str, target: &str) -> client::Reply {
    let head = client::head("GET", target, &[("Host", host), ("Connection", "close")]);
    client::exchange(scene.address, &head).await
}
