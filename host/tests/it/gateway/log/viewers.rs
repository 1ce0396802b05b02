//! Viewers who are granted, refused and failed, and put secrets where they can.

use std::net::SocketAddr;

use tokio::net::TcpStream;

use crate::gateway::support::{
    client::{Call, Reply},
    site::signed_urls,
    tokens::{claims, minted, token},
};

/// One request, the id it is sent under, and the route and status its line must have.
pub struct Sent {
    pub id: String,
    pub route: &'static str,
    pub reply: Reply,
}

pub const MAIN: &str = "/users/{userId}/series/{seriesId}/episodes/{episodeId}/signed-urls";
pub const HEARTBEAT: &str = "/users/{userId}/sessions/{sessionId}/heartbeat";
const SESSIONS: &str = "/users/{userId}/sessions";
const SESSION: &str = "/users/{userId}/sessions/{sessionId}";

/// Everything that was sent, and what must not be read anywhere afterwards.
pub struct Run {
    pub sent: Vec<Sent>,
    pub secrets: Vec<String>,
    to: SocketAddr,
}

impl Run {
    pub fn new(to: SocketAddr) -> Self {
        Self { sent: Vec::new(), secrets: Vec::new(), to }
    }

    async fn send(&mut self, route: &'static str, expected: u16, call: Call) -> usize {
        let id = format!("request-{}", self.sent.len());
        let reply = call.header("x-request-id", &id).send(self.to).await;
        assert_eq!(reply.status, expected, "{route}: {}", reply.text());
        self.sent.push(Sent { id, route, reply });
        self.sent.len() - 1
    }

    /// A token nobody may ever read again, nor its signature.
    fn secret_token(&mut self, token: String) -> String {
        self.secrets.push(token.rsplit('.').next().unwrap().to_owned());
        self.secrets.push(token.clone());
        token
    }

    /// What is in a grant and nowhere else.
    fn keep_secrets_of(&mut self, index: usize) {
        let reply = &self.sent[index].reply;
        let grant = reply.json();
        let mut secrets = Vec::new();
        for url in [&grant["videoUrl"], &grant["posterUrl"]] {
            let Some((_, query)) = url.as_str().and_then(|url| url.split_once('?')) else {
                continue;
            };
            secrets.push(query.to_owned());
            for parameter in query.split('&') {
                let (name, value) = parameter.split_once('=').unwrap();
                if name == "Signature" || name == "Policy" {
                    secrets.push(value.to_owned());
                }
            }
        }
        for cookie in reply.headers.get_all("set-cookie") {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if name.ends_with("-Signature") || name.ends_with("-Policy") {
                secrets.push(value.to_owned());
            }
        }
        assert!(!secrets.is_empty());
        self.secrets.extend(secrets);
    }
}

/// Requests that are granted, refused and failed, by viewers who put secrets where they can.
pub async fn requests(run: &mut Run, edge: SocketAddr) {
    let good = run.secret_token(token("alice"));
    let main = |episode: &str| signed_urls("alice", "s", episode);
    let phone = |call: Call| call.token(&good).header("user-agent", "phone");

    let granted = run.send(MAIN, 200, phone(Call::get(main("hls")))).await;
    let raw = run.send(MAIN, 200, phone(Call::get(main("raw")))).await;
    let cookies = format!("{}?delivery=cookies", main("hls"));
    let by_cookies = run.send(MAIN, 200, phone(Call::get(cookies))).await;
    let session = run.sent[granted].reply.json()["sessionId"].as_str().unwrap().to_owned();
    let heartbeat = format!("/users/alice/sessions/{session}/heartbeat");
    let renewed = run.send(HEARTBEAT, 200, phone(Call::new("POST", heartbeat))).await;
    for index in [granted, raw, by_cookies, renewed] {
        run.keep_secrets_of(index);
    }
    at_the_edge(run, edge, granted, by_cookies).await;
    explained(run, &good, granted, by_cookies).await;

    run.send(SESSIONS, 200, phone(Call::get("/users/alice/sessions"))).await;
    let lease = format!("/users/alice/sessions/{session}");
    run.send(SESSION, 204, phone(Call::new("DELETE", lease.clone()))).await;
    run.send(SESSION, 404, phone(Call::new("DELETE", lease))).await;

    let mut expired = claims("alice", &["Standard"]);
    expired["exp"] = 1.into();
    let expired = run.secret_token(minted("p256", Some("p256"), &expired));
    run.send(MAIN, 401, Call::get(main("hls")).token(&expired)).await;
    let unknown = minted("rsa", Some("made-up"), &claims("alice", &["Standard"]));
    let unknown = run.secret_token(unknown);
    run.send(MAIN, 401, Call::get(main("hls")).token(&unknown)).await;
    run.send(MAIN, 401, Call::get(main("hls")).header("authorization", &good)).await;
    let carol = run.secret_token(token("carol"));
    run.send(MAIN, 403, Call::get(main("hls")).token(&carol)).await;
    let nobody = run.secret_token(token("nobody"));
    run.send(MAIN, 403, Call::get(signed_urls("nobody", "s", "hls")).token(&nobody)).await;
    run.send(MAIN, 404, phone(Call::get(main("missing")))).await;
    run.send(MAIN, 500, phone(Call::get(main("broken")))).await;
    run.send(MAIN, 503, phone(Call::get(main("loop")))).await;

    // Secrets in places where nobody should put them.
    run.send("unmatched", 400, phone(Call::get(format!("{}?token={good}", main("hls"))))).await;
    run.send("unmatched", 404, Call::get(format!("/{good}"))).await;
    run.send("unmatched", 405, Call::new("PUT", format!("/healthz?{good}"))).await;
    let long = format!("/healthz?{good}{}", "x".repeat(8192));
    run.send("unmatched", 414, Call::get(long)).await;
    let body = Call::get(main("hls")).token(&good).body(format!("{good}{}", "x".repeat(20_000)));
    run.send(MAIN, 413, body).await;
    let agent = format!("player {good}");
    run.send(MAIN, 200, Call::get(main("raw")).token(&good).header("user-agent", &agent)).await;
    run.send("/healthz", 200, Call::get("/healthz").header("cookie", &good)).await;
    run.send("/readyz", 200, Call::get("/readyz")).await;
    run.send("/metrics", 200, Call::get("/metrics")).await;
    let reply = Call::get(main("hls"))
        .token(&good)
        .header("x-request-id", "over-http2")
        .send_http2(TcpStream::connect(run.to).await.unwrap())
        .await;
    assert_eq!(reply.status, 200);
    run.sent.push(Sent { id: "over-http2".to_owned(), route: MAIN, reply });
    let last = run.sent.len() - 1;
    run.keep_secrets_of(last);
}

