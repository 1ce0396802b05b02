//! `wit/sessions.wit`: who gets a place.

use std::sync::Arc;

use tokio::sync::Barrier;
use tollgate_backends::{
    ports::{ClaimOutcome, ClaimRequest, OnLimit, PortError, Session, Sessions},
    registry::Port,
};

use super::ODD;
use crate::bench::serving;

/// A claim that lasts ten minutes.
pub fn request(user: &str, device: &str, now: u64) -> ClaimRequest {
    ClaimRequest {
        user: user.to_owned(),
        device: device.to_owned(),
        session_id: format!("id-{user}-{device}-{now}"),
        series: "s".to_owned(),
        episode: "e".to_owned(),
        now,
        expires_at: now + 600,
        max_devices: 3,
        on_limit: OnLimit::BlockNew,
    }
}

/// The lease, where the claim must succeed.
pub async fn claimed(port: &dyn Sessions, request: &ClaimRequest) -> Session {
    match port.claim(request).await.unwrap() {
        ClaimOutcome::Claimed(session) => session,
        refused => panic!("{refused:?}"),
    }
}

async fn devices(port: &dyn Sessions, user: &str, now: u64) -> Vec<String> {
    let leases = port.active(user, now).await.unwrap();
    leases.into_iter().map(|session| session.device).collect()
}

#[tokio::test]
async fn a_claim_makes_a_lease() {
    for bench in serving(Port::Sessions) {
        let port = bench.sessions().await;
        let session = claimed(&*port, &request("u", "d", 1_000)).await;
        let expected = Session {
            id: "id-u-d-1000".to_owned(),
            device: "d".to_owned(),
            series: "s".to_owned(),
            episode: "e".to_owned(),
            started_at: 1_000,
            renewed_at: 1_000,
            expires_at: 1_600,
        };
        assert_eq!(session, expected, "{}", bench.name());
        assert_eq!(port.active("u", 1_000).await.unwrap(), [expected], "{}", bench.name());
    }
}

#[tokio::test]
async fn the_same_device_keeps_its_lease() {
    for bench in serving(Port::Sessions) {
        let port = bench.sessions().await;
        let first = claimed(&*port, &request("u", "d", 1_000)).await;
        let again = ClaimRequest { episode: "e2".to_owned(), ..request("u", "d", 1_100) };
        let second = claimed(&*port, &again).await;
        assert_eq!(second.id, first.id, "{}", bench.name());
        assert_eq!((second.started_at, second.renewed_at), (1_000, 1_100));
        assert_eq!((second.expires_at, second.episode.as_str()), (1_700, "e2"));
        let shorter = ClaimRequest { expires_at: 1_300, ..request("u", "d", 1_200) };
        assert_eq!(claimed(&*port, &shorter).await.expires_at, 1_700, "a later expiry is kept");
        assert_eq!(devices(&*port, "u", 1_200).await, ["d"], "{}", bench.name());
    }
}

#[tokio::test]
async fn the_fourth_device_is_refused_and_nothing_changes() {
    for bench in serving(Port::Sessions) {
        let port = bench.sessions().await;
        for (device, now) in [("a", 1_000), ("b", 1_001), ("c", 1_002)] {
            claimed(&*port, &request("u", device, now)).await;
        }
        let before = port.active("u", 1_100).await.unwrap();
        let refused = port.claim(&request("u", "d", 1_100)).await.unwrap();
        let expected = ClaimOutcome::LimitReached { active: 3, next_free_at: 1_600 };
        assert_eq!(refused, expected, "{}", bench.name());
        assert_eq!(port.active("u", 1_100).await.unwrap(), before, "{}", bench.name());
        // Those who are in stay in, and other users do not count.
        claimed(&*port, &request("u", "b", 1_100)).await;
        claimed(&*port, &request("U", "d", 1_100)).await;
        assert_eq!(devices(&*port, "u", 1_100).await, ["a", "b", "c"], "{}", bench.name());
    }
}

#[tokio::test]
async fn an_expired_lease_frees_its_place() {
    for bench in serving(Port::Sessions) {
        let port = bench.sessions().await;
        for device in ["a", "b", "c"] {
            claimed(&*port, &request("u", device, 1_000)).await;
        }
        let last = port.claim(&request("u", "d", 1_599)).await.unwrap();
        assert!(matches!(last, ClaimOutcome::LimitReached { .. }), "{}", bench.name());
        claimed(&*port, &request("u", "d", 1_600)).await;
        assert_eq!(devices(&*port, "u", 1_600).await, ["d"], "{}", bench.name());
        let back = claimed(&*port, &request("u", "a", 1_600)).await;
        assert_eq!((back.id.as_str(), back.started_at), ("id-u-a-1600", 1_600), "a new lease");
    }
}

