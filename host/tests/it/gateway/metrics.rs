//! What `/metrics` says after what happened.

use std::{collections::BTreeMap, net::SocketAddr, time::Duration};

use tollgate::gateway::{RequestSettings, ServerSettings};

use super::support::{
    client::Call,
    desk::{Desk, ask},
    site::{EDGE, Ground, Layout, Site, signed_urls, watch},
    tokens::token,
    until,
};
use crate::ground::SIGNING_KEY_PUBLIC;

/// Every series with its number.
async fn scrape(address: SocketAddr) -> BTreeMap<String, f64> {
    let reply = Call::get("/metrics").send(address).await;
    assert_eq!(reply.status, 200);
    // OpenMetrics 1.0.0: the content type, and the last line.
    let expected = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    assert_eq!(reply.header("content-type"), expected);
    assert!(reply.text().ends_with("\n# EOF\n"));
    let series = reply.text().lines().filter(|line| !line.starts_with('#'));
    series
        .map(|line| {
            let (name, value) = line.rsplit_once(' ').unwrap();
            (name.to_owned(), value.parse().unwrap())
        })
        .collect()
}

/// The numbers of one metric by the value of its label.
fn by_label(all: &BTreeMap<String, f64>, metric: &str) -> BTreeMap<String, f64> {
    let series = all.iter().filter_map(|(name, value)| {
        let label = name.strip_prefix(metric)?.strip_prefix('{')?.strip_suffix("\"}")?;
        Some((label.split_once("=\"")?.1.to_owned(), *value))
    });
    series.collect()
}

const ERRORS: &str = "signed_url_generation_errors_total";
const OUTCOMES: &str = "signed_url_requests_total";

#[tokio::test]
async fn every_kind_of_failure_is_there_at_zero_and_counts_its_own() {
    let requests =
        RequestSettings { timeout: Duration::from_secs(2), ..RequestSettings::default() };
    let desk = Desk::open(ServerSettings::default(), requests).await;
    let mut expected: BTreeMap<_, _> = [
        "component-failed",
        "dependency-unavailable",
        "internal-error",
        "misconfigured",
        "playlist-unusable",
        "timeout",
    ]
    .map(|kind| (kind.to_owned(), 0.0))
    .into();
    assert_eq!(by_label(&scrape(desk.address).await, ERRORS), expected);
    for (series, kind) in [
        ("failed", "component-failed"),
        ("stopped", "dependency-unavailable"),
        ("panic", "internal-error"),
        ("bad-cookie", "internal-error"),
        ("misconfigured", "misconfigured"),
        ("hold", "timeout"),
        ("hold", "timeout"),
    ] {
        assert!(desk.ask(series).await.status >= 500);
        *expected.get_mut(kind).unwrap() += 1.0;
        assert_eq!(by_label(&scrape(desk.address).await, ERRORS), expected, "{series}");
    }
    let playlist = Call::get("/users/alice/series/s/episodes/e/playlist.m3u8");
    assert_eq!(playlist.token(&token("alice")).send(desk.address).await.status, 502);
    *expected.get_mut("playlist-unusable").unwrap() += 1.0;
    assert_eq!(by_label(&scrape(desk.address).await, ERRORS), expected);
    // What the caller did wrong is no failure of ours, and neither is a call that signs nothing.
    assert_eq!(Call::get(watch_path()).send(desk.address).await.status, 401);
    assert_eq!(desk.ask("..").await.status, 400);
    assert_eq!(by_label(&scrape(desk.address).await, ERRORS), expected);
}

fn watch_path() -> String {
    signed_urls("alice", "s", "e")
}

