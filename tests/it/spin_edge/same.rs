//! Both edges answer everything alike.

use super::{
    cases::{Case, requests, signatures},
    client::{Reply, ask},
    scene::Scene,
};

/// What a player, a browser or a cache goes by, and what tells people why.
const HEADERS: [&str; 16] = [
    "accept-ranges",
    "access-control-allow-credentials",
    "access-control-allow-headers",
    "access-control-allow-methods",
    "access-control-allow-origin",
    "access-control-expose-headers",
    "allow",
    "content-length",
    "content-range",
    "content-type",
    "etag",
    "last-modified",
    "server",
    "vary",
    "x-cache",
    "x-tollgate-reason",
];

async fn check(scene: &Scene, cases: Vec<Case>) {
    let mut differences = Vec::new();
    for Case { name, method, target, headers, status, code } in &cases {
        let native = ask(scene.native, method, target, headers).await;
        let middleware = ask(scene.middleware, method, target, headers).await;
        for (edge, reply) in [("native", &native), ("middleware", &middleware)] {
            if (reply.status, reply.code()) != (*status, *code) {
                let (status, code) = (reply.status, reply.code());
                differences.push(format!("{name}: {edge} answers {status} {code}"));
            }
        }
        if native.body != middleware.body {
            differences.push(format!("{name}: other bytes"));
        }
        for header in HEADERS {
            let (one, other) = (native.values(header), middleware.values(header));
            if one != other {
                differences.push(format!("{name}: {header} is {one:?} and {other:?}"));
            }
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[tokio::test]
async fn verdicts_are_the_same() {
    check(&Scene::start().await, signatures()).await;
}

#[tokio::test]
async fn answers_to_everything_else_are_the_same() {
    check(&Scene::start().await, requests()).await;
}

#[tokio::test]
async fn the_bodies_are_cloudfronts() {
    let scene = Scene::start().await;
    let reply: Reply = ask(scene.middleware, "GET", "/content/a.ts", &[]).await;
    let body = r#"<?xml version="1.0" encoding="UTF-8"?><Error><Code>MissingKey</Code><Message>Missing Key-Pair-Id query parameter or cookie value</Message></Error>"#;
    assert_eq!(std::str::from_utf8(&reply.body).unwrap(), body);
    assert_eq!(reply.values("x-cache"), ["Error from cloudfront"]);
}
