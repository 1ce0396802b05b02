//! Which listener answers what.

use tollgate::gateway::DrainOutcome;

use super::support::{
    client::Call,
    site::{Layout, Site, watch},
    until,
};

async fn split() -> Site {
    Site::with(Layout::gateway("operators-listen = \"127.0.0.1:0\"\ndrain-delay = 4")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_have_a_listener_of_their_own() {
    let site = split().await;
    let operators = site.operators.unwrap();
    for (path, for_viewers, for_operators) in [
        ("/healthz", 200, 200),
        ("/readyz", 404, 200),
        ("/metrics", 404, 200),
        ("/openapi.json", 200, 404),
    ] {
        assert_eq!(site.send(&Call::get(path)).await.status, for_viewers, "{path}");
        assert_eq!(Call::get(path).send(operators).await.status, for_operators, "{path}");
    }
    assert_eq!(site.send(&watch("alice", "hls")).await.status, 200);
    let elsewhere = watch("alice", "hls").send(operators).await;
    assert_eq!(elsewhere.slug(), (404, "not-found".to_owned()));
    let page = Call::get("/metrics").send(operators).await;
    assert!(page.text().contains("signed_url_requests_total{outcome=\"granted\"} 1\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_see_the_drain_to_its_end() {
    let mut site = split().await;
    let operators = site.operators.unwrap();
    site.running.stop();
    until("readiness to say no", async || {
        let reply = Call::get("/readyz").send(operators).await;
        reply.status == 503 && reply.json()["waitingFor"] == serde_json::json!(["drain"])
    })
    .await;
    assert_eq!(site.send(&watch("alice", "hls")).await.status, 200, "within the delay");
    assert_eq!(site.ended().await, DrainOutcome::Finished);
    assert!(tokio::net::TcpStream::connect(operators).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_description_served_is_the_one_in_the_repository() {
    let site = Site::usual().await;
    let reply = site.send(&Call::get("/openapi.json")).await;
    assert_eq!((reply.status, reply.header("content-type")), (200, "application/json"));
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../api/openapi.json");
    assert_eq!(reply.text(), std::fs::read_to_string(file).unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_need_no_token_and_their_calls_take_any_query() {
    let site = Site::usual().await;
    for path in ["/healthz?x=1&x=1", "/readyz?probe", "/metrics?name[]=a", "/openapi.json?"] {
        let bare = site.send(&Call::get(path)).await;
        let with = site.send(&Call::get(path).token("rubbish")).await;
        assert_eq!((bare.status, with.status), (200, 200), "{path}");
    }
}