#[tokio::test(flavor = "multi_thread")]
async fn outcomes_of_requests_for_a_signed_url_are_counted_by_their_slug() {
    let policy = "max-devices = 1".to_owned();
    let site = Site::with(Layout { policy, ..Layout::default() }).await;
    let before = by_label(&scrape(site.address).await, OUTCOMES);
    assert!(before.values().all(|count| *count == 0.0), "{before:?}");
    let session = site.watch("alice", "hls", "phone").await.json()["sessionId"].to_string();
    let session = session.trim_matches('"');
    let heartbeat = Call::new("POST", format!("/users/alice/sessions/{session}/heartbeat"))
        .token(&token("alice"))
        .header("user-agent", "phone");
    for call in [
        heartbeat,
        watch("alice", "hls").header("user-agent", "tablet"),
        watch("nobody", "hls"),
        watch("carol", "missing"),
        watch("carol", "nothing"),
        watch("carol", "broken"),
        Call::get(watch_path()),
        // These are none: they ask for no signed URL.
        Call::get("/users/alice/sessions").token(&token("alice")),
        Call::get("/nothing"),
    ] {
        site.send(&call).await;
    }
    let mut expected = before;
    for (outcome, count) in [
        ("granted", 2.0),
        ("device-limit-exceeded", 1.0),
        ("not-entitled", 1.0),
        ("episode-not-found", 1.0),
        ("no-video", 1.0),
        ("internal-error", 1.0),
        ("unauthenticated", 1.0),
    ] {
        *expected.get_mut(outcome).unwrap() = count;
    }
    let all = scrape(site.address).await;
    assert_eq!(by_label(&all, OUTCOMES), expected);
    assert_eq!(by_label(&all, ERRORS)["misconfigured"], 1.0, "the episode whose key is broken");
    for (port, outcome) in [("entitlements", "ok"), ("catalog", "ok"), ("sessions", "ok")] {
        let series = format!("port_calls_total{{port=\"{port}\",outcome=\"{outcome}\"}}");
        assert!(all[&series] >= 1.0, "{series}");
    }
    assert_eq!(all["gate_instances_lost_total"], 0.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn made_up_paths_and_methods_make_no_new_series() {
    let site = Site::usual().await;
    for number in 0..20 {
        let path = format!("/made-up-{number}");
        assert_eq!(site.send(&Call::new("BREW", path)).await.status, 404);
        let user = format!("user-{number}");
        assert_eq!(site.send(&watch(&user, "hls")).await.status, 403);
    }
    let all = scrape(site.address).await;
    let unmatched = r#"http_requests_total{route="unmatched",method="other",status="404"}"#;
    assert_eq!(all[unmatched], 20.0);
    assert!(all.keys().all(|name| !name.contains("made-up") && !name.contains("user-")));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edge_beside_the_gateway_is_counted_with_it() {
    assert!(
        scrape(Site::usual().await.address).await.keys().all(|name| !name.starts_with("edge_")),
        "without an edge there is nothing to count"
    );
    let ground = Ground::prepare().await;
    ground.write("signing.pub", SIGNING_KEY_PUBLIC);
    let layout = Layout { more: EDGE.to_owned(), ..Layout::default() };
    let site = ground.open(&layout).await.unwrap_or_else(|error| panic!("{error}"));
    let results = async || by_label(&scrape(site.address).await, "edge_requests_total");
    let count = |hit, miss, denied, error| {
        [("hit", hit), ("miss", miss), ("denied", denied), ("error", error)]
            .map(|(name, count)| (name.to_owned(), f64::from(count)))
            .into()
    };
    assert_eq!(results().await, count(0, 0, 0, 0));
    let grant = site.watch("alice", "hls", "phone").await.json();
    let target = grant["videoUrl"].as_str().unwrap().strip_prefix("https://media.example.com");
    let target = target.unwrap();
    let edge = site.edge.unwrap();
    for (target, status) in [(target, 200), (target, 200), (target.split_once('?').unwrap().0, 403)]
    {
        assert_eq!(Call::get(target).send(edge).await.status, status);
    }
    assert_eq!(results().await, count(1, 1, 1, 0));
}

#[tokio::test]
async fn requests_and_connections_in_flight_come_and_go() {
    let desk = Desk::open(ServerSettings::default(), RequestSettings::default()).await;
    let address = desk.address;
    let held: Vec<_> =
        (0..3).map(|_| tokio::spawn(async move { ask("hold").send(address).await })).collect();
    desk.gate.holds(3).await;
    let during = scrape(address).await;
    // The scrape itself is one more of each.
    assert_eq!(during["http_requests_in_flight"], 4.0);
    assert_eq!(during["http_connections"], 4.0);
    desk.gate.release();
    for request in held {
        assert_eq!(request.await.unwrap().status, 200);
    }
    until("the connections to go", async || {
        let after = scrape(address).await;
        after["http_requests_in_flight"] == 1.0 && after["http_connections"] == 1.0
    })
    .await;
}
