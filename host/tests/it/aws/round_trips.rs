//! How many round trips a play waits for: the lookups together, then the claim.

use std::time::Duration;

use serde_json::Value;
use tollgate_emulators::{
    Fault,
    proxy::{Call, depth},
};

use super::place::Place;
use crate::gateway::support::{
    client::Call as Request, program::Program, site::watch, tokens::token,
};

/// So long that what the gateway computes in between does not blur the picture.
const ROUND_TRIP: Fault = Fault::Delay(Duration::from_millis(150));

fn calls(place: &Place) -> Vec<Call> {
    let mut calls = place.dynamodb.take_calls();
    calls.extend(place.objects.take_calls());
    calls.extend(place.secrets.take_calls());
    calls
}

#[tokio::test(flavor = "multi_thread")]
async fn a_play_waits_for_two_round_trips() {
    let place = Place::new().await;
    let program = Program::start(place.folder());
    let address = program.address("gateway.listen").await;
    for proxy in [&place.dynamodb, &place.objects, &place.secrets] {
        proxy.fail("*", ROUND_TRIP, usize::MAX);
    }
    for (what, episode, agent) in [
        ("the first play of a user", "hls", "phone"),
        ("an episode without HLS", "raw", "phone"),
        ("a second device", "hls", "tablet"),
        ("the same once more", "hls", "phone"),
    ] {
        // Within one second the same device has nothing to write, and reads once more to be sure.
        tokio::time::sleep(Duration::from_millis(1_100)).await;
        calls(&place);
        let reply = watch("alice", episode).header("user-agent", agent).send(address).await;
        assert_eq!(reply.status, 200, "{what}: {}", reply.text());
        let calls = calls(&place);
        let names: Vec<_> = calls.iter().map(|call| call.operation.as_str()).collect();
        assert_eq!(depth(&calls), 2, "{what}: {names:?}");
        let session = reply.json()["sessionId"].as_str().unwrap().to_owned();

        tokio::time::sleep(Duration::from_millis(1_100)).await;
        self::calls(&place);
        let beat =
            format!("/users/alice/sessions/{session}/heartbeat?seriesId=s&episodeId={episode}");
        let beat = Request::new("POST", beat).token(&token("alice")).header("user-agent", agent);
        let reply = beat.send(address).await;
        assert_eq!(reply.status, 200, "{what}, renewed: {}", reply.text());
        assert_eq!(depth(&self::calls(&place)), 2, "{what}, renewed");
    }
    // In sequence two; in all, what docs/dynamodb.md says.
    let fresh = place.hls("fresh");
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    calls(&place);
    let reply = watch("alice", "fresh").header("user-agent", "phone").send(address).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let asked = calls(&place);
    let count = |operation: &str| asked.iter().filter(|call| call.operation == operation).count();
    assert_eq!((count("GetItem"), count("PutItem")), (3, 1));
    assert_eq!(count(&format!("HEAD {fresh}")), 1);
    let writes = asked.iter().filter(|call| call.operation == "PutItem");
    for write in writes {
        let request: Value = serde_json::from_slice(&write.request).unwrap();
        assert_eq!(request["TableName"], place.table("sessions"));
    }
    assert_eq!(program.ended().await.0, Some(0));
}