#[tokio::test]
async fn the_lease_renewed_longest_ago_makes_room() {
    for bench in serving(Port::Sessions) {
        let port = bench.sessions().await;
        for (device, now) in [("a", 1_000), ("b", 1_001), ("c", 1_002), ("a", 1_010)] {
            claimed(&*port, &request("u", device, now)).await;
        }
        let evicting = ClaimRequest { on_limit: OnLimit::EvictOldest, ..request("u", "d", 1_020) };
        claimed(&*port, &evicting).await;
        assert_eq!(devices(&*port, "u", 1_020).await, ["a", "c", "d"], "{}", bench.name());
        // A limit that was lowered since holds once the claim is done.
        let stricter = ClaimRequest { max_devices: 1, device: "e".to_owned(), ..evicting };
        let stricter = ClaimRequest { session_id: "id-e".to_owned(), ..stricter };
        claimed(&*port, &stricter).await;
        assert_eq!(devices(&*port, "u", 1_020).await, ["e"], "{}", bench.name());
    }
}

#[tokio::test]
async fn no_text_is_mistaken_for_another() {
    for bench in serving(Port::Sessions) {
        let port = bench.sessions().await;
        for text in ODD {
            assert_eq!(devices(&*port, text, 1_000).await, [""; 0], "{text:?}");
            let mut odd = request(text, text, 1_000);
            (odd.series, odd.episode) = ((*text).to_owned(), (*text).to_owned());
            if !bench.takes(text) {
                let refused = port.claim(&odd).await;
                assert!(matches!(refused, Err(PortError::InvalidArgument(_))), "{refused:?}");
                continue;
            }
            let session = claimed(&*port, &odd).await;
            assert_eq!((&session.series, &session.episode), (&odd.series, &odd.episode));
            assert_eq!(port.active(text, 1_000).await.unwrap(), [session], "{text:?}");
        }
    }
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    for bench in serving(Port::Sessions) {
        let port = bench.sessions().await;
        claimed(&*port, &request("u", "other", 1_000)).await;
        let good = request("u", "d", 1_000);
        for bad in [
            ClaimRequest { expires_at: 1_000, ..good.clone() },
            ClaimRequest { expires_at: 999, ..good.clone() },
            ClaimRequest { max_devices: 0, ..good.clone() },
            ClaimRequest { expires_at: u64::MAX, ..good.clone() },
            // Somebody else's lease is never handed over.
            ClaimRequest { session_id: "id-u-other-1000".to_owned(), ..good.clone() },
        ] {
            let refused = port.claim(&bad).await;
            assert!(matches!(refused, Err(PortError::InvalidArgument(_))), "{refused:?} {bad:?}");
        }
        assert_eq!(devices(&*port, "u", 1_000).await, ["other"], "{}", bench.name());
    }
}

/// The promise of the whole: fifty plays at once, through two gateways, and three get in.
#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn fifty_devices_at_once_get_three_places() {
    for bench in serving(Port::Sessions) {
        let gateways = [bench.sessions().await, bench.sessions().await];
        for round in 0..5 {
            let user = format!("u{round}");
            let start = Arc::new(Barrier::new(50));
            let plays: Vec<_> = (0..50)
                .map(|device| {
                    let port = Arc::clone(&gateways[device % 2]);
                    let start = Arc::clone(&start);
                    let request = request(&user, &format!("d{device}"), 1_000);
                    tokio::spawn(async move {
                        start.wait().await;
                        port.claim(&request).await
                    })
                })
                .collect();
            let mut granted = Vec::new();
            for play in plays {
                match play.await.unwrap().unwrap() {
                    ClaimOutcome::Claimed(session) => granted.push(session.device),
                    refused => assert_eq!(
                        refused,
                        ClaimOutcome::LimitReached { active: 3, next_free_at: 1_600 },
                        "{}",
                        bench.name()
                    ),
                }
            }
            assert_eq!(granted.len(), 3, "{}", bench.name());
            granted.sort();
            for gateway in &gateways {
                let mut live = devices(&**gateway, &user, 1_000).await;
                live.sort();
                assert_eq!(live, granted, "{}", bench.name());
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn one_device_that_claims_fifty_times_at_once_has_one_lease() {
    for bench in serving(Port::Sessions) {
        let gateways = [bench.sessions().await, bench.sessions().await];
        let start = Arc::new(Barrier::new(50));
        let plays: Vec<_> = (0..50)
            .map(|play| {
                let (port, start) = (Arc::clone(&gateways[play % 2]), Arc::clone(&start));
                let session_id = format!("id{play}");
                let request = ClaimRequest { session_id, ..request("u", "d", 1_000) };
                tokio::spawn(async move {
                    start.wait().await;
                    claimed(&*port, &request).await.id
                })
            })
            .collect();
        let mut ids = Vec::new();
        for play in plays {
            ids.push(play.await.unwrap());
        }
        ids.dedup();
        assert_eq!(ids.len(), 1, "{}", bench.name());
    }
}