/// The explain page is shown what must be read nowhere, in places where it belongs and in others.
async fn explained(run: &mut Run, token: &str, granted: usize, by_cookies: usize) {
    let url = run.sent[granted].reply.json()["videoUrl"].as_str().unwrap().to_owned();
    let cookies = run.sent[by_cookies].reply.headers.get_all("set-cookie").iter();
    let cookies: Vec<_> = cookies.map(|cookie| cookie.to_str().unwrap().to_owned()).collect();
    let (path, query) = url.split_once('?').unwrap();
    let ask = |body: String| Call::new("POST", "/explain").body(body);
    let json = |value: serde_json::Value| ask(value.to_string());
    run.send("/explain", 200, json(serde_json::json!({ "url": url }))).await;
    let question = serde_json::json!({ "url": path, "cookies": cookies.join("\n") });
    run.send("/explain", 200, json(question)).await;
    run.send("/explain", 200, json(serde_json::json!({ "url": format!("no url {url}") }))).await;
    let wrong = serde_json::json!({ "url": [&url], "cookies": token, "at": token, "ip": query });
    run.send("/explain", 400, json(wrong)).await;
    run.send("/explain", 400, ask(format!("{{\"url\": \"{url}"))).await;
    run.send("/explain", 400, json(serde_json::json!({ "url": "x", token: token }))).await;
    run.send("/explain", 413, ask(format!("{url}{}", "x".repeat(70_000)))).await;
    // Whoever pastes it into the address instead has told the browser's history, but not the log.
    run.send("/explain", 200, Call::get(format!("/explain?{query}"))).await;
    run.send("/explain", 405, Call::new("PUT", format!("/explain?{query}"))).await;
    run.send("/player", 200, Call::get(format!("/player?token={token}"))).await;
    run.send("/pages/page.css", 200, Call::get(format!("/pages/page.css?{token}"))).await;
}

/// The edge is part of the same log: it is shown good and bad signatures.
async fn at_the_edge(run: &mut Run, edge: SocketAddr, granted: usize, by_cookies: usize) {
    let url = run.sent[granted].reply.json()["videoUrl"].as_str().unwrap().to_owned();
    let target = url.strip_prefix("https://media.example.com").unwrap();
    assert_eq!(Call::get(target).send(edge).await.status, 200);
    let elsewhere = target.replace("video.m3u8", "other/../missing.ts");
    assert_ne!(Call::get(elsewhere).send(edge).await.status, 200);
    let forged = target.replace("Signature=", "Signature=AA");
    assert_eq!(Call::get(&forged).send(edge).await.status, 403);
    let path = target.split_once('?').unwrap().0;
    let cookies = run.sent[by_cookies].reply.headers.get_all("set-cookie").iter();
    let cookies: Vec<_> =
        cookies.map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap()).collect();
    let call = Call::get(path).header("cookie", &cookies.join("; "));
    assert_eq!(call.send(edge).await.status, 200);
}
