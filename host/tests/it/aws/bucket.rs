//! A bucket that cannot be used: the gateway is not ready, and an episode with a raw video is no way around it.

use serde_json::json;
use tollgate_emulators::{Fault, rest, services};

use super::place::Place;
use crate::gateway::support::{client::Call, program::Program, site::watch, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_was_deleted_is_no_bucket_without_playlists() {
    let place = Place::new().await;
    // Out of reach at the start, so that nobody has seen the bucket; that stops no start.
    place.objects.fail("*", Fault::Reset, usize::MAX);
    let program = Program::start(place.folder());
    let address = program.address("gateway.listen").await;
    let waits = async || {
        let reply = Call::get("/readyz").send(address).await;
        reply.status == 503 && reply.json()["waitingFor"] == json!(["objects"])
    };
    until("readiness to wait for S3", &waits).await;
    let refused = watch("alice", "raw").send(address).await;
    assert_eq!(refused.slug(), (503, "dependency-unavailable".to_owned()));

    // It answers, and says of every object that it is not there.
    let bucket = place.bucket();
    let playlist = "content/series/s/video/hls/video.m3u8";
    for path in [format!("/{bucket}/{playlist}"), format!("/{bucket}")] {
        assert_eq!(rest(services(), "DELETE", &path, b"").0, 204, "{path}");
    }
    place.objects.heal();
    let refused = watch("alice", "raw").send(address).await;
    assert_eq!(refused.slug(), (503, "dependency-unavailable".to_owned()), "{}", refused.text());
    assert!(!refused.text().contains(bucket), "{}", refused.text());
    until("readiness to wait for the bucket", &waits).await;

    assert_eq!(rest(services(), "PUT", &format!("/{bucket}"), b"").0, 200);
    until("readiness", async || Call::get("/readyz").send(address).await.status == 200).await;
    assert_eq!(watch("alice", "raw").send(address).await.status, 200);
    let (_, lines) = program.ended().await;
    let named = format!("the bucket {bucket} does not exist");
    assert!(lines.iter().any(|line| line.contains(&named)), "{lines:#?}");
}
