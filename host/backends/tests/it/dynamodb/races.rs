//! Many claims at once, with the record of every version the item ever had.

use std::{collections::BTreeSet, sync::Arc};

use tollgate_backends::ports::{ClaimOutcome, ClaimRequest, OnLimit};
use tollgate_emulators::{Fault, history};

use super::Place;
use crate::contract::claims::request;

async fn storm(place: &Place, on_limit: OnLimit) -> usize {
    let gateways = [Arc::new(place.gateway(20).await), Arc::new(place.gateway(20).await)];
    let claims: Vec<_> = (0..200)
        .map(|claim| {
            let gateway = Arc::clone(&gateways[(claim + claim / 60) % 2]);
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
        let history = history::leases(&place.proxy.take_calls());
        for leases in &history {
            assert!(leases.len() <= 3, "{leases:?}");
            let devices: BTreeSet<_> = leases.values().collect();
            assert_eq!(devices.len(), leases.len(), "a device has one lease: {leases:?}");
        }
        match on_limit {
            // 200 claims of 60 devices: three devices have three or four claims each.
            OnLimit::BlockNew => assert!((9..=12).contains(&granted), "{granted}"),
            OnLimit::EvictOldest => assert_eq!(granted, 200),
        }
        assert_eq!(history.last().unwrap().len(), 3);
    }
}
