//! The pages: where they are, what browsers are told about them, and that the explain page says what `verify` says.

use std::fs;

use serde_json::{Value, json};
use tollgate::installation::StartError;

use super::support::{
    client::{Call, Reply},
    site::{Ground, Layout, Site, watch},
};
use crate::{cli::process::tollgate, ground::SIGNING_KEY_PUBLIC};

const BOTH: &str = r#"
    operators-listen = "127.0.0.1:0"
    cors-origins = ["https://watch.example", "*"]
    [gateway.pages]
    player = true
    explain = true
    media-origins = ["https://media.example.com", "http://127.0.0.1:8081"]
    hls-js = "hls.js"
    public-keys = { K1 = "signing.pub" }
"#;

async fn open(lines: &str) -> Result<Site, StartError> {
    let ground = Ground::prepare().await;
    ground.write("signing.pub", SIGNING_KEY_PUBLIC);
    ground.write("hls.js", "window.Hls = 1;");
    ground.open(&Layout::gateway(lines)).await
}

async fn both() -> Site {
    open(BOTH).await.unwrap_or_else(|error| panic!("{error}"))
}

/// Everything a page loads, the page included.
async fn files(site: &Site, page: &str) -> Vec<(String, Reply)> {
    let mut found = Vec::new();
    let mut wanted = vec![page.to_owned()];
    while let Some(path) = wanted.pop() {
        if found.iter().any(|(known, _)| *known == path) {
            continue;
        }
        let reply = site.send(&Call::get(&path)).await;
        assert_eq!(reply.status, 200, "{path}");
        let text = reply.text();
        for mark in ["src=\"", "href=\"", "from \""] {
            for rest in text.split(mark).skip(1) {
                let name = rest.split('"').next().unwrap();
                let folder = path.rsplit_once('/').unwrap().0;
                wanted.push(match name.strip_prefix("./").or_else(|| name.strip_prefix("../")) {
                    Some(rest) if name.starts_with("../") => {
                        format!("{}/{rest}", folder.rsplit_once('/').unwrap().0)
                    }
                    Some(rest) => format!("{folder}/{rest}"),
                    None => name.to_owned(),
                });
            }
        }
        found.push((path, reply));
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_there_only_where_they_are_wanted_and_for_viewers() {
    let off = Site::usual().await;
    let player = open("pages = { player = true }").await.unwrap_or_else(|error| panic!("{error}"));
    let both = both().await;
    let operators = both.operators.unwrap();
    for (path, with_player, with_both) in [
        ("/player", 200, 200),
        ("/pages/page.css", 200, 200),
        ("/pages/player/main.js", 200, 200),
        ("/pages/hls.js", 404, 200),
        ("/explain", 404, 200),
        ("/pages/explain/main.js", 404, 200),
        ("/player/demo.json", 404, 404),
        ("/player/", 404, 404),
        ("/pages/", 404, 404),
        ("/pages/../player", 404, 404),
    ] {
        let call = Call::get(path);
        assert_eq!(off.send(&call).await.status, 404, "{path}");
        assert_eq!(player.send(&call).await.status, with_player, "{path}");
        assert_eq!(both.send(&call).await.status, with_both, "{path}");
        assert_eq!(call.send(operators).await.status, 404, "{path}");
    }
    let asked = Call::new("POST", "/explain").body("{}");
    assert_eq!(off.send(&asked).await.status, 404);
    assert_eq!(asked.send(operators).await.status, 404);
    let page = player.send(&Call::get("/player")).await;
    assert!(page.text().contains("data-hls-js=\"no\" data-demo=\"no\" data-explain=\"no\""));
    let page = both.send(&Call::get("/player")).await;
    assert!(page.text().contains("data-hls-js=\"yes\" data-demo=\"no\" data-explain=\"yes\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn browsers_are_told_whom_a_page_may_talk_to_and_what_it_may_run() {
    let site = both().await;
    for (page, connects) in [
        ("/player", "connect-src 'self' https://media.example.com http://127.0.0.1:8081;"),
        ("/explain", "connect-src 'self';"),
    ] {
        let reply = site.send(&Call::get(page)).await;
        let policy = reply.header("content-security-policy");
        let always = [
            "default-src 'none'",
            "script-src 'self';",
            "style-src 'self';",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'none'",
        ];
        for directive in always.iter().chain([&connects]) {
            assert!(policy.contains(directive), "{directive} is not in {policy}");
        }
        assert!(!policy.contains("unsafe") && !policy.contains('*'), "{policy}");
        assert_eq!(reply.header("cross-origin-opener-policy"), "same-origin");
        assert_eq!(reply.header("content-type"), "text/html; charset=utf-8");
        // What the policy forbids would not work, and nobody would see why.
        let html = reply.text();
        for inline in ["<style", " style=", "<script>", " onclick=", "javascript:"] {
            assert!(!html.contains(inline), "{inline} is in {page}");
        }
        for (path, file) in files(&site, page).await {
            for (name, value) in [
                ("x-content-type-options", "nosniff"),
                ("referrer-policy", "no-referrer"),
                ("cross-origin-resource-policy", "same-origin"),
                ("cache-control", "no-cache"),
            ] {
                assert_eq!(file.header(name), value, "{path}");
            }
            let known = Call::get(&path).header("if-none-match", file.header("etag"));
            let again = site.send(&known).await;
            assert_eq!((again.status, again.body.len()), (304, 0), "{path}");
            let other = Call::get(&path).header("if-none-match", "\"other\"");
            assert_eq!(site.send(&other).await.status, 200, "{path}");
        }
    }
    let loaded = files(&site, "/player").await;
    assert!(loaded.len() >= 11, "{:?}", loaded.iter().map(|(path, _)| path).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_for_their_own_origin_and_take_no_other_methods() {
    let site = both().await;
    for path in ["/player", "/pages/page.css", "/explain"] {
        let call = Call::get(path).header("origin", "https://watch.example");
        assert_eq!(site.send(&call).await.header("access-control-allow-origin"), "", "{path}");
        let reply = site.send(&Call::new("DELETE", path)).await;
        assert_eq!(reply.slug(), (405, "method-not-allowed".to_owned()), "{path}");
        let allowed = if path == "/explain" { "GET, HEAD, POST" } else { "GET, HEAD" };
        assert_eq!(reply.header("allow"), allowed);
        let head = site.send(&Call::new("HEAD", path)).await;
        assert_eq!((head.status, head.body.len()), (200, 0), "{path}");
    }
    let call = Call::new("POST", "/explain").body("{\"url\": \"x\"}");
    let reply = site.send(&call.header("origin", "https://watch.example")).await;
    assert_eq!((reply.status, reply.header("access-control-allow-origin")), (200, ""));
    let call = Call::get("/users/alice/sessions").header("origin", "https://watch.example");
    let reply = site.send(&call).await;
    assert_eq!(reply.header("access-control-allow-origin"), "https://watch.example");
}

/// What the page is answered, and what the command line says to the same question.
async fn answered(site: &Site, question: Value, flags: &[&str]) -> (Reply, Value) {
    let reply = site.send(&Call::new("POST", "/explain").body(question.to_string())).await;
    let url = question["url"].as_str().unwrap();
    let key = "K1=signing.pub";
    let usual = ["verify", "--json", "--explain", "--public-key", key, "--url", url];
    let outcome = tollgate(site.ground.path(), &[&usual[..], flags].concat());
    let said = serde_json::from_str(&outcome.out).unwrap_or_else(|_| panic!("{outcome}"));
    (reply, said)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_is_answered_what_the_command_line_says() {
    let site = both().await;
    let signed = site.watch("alice", "hls", "phone").await.json()["videoUrl"].clone();
    let signed = signed.as_str().unwrap();
    let unsigned = signed.split_once('?').unwrap().0;
    let by_cookies = site
        .send(
            &Call::get(format!("{}?delivery=cookies", signed_urls()))
                .token(&super::support::tokens::token("alice")),
        )
        .await;
    let set: Vec<_> = by_cookies
        .headers
        .get_all("set-cookie")
        .iter()
        .map(|value| value.to_str().unwrap().to_owned())
        .collect();
    let pairs: Vec<_> = set.iter().map(|set| set.split(';').next().unwrap().to_owned()).collect();
    let flags: Vec<_> = pairs.iter().flat_map(|pair| ["--cookie", pair]).collect();
    let lines = set.iter().map(|set| format!("Set-Cookie: {set}\n")).collect::<String>();
    let forged = signed.replace("Signature=", "Signature=AAAA");
    let elsewhere = signed.replace("/hls/", "/raw/");
    let late = "2099-01-01T00:00:00Z";

    for (question, flags, allowed) in [
        (json!({ "url": signed }), vec![], true),
        (
            json!({ "url": signed, "strict": true, "ip": "::1" }),
            vec!["--strict", "--ip", "::1"],
            true,
        ),
        (json!({ "url": signed, "at": late }), vec!["--at", late], false),
        (json!({ "url": signed, "at": 4_070_908_800_u64 }), vec!["--at", "4070908800"], false),
        (json!({ "url": unsigned }), vec![], false),
        (json!({ "url": forged }), vec![], false),
        (json!({ "url": elsewhere }), vec![], false),
        (json!({ "url": "no url" }), vec![], false),
        (json!({ "url": unsigned, "cookies": pairs.join("; ") }), flags.clone(), true),
        (json!({ "url": unsigned, "cookies": pairs.join("\n") }), flags.clone(), true),
        (json!({ "url": unsigned, "cookies": pairs }), flags.clone(), true),
        (json!({ "url": unsigned, "cookies": lines }), flags.clone(), true),
    ] {
        let (reply, mut said) = answered(&site, question.clone(), &flags).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        assert_eq!(reply.header("cache-control"), "no-store");
        let mut found = reply.json();
        assert_eq!(found["allow"], allowed, "{question}: {found}");
        assert_eq!(found["checks"].as_array().unwrap().len(), 11);
        // Both are asked within seconds of each other, and these texts count seconds.
        for answer in [&mut found, &mut said] {
            for check in answer["checks"].as_array_mut().unwrap() {
                if check["name"] == "expiry" && question["at"].is_null() {
                    check["detail"].take();
                }
            }
        }
        assert_eq!(found, said, "{question}");
    }
}

fn signed_urls() -> String {
    super::support::site::signed_urls("alice", "s", "hls")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_cannot_be_read_is_refused_by_field_and_by_length() {
    let site = both().await;
    let ask = async |body: Vec<u8>| site.send(&Call::new("POST", "/explain").body(body)).await;
    let reply = ask(
        br#"{"url": ["secret"], "cookies": "secret", "at": "secret", "ip": "secret"}"#.to_vec()
    )
    .await;
    assert_eq!(reply.slug(), (400, "invalid-request".to_owned()));
    let problem = reply.problem();
    let errors = problem["errors"].as_array().unwrap();
    let fields: Vec<_> = errors.iter().map(|error| error["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["url", "cookies", "at", "ip"]);
    assert!(!reply.text().contains("secret"), "{}", reply.text());
    for body in ["", "no JSON", "[]", "\"url\"", "{\"url\": \"x\", \"other\": 1}"] {
        assert_eq!(ask(body.into()).await.slug().0, 400, "{body}");
    }
    // Longer than `body-limit`, because a URL with cookies may be.
    let long = json!({ "url": format!("https://media.example.com/{}", "x".repeat(30_000)) });
    assert_eq!(ask(long.to_string().into()).await.status, 200);
    let too_long = json!({ "url": "x".repeat(64 << 10) });
    assert_eq!(
        ask(too_long.to_string().into()).await.slug(),
        (413, "payload-too-large".to_owned())
    );
    assert_eq!(site.send(&watch("alice", "hls")).await.status, 200, "and it goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_table_names_is_read_at_the_start_and_every_mistake_is_said() {
    let lines = r#"
        [gateway.pages]
        player = true
        explain = true
        hls-js = "missing.js"
        public-keys = { K1 = "signing.pub", K2 = "missing.pub", K3 = "issuer.secret" }
    "#;
    let ground = Ground::prepare().await;
    ground.write("signing.pub", SIGNING_KEY_PUBLIC);
    ground.write("issuer.secret", "made-up-secret");
    let error = ground.open(&Layout::gateway(lines)).await.err().unwrap().to_string();
    for key in [
        "gateway.pages.hls-js: ",
        "gateway.pages.public-keys.K2: ",
        "gateway.pages.public-keys.K3: ",
    ] {
        assert!(error.contains(key), "{key} is not in {error}");
    }
    assert!(!error.contains("public-keys.K1") && !error.contains("made-up-secret"), "{error}");

    let ground = Ground::prepare().await;
    ground.write("signing.pub", SIGNING_KEY_PUBLIC);
    fs::write(ground.path().join("hls.js"), vec![b'x'; (2 << 20) + 1]).unwrap();
    let lines = "pages = { player = true, hls-js = \"hls.js\" }";
    let error = ground.open(&Layout::gateway(lines)).await.err().unwrap().to_string();
    assert!(error.contains("gateway.pages.hls-js: ") && error.contains("2097152 bytes"), "{error}");
}
