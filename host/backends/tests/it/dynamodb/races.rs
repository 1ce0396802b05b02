//! Many claims at once, with the record of every version the item ever had.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::Value;
use tollgate_backends::ports::{ClaimOutcome, ClaimRequest, OnLimit};
use tollgate_emulators::{Fault, proxy::Call};

use super::Place;
use crate::contract::claims::request;

/// The devices in each version that was written, in the order in which the table took them.
fn history(calls: &[Call]) -> Vec<Vec<String>> {
    let written = |call: &&Call| {
        // An answer without an error is empty.
        let answer = call.response.as_ref().and_then(|body| serde_json::from_slice(body).ok());
        call.operation == "PutItem"
            && answer.is_some_and(|answer: Value| answer.get("__type").is_none())
    };
    let mut versions: BTreeMap<String, (Value, Option<String>)> = BTreeMap::new();
    for call in calls.iter().filter(written) {
        let request: Value = serde_json::from_slice(&call.request).unwrap();
        let revision = request["Item"]["revision"]["S"].as_str().unwrap().to_owned();
        let before = request["ExpressionAttributeValues"][":revision"]["S"].as_str();
        let before = before.map(str::to_owned);
        versions.insert(revision, (request, before));
    }
    // Each version names the one it replaced, so the chain is the history, whatever order the proxy saw.
    let mut chain = Vec::new();
    let mut last: Option<String> = None;
    while let Some((revision, (request, _))) =
        versions.iter().find(|(_, (_, before))| *before == last)
    {
        let leases = request["Item"]["leases"]["L"].as_array().unwrap();
        let device = |lease: &Value| lease["M"]["device"]["S"].as_str().unwrap().to_owned();
        chain.push(leases.iter().map(device).collect());
        last = Some(revision.clone());
    }
    assert_eq!(chain.len(), versions.len(), "every write replaced the one before it");
    chain
}

async fn storm(place: &Place, on_limit: OnLimit) -> usize {
    let gateways = [Arc::new(place.gateway(20).await), Arc::new(place.gateway(20).await)];
    let claims: Vec<_> = (0..200)
        .map(|claim| {
            let gateway = Arc::clone(&gateways[claim % 2]);
            let device = format!("d{}", claim % 60);
            let session_id = format!("id-{claim}");
            let request = ClaimRequest { session_id, on_limit, ..request("u", &device, 1_000) };
            tokio::spawn(async move { (device, gateway.sessions.claim(&request).await.unwrap()) })
        })
        .collect();
    let mut granted = 0;
    for claim in claims {
        match claim.await.unwrap() {
            (device, ClaimOutcome::Claimed(lease)) => {
                assert_eq!(lease.device, device);
                granted += 1;
            }
            (_, ClaimOutcome::LimitReached { active, next_free_at }) => {
                assert_eq!((active, next_free_at), (3, 1_600));
            }
        }
    }
    granted
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_version_of_the_item_ever_had_a_fourth_lease() {
    for on_limit in [OnLimit::BlockNew, OnLimit::EvictOldest] {
        let place = Place::new().await;
        // Replies that are lost on the way make it worse.
        place.proxy.fail("PutItem", Fault::LostReply, 10);
        let granted = storm(&place, on_limit).await;
        let history = history(&place.proxy.take_calls());
        for devices in &history {
            assert!(devices.len() <= 3, "{devices:?}");
            let mut once = devices.clone();
            once.sort();
            once.dedup();
            assert_eq!(once.len(), devices.len(), "a device has one lease: {devices:?}");
        }
        match on_limit {
            // 200 claims of 60 devices: three devices have three or four claims each.
            OnLimit::BlockNew => assert!((9..=12).contains(&granted), "{granted}"),
            OnLimit::EvictOldest => assert_eq!(granted, 200),
        }
        assert_eq!(history.last().unwrap().len(), 3);
    }
}
