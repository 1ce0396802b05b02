//! Paths that a server may understand otherwise than the edge does: none of them is asked for.

use super::scene::{OriginServer, Scene, ask, get, server, sign, usual};

#[tokio::test]
async fn a_dot_segment_behind_an_encoded_slash_reaches_no_server() {
    // A server that decodes such a path finds another object there than the one the behaviour is about.
    let origin = OriginServer::start(|_| server::reply("200 OK", "", b"secret")).await;
    let scene = Scene::with_origin("", &origin.url).await;
    for path in [
        "/open/..%2fserver/secret",
        "/open/..%2Fserver/secret",
        "/open/%2e%2e%2fserver/secret",
        "/open/.%2E%2fserver/secret",
        "/open/a%2f../../server/secret",
        "/open/..%5cserver/secret",
        "/open/..%5Cserver/secret",
        "/open/a%5c..%2f..%5cserver/secret",
        "/open/..\\server/secret",
        "/open/.%2fa",
        "/open/a%2f.",
        "/open/a%2f..",
        // The origin may count `a%2fb` as one segment or as two.
        "/open/a%2fb/../../server/secret/../../open/a",
    ] {
        for target in [path.to_owned(), format!("{path}?x=1")] {
            let reply = get(scene.address, &target).await;
            assert_eq!((reply.status, reply.code()), (400, "InvalidRequest"), "{target}");
        }
    }
    assert_eq!(origin.targets(), [""; 0]);
    // Whoever may not watch learns nothing about paths.
    assert_eq!(get(scene.address, "/server/..%2fopen/a").await.code(), "MissingKey");
    let paths = [
        "/open/a%2fb",
        "/open/..a%2f.b",
        "/open/.hidden/..b/c..",
        "/open//a///b",
        "/open/..%252fserver/secret",
        "/open/a?b=..%2fc/../d",
    ];
    for path in paths {
        assert_eq!(get(scene.address, path).await.text(), "secret", "{path}");
    }
    assert_eq!(origin.targets(), paths, "as they came");
}

#[tokio::test]
async fn a_signature_for_one_folder_opens_no_other_through_dot_segments() {
    let origin = OriginServer::start(|_| server::reply("200 OK", "", b"secret")).await;
    let scene = Scene::with_origin("", &origin.url).await;
    let folder = "/server/series-1/video/ep1";
    let resource = Some(sign::url(&format!("{folder}/*")));
    let terms = sign::Terms { resource, ..sign::terms() };
    let signed = sign::signed_by("K2", "p256", &format!("{folder}/a.ts"), &terms);
    let (_, query) = signed.split_once('?').unwrap();
    // The signature holds for all of these; section 5.2.4 of RFC 3986 makes the first ones another's video.
    for rest in [
        "../../../series-2/video/ep1/a.ts",
        "%2e%2e/%2E./.%2e/series-2/video/ep1/a.ts",
        "b/../a.ts",
        "./a.ts",
        "%2e/a.ts",
        "..",
        ".",
        "%2e%2e",
    ] {
        let reply = get(scene.address, &format!("{folder}/{rest}?{query}")).await;
        assert_eq!((reply.status, reply.code()), (400, "InvalidRequest"), "{rest}");
        // Whoever may not watch learns nothing about paths.
        let reply = get(scene.address, &format!("{folder}/{rest}")).await;
        assert_eq!((reply.status, reply.code()), (403, "MissingKey"), "{rest}");
    }
    assert_eq!(origin.targets(), [""; 0]);
    assert_eq!(get(scene.address, &signed).await.text(), "secret");
}

#[tokio::test]
async fn no_spelling_reaches_a_signed_object_or_leaves_the_origins_own_path() {
    let origin = OriginServer::start(|_| server::reply("200 OK", "", b"object")).await;
    let scene = Scene::configured(&format!(
        r#"
        [edge]
        [edge.key-groups]
        players = {{ K2 = "p256.public.pem" }}
        [[edge.origins]]
        name = "server"
        type = "http"
        url = "{}/pub/"
        [[edge.behaviors]]
        path-pattern = "/premium/*"
        origin = "server"
        trusted-key-groups = ["players"]
        [[edge.behaviors]]
        path-pattern = "*"
        origin = "server"
        "#,
        origin.url
    ))
    .await;
    for path in [
        // By RFC 3986, which merges no slashes, this is `/premium/video.mp4`.
        "/premium//../video.mp4",
        "/premium//%2e%2e/video.mp4",
        "/../outside",
        "/%2e%2e/outside",
        "/a/../../outside",
        "//../outside",
        "/..",
    ] {
        let reply = get(scene.address, path).await;
        assert_eq!((reply.status, reply.code()), (400, "InvalidRequest"), "{path}");
    }
    assert_eq!(origin.targets(), [""; 0]);
    assert_eq!(get(scene.address, "/video.mp4").await.text(), "object");
    assert_eq!(origin.targets(), ["/pub/video.mp4"]);
}

#[tokio::test]
async fn a_request_for_no_path_gets_none_or_the_root() {
    let origin = OriginServer::start(|_| server::reply("200 OK", "", b"object")).await;
    let text = usual("", &format!("{}/pub", origin.url)).replace("\"/open/*\"", "\"/\"");
    let scene = Scene::configured(&text).await;
    // RFC 9112, section 3.2.4: that is for OPTIONS alone, and about no object.
    for method in ["GET", "HEAD", "OPTIONS"] {
        assert_eq!(ask(scene.address, method, "*").await.status, 400, "{method}");
    }
    // RFC 9112, section 3.2.1: an empty path is sent as `/`.
    for (target, asked) in [
        ("http://media.example?x", "/pub/?x"),
        ("http://media.example", "/pub/"),
        ("http://media.example/?y", "/pub/?y"),
    ] {
        assert_eq!(get(scene.address, target).await.text(), "object", "{target}");
        assert_eq!(origin.targets().pop().unwrap(), asked);
    }
}
