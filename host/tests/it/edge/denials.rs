//! The five answers to a request that may not pass, byte for byte.

use super::scene::{EXPIRES, Reply, Scene, ask, get, signed, signed_until};

/// A target for each denial, the length CloudFront's body has, and the body.
fn denials() -> [(String, &'static str, &'static str); 5] {
    let good = signed("/content/a.ts");
    let (expires, _) = good.split_once("&Signature=").unwrap();
    [
        (
            "/content/a.ts".to_owned(),
            "146",
            r#"<?xml version="1.0" encoding="UTF-8"?><Error><Code>MissingKey</Code><Message>Missing Key-Pair-Id query parameter or cookie value</Message></Error>"#,
        ),
        (
            good.replace("Key-Pair-Id=K2", "Key-Pair-Id=K9"),
            "106",
            r#"<?xml version="1.0" encoding="UTF-8"?><Error><Code>InvalidKey</Code><Message>Unknown Key</Message></Error>"#,
        ),
        (
            format!("{expires}&Signature=a!b&Key-Pair-Id=K2"),
            "131",
            r#"<?xml version="1.0" encoding="UTF-8"?><Error><Code>MalformedSignature</Code><Message>Could not unencode Signature</Message></Error>"#,
        ),
        (
            good.replace(&format!("Expires={EXPIRES}&"), ""),
            "116",
            r#"<?xml version="1.0" encoding="UTF-8"?><Error><Code>MalformedPolicy</Code><Message>Malformed Policy</Message></Error>"#,
        ),
        (
            good.replace(&format!("Expires={EXPIRES}"), &format!("Expires={}", EXPIRES + 1)),
            "110",
            r#"<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code><Message>Access denied</Message></Error>"#,
        ),
    ]
}

#[tokio::test]
async fn the_five_denials_are_cloudfronts_byte_for_byte() {
    let scene = Scene::start("").await;
    scene.put("content/a.ts", "segment");
    for (target, length, body) in denials() {
        let reply = get(scene.address, &target).await;
        assert_eq!(reply.text(), body);
        assert_denied(&reply, length);
        assert!(!reply.has("x-tollgate-reason"), "nobody asked for an explanation");
    }
}

#[tokio::test]
async fn head_is_denied_with_the_same_headers_and_no_body() {
    let scene = Scene::start("").await;
    for (target, length, _) in denials() {
        let reply = ask(scene.address, "HEAD", &target).await;
        assert_eq!(reply.body, b"");
        assert_denied(&reply, length);
    }
}

#[tokio::test]
async fn the_finer_reason_goes_out_only_when_told_to_explain() {
    for explain in [true, false] {
        let scene = Scene::start(&format!("explain = {explain}")).await;
        scene.set_time(EXPIRES);
        let mut seen = Vec::new();
        for target in
            ["/content/a.ts".to_owned(), signed("/a"), signed_until("/a", EXPIRES + 1) + "0"]
        {
            let reply = get(scene.address, &target).await;
            assert_eq!(reply.status, 403);
            assert_eq!(reply.has("x-tollgate-reason"), explain, "{target}");
            seen.push(reply.header("x-tollgate-reason").to_owned());
        }
        seen.dedup();
        assert_eq!(seen.len(), if explain { 3 } else { 1 }, "each has its own reason: {seen:?}");
    }
}

fn assert_denied(reply: &Reply, length: &str) {
    assert_eq!(reply.status, 403);
    for (name, value) in [
        ("server", "CloudFront"),
        ("content-type", "text/xml"),
        ("x-cache", "Error from cloudfront"),
        ("content-length", length),
    ] {
        assert_eq!(reply.header(name), value, "{name}");
    }
}
