//! Keys in Secrets Manager, under the real program at the filter `trace`: an outage at the start, one while it runs,
//! what `/readyz` and `/metrics` say of both, and that no key ever stands in the log.

use std::net::SocketAddr;

use serde_json::{Value, json};
use tollgate_emulators::{Fault, Proxy, services, stage};

use crate::{
    gateway::support::{
        client::Call,
        now,
        program::Program,
        site::{Ground, Layout, watch},
        until,
    },
    ground::SIGNING_KEY,
};

async fn ready(to: SocketAddr) -> (u16, Value) {
    let reply = Call::get("/readyz").send(to).await;
    (reply.status, reply.json())
}

async fn metric(to: SocketAddr, name: &str) -> u64 {
    let page = Call::get("/metrics").send(to).await;
    let line = page.text().lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("{name} is missing")).parse().unwrap()
}

/// The usual installation, but for where its key is.
fn configuration(secret: &str, endpoint: &str, mode: &str) -> String {
    let text = Layout::default().text();
    let (others, _) = text.split_once("[signing-keys]").unwrap();
    format!(
        r#"
        {others}
        [signing-keys]
        type = "secrets-manager"
        secret-id = "{secret}"
        mode = "{mode}"
        refresh = 10
        endpoint-url = "{endpoint}"
        timeout = 2
        [log]
        filter = "trace"
        "#
    )
}

async fn outages(mode: &str) {
    let ground = Ground::prepare().await;
    let secret = format!("host/{}/{mode}", ground.path().file_name().unwrap().to_str().unwrap());
    let text = json!({ "keyPairId": "K1", "privateKey": SIGNING_KEY }).to_string();
    stage::make_secret(services(), &secret, &text);
    let proxy = Proxy::before(services()).await;
    ground.write("tollgate.toml", &configuration(&secret, proxy.url(), mode));

    proxy.fail("*", Fault::Reset, usize::MAX);
    let program = Program::start(ground.path());
    let to = program.address("gateway.listen").await;
    let expected = json!({ "status": "unavailable", "waitingFor": ["signing-keys"] });
    assert_eq!(ready(to).await, (503, expected));
    let refused = watch("alice", "hls").send(to).await;
    assert_eq!(refused.slug(), (503, "dependency-unavailable".to_owned()));
    assert_eq!(refused.problem()["port"], "signing-keys");

    proxy.heal();
    until("readiness", async || ready(to).await == (200, json!({ "status": "ok" }))).await;
    let grant = async || {
        let reply = watch("alice", "hls").send(to).await;
        assert_eq!(reply.status, 200);
        assert_eq!(reply.json()["query"]["Key-Pair-Id"], "K1");
    };
    grant().await;
    let failures = metric(to, "signing_key_refresh_failures_total").await;
    assert!(failures > 0 && metric(to, "signing_key_refreshes_total").await > failures);
    assert!(metric(to, "signing_keys_age_seconds").await < 60);

    proxy.fail("*", Fault::AccessDenied, usize::MAX);
    // Without names: viewers may see it.
    let reason = "the last good ones are in use: fetching them is refused";
    let began = now();
    let mut degraded = Value::Null;
    until("a report that the key is old", async || {
        let (status, health) = ready(to).await;
        assert_eq!((status, &health["status"]), (200, &json!("ok")));
        degraded = health["degraded"][0].clone();
        degraded["reason"] == reason
    })
    .await;
    assert_eq!(degraded["part"], "signing-keys");
    assert!((began..=now()).contains(&degraded["since"].as_u64().unwrap()), "{degraded}");
    assert!(metric(to, "signing_key_refresh_failures_total").await > failures);
    grant().await;

    proxy.heal();
    until("recovery", async || ready(to).await == (200, json!({ "status": "ok" }))).await;
    let (code, lines) = program.ended().await;
    assert_eq!(code, Some(0));
    for said in [
        "there are none yet",
        "this key signs from now on",
        "the last good ones stay",
        "the permission secretsmanager:GetSecretValue is missing",
        "signing keys are fetched again",
    ] {
        assert!(lines.iter().any(|line| line.contains(said)), "{said} is missing in the log");
    }
    let key: Vec<_> = SIGNING_KEY.lines().filter(|line| !line.starts_with("-----")).collect();
    assert!(key.len() > 1 && key.iter().all(|line| line.len() >= 20), "too short to be looked for");
    for line in &lines {
        assert!(key.iter().all(|secret| !line.contains(secret)), "a key is in {line}");
        assert!(!line.contains("PRIVATE KEY") && !line.contains("privateKey"), "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_held_key_outlives_outages_and_is_in_no_log() {
    outages("held").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revealed_key_outlives_outages_and_is_in_no_log() {
    outages("revealed").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_that_is_fetched_there_is_no_age_of_it() {
    let site = Ground::prepare().await.open(&Layout::default()).await.unwrap();
    let page = Call::get("/metrics").send(site.address).await;
    assert!(!page.text().contains("signing_key"), "keys in files are not fetched");
}
