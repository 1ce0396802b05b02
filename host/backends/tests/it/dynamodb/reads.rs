//! How often the service is asked.

use std::time::Duration;

use serde_json::Value;
use tollgate_backends::ports::ClaimOutcome;
use tollgate_emulators::{Fault, proxy::depth};

use super::Place;
use crate::contract::claims::{claimed, request};

const ROUND_TRIP: Fault = Fault::Delay(Duration::from_millis(40));

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_claim_that_was_expected_is_one_more_round_trip() {
    let place = Place::new().await;
    let gateway = place.gateway(2).await;
    place.proxy.fail("*", ROUND_TRIP, usize::MAX);
    // A new user, the same device again, a second device, and one whose lease ran out.
    for (device, now) in [("a", 1_000), ("a", 1_010), ("b", 1_020), ("a", 9_000)] {
        place.proxy.take_calls();
        gateway.sessions.expect("u");
        let lookups = futures::future::join(
            gateway.entitlements.lookup("u", "s"),
            gateway.catalog.episode("s", "e"),
        );
        let (entitlement, episode) = lookups.await;
        assert_eq!((entitlement.unwrap(), episode.unwrap()), (None, None));
        claimed(&*gateway.sessions, &request("u", device, now)).await;
        let calls = place.proxy.take_calls();
        assert_eq!(depth(&calls), 2, "{device} {now}");
        assert_eq!(calls.len(), 4, "{device} {now}: two lookups, one look ahead, one write");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_rests_on_what_is_there_now() {
    let place = Place::new().await;
    let gateway = place.gateway(2).await;
    for device in ["a", "b", "c"] {
        claimed(&*gateway.sessions, &request("u", device, 1_000)).await;
    }
    gateway.sessions.expect("u");
    tokio::time::sleep(Duration::from_millis(100)).await;
    // Since that was read, a place became free through another gateway.
    let other = place.gateway(2).await;
    assert!(other.sessions.release("u", "id-u-a-1000", 1_001).await.unwrap());
    claimed(&*gateway.sessions, &request("u", "d", 1_001)).await;
    let refused = gateway.sessions.claim(&request("u", "e", 1_001)).await.unwrap();
    assert!(matches!(refused, ClaimOutcome::LimitReached { active: 3, .. }), "{refused:?}");
}

#[tokio::test]
async fn a_look_ahead_that_failed_costs_only_time() {
    let place = Place::new().await;
    let gateway = place.gateway(2).await;
    place.proxy.fail("GetItem", Fault::AccessDenied, 1);
    gateway.sessions.expect("u");
    claimed(&*gateway.sessions, &request("u", "d", 1_000)).await;
}

#[tokio::test]
async fn what_could_grant_is_read_consistently() {
    let place = Place::new().await;
    let gateway = place.gateway(2).await;
    gateway.sessions.expect("u");
    gateway.entitlements.lookup("u", "s").await.unwrap();
    gateway.catalog.episode("s", "e").await.unwrap();
    claimed(&*gateway.sessions, &request("u", "d", 1_000)).await;
    gateway.sessions.active("u", 1_000).await.unwrap();
    for call in place.proxy.take_calls().iter().filter(|call| call.operation == "GetItem") {
        let request: Value = serde_json::from_slice(&call.request).unwrap();
        let table = request["TableName"].as_str().unwrap();
        let consistent = request["ConsistentRead"].as_bool().unwrap_or(false);
        assert_eq!(consistent, !table.ends_with("-catalog"), "{table}");
    }
}
