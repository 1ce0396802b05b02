//! What an origin is asked: the object, and nothing that belongs to the viewer or to the signature.

use super::scene::{OriginServer, Scene, ask_with, get, server, sign, signed};

async fn echo() -> OriginServer {
    OriginServer::start(|asked| {
        server::reply("200 OK", "Content-Type: video/mp2t\r\n", asked.target().as_bytes())
    })
    .await
}

#[tokio::test]
async fn the_origin_sees_neither_signature_nor_viewer() {
    let origin = echo().await;
    let scene = Scene::with_origin("", &origin.url).await;
    let target = signed("/server/a.ts?x=1");
    let viewer = [
        ("Cookie", "session=secret; CloudFront-Policy=x"),
        ("Authorization", "Bearer secret"),
        ("X-Forwarded-For", "192.0.2.1"),
        ("User-Agent", "viewer/1"),
        ("Referer", "https://watch.example/secret"),
        ("X-Anything", "secret"),
        ("Range", "bytes=0-3"),
    ];
    let reply = ask_with(scene.address, "GET", &target, &viewer).await;
    assert_eq!(reply.status, 206);

    let asked = origin.asked();
    assert_eq!(origin.targets(), ["/server/a.ts?x=1"]);
    for name in ["cookie", "authorization", "x-forwarded-for", "referer", "x-anything"] {
        assert_eq!(asked[0].header(name), "", "{name}");
    }
    assert_eq!(asked[0].header("user-agent"), "Amazon CloudFront");
    assert_eq!(format!("http://{}", asked[0].header("host")), origin.url);
    for secret in ["secret", "Signature", "192.0.2.1"] {
        assert!(!asked[0].head.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn signing_parameters_are_stripped_wherever_they_stand_and_however_they_are_written() {
    let origin = echo().await;
    let scene = Scene::with_origin("", &origin.url).await;
    for (query, left) in [
        ("?Expires=1&x=1", "?x=1"),
        ("?x=1&Key%2DPair-Id=K1", "?x=1"),
        ("?x=1&%4bey-Pair-Id=K1&y=2", "?x=1&y=2"),
        ("?Policy=a&Signature=b&Key-Pair-Id=c&Hash-Algorithm=d&Expires=e", ""),
        ("?Hash%2dAlgorithm=SHA1&b=%2B+&a=", "?b=%2B+&a="),
        ("?Signature&x=1", "?x=1"),
        // Names are compared with case, and these are the site's own.
        ("?signature=1&expires=2", "?signature=1&expires=2"),
        ("?My-Signature=1", "?My-Signature=1"),
    ] {
        let reply = get(scene.address, &format!("/open/a{query}")).await;
        assert_eq!((reply.status, reply.text()), (200, &*format!("/open/a{left}")), "{query}");
    }
}

#[tokio::test]
async fn an_encoded_name_counts_as_a_signature_and_is_stripped() {
    let origin = echo().await;
    let scene = Scene::with_origin("", &origin.url).await;
    let target = signed("/server/a.ts?x=1").replace("Key-Pair-Id", "Key%2DPair-Id");
    let reply = get(scene.address, &target).await;
    assert_eq!((reply.status, reply.text()), (200, "/server/a.ts?x=1"));
}

#[tokio::test]
async fn signed_cookies_never_reach_the_origin() {
    let origin = echo().await;
    let scene = Scene::with_origin("", &origin.url).await;
    let cookies = sign::cookies("/server/a.ts", Some("/server/*"));
    let reply = ask_with(scene.address, "GET", "/server/a.ts", &[("Cookie", &cookies)]).await;
    assert_eq!(reply.status, 200);
    assert_eq!(origin.asked()[0].header("cookie"), "");
    assert!(!origin.asked()[0].head.contains("CloudFront-"));
}

#[tokio::test]
async fn the_path_reaches_the_origin_as_it_was_written() {
    let origin = echo().await;
    let scene = Scene::with_origin("", &origin.url).await;
    for path in ["/open/a%20b/%C3%A9", "/open/it's", "/open/a;p=1", "/open/a//b", "/open/%41"] {
        let reply = get(scene.address, path).await;
        assert_eq!((reply.status, reply.text()), (200, path));
    }
}
