//! `wit/sessions.wit`: how a place is kept, given back and listed.

use tollgate_backends::{
    ports::{ClaimOutcome, PortError, RenewRequest},
    registry::Port,
};

use super::claims::{claimed, request};
use crate::bench::serving;

fn renewal(session_id: &str, device: &str, now: u64) -> RenewRequest {
    RenewRequest {
        user: "u".to_owned(),
        session_id: session_id.to_owned(),
        device: device.to_owned(),
        watching: None,
        now,
        expires_at: now + 600,
    }
}

#[tokio::test]
async fn a_renewal_prolongs_and_keeps_a_later_expiry() {
    for bench in serving(Port::Sessions) {
        let port = bench.sessions().await;
        let lease = claimed(&*port, &request("u", "d", 1_000)).await;
        let renewed = port.renew(&renewal(&lease.id, "d", 1_300)).await.unwrap().unwrap();
        assert_eq!((renewed.started_at, renewed.renewed_at), (1_000, 1_300), "{}", bench.name());
        assert_eq!((renewed.expires_at, renewed.episode.as_str()), (1_900, "e"));

        let moved = RenewRequest {
            watching: Some(("s2".to_owned(), "e2".to_owned())),
            expires_at: 1_500,
            ..renewal(&lease.id, "d", 1_400)
        };
        let moved = port.renew(&moved).await.unwrap().unwrap();
        assert_eq!((moved.series.as_str(), moved.episode.as_str()), ("s2", "e2"));
        assert_eq!(moved.expires_at, 1_900, "{}", bench.name());
        assert_eq!(port.active("u", 1_899).await.unwrap(), [moved], "{}", bench.name());
    }
}

#[tokio::test]
async fn only_the_device_renews_and_only_while_the_lease_lives() {
    for bench in serving(Port::Sessions) {
        let port = bench.sessions().await;
        let lease = claimed(&*port, &request("u", "d", 1_000)).await;
        let good = renewal(&lease.id, "d", 1_100);
        for (case, bad) in [
            ("another device", RenewRequest { device: "x".to_owned(), ..good.clone() }),
            ("another user", RenewRequest { user: "v".to_owned(), ..good.clone() }),
            ("another lease", RenewRequest { session_id: "x".to_owned(), ..good.clone() }),
            ("at its end", renewal(&lease.id, "d", 1_600)),
            ("long after", renewal(&lease.id, "d", 9_000)),
        ] {
            assert_eq!(port.renew(&bad).await.unwrap(), None, "{case}: {}", bench.name());
        }
        assert_eq!(
            port.active("u", 1_100).await.unwrap(),
            std::slice::from_ref(&lease),
            "{}",
            bench.name()
        );
        let backwards = RenewRequest { expires_at: 1_100, ..good.clone() };
        let refused = port.renew(&backwards).await;
        assert!(matches!(refused, Err(PortError::InvalidArgument(_))), "{}", bench.name());
        assert!(port.renew(&renewal(&lease.id, "d", 1_599)).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn a_release_frees_the_place_once() {
    for bench in serving(Port::Sessions) {
        let port = bench.sessions().await;
        let mut leases = Vec::new();
        for device in ["a", "b", "c"] {
            leases.push(claimed(&*port, &request("u", device, 1_000)).await);
        }
        let id = &leases[1].id;
        assert!(!port.release("v", id, 1_000).await.unwrap(), "another user: {}", bench.name());
        assert!(!port.release("u", "x", 1_000).await.unwrap(), "no lease: {}", bench.name());
        assert!(!port.release("u", id, 1_600).await.unwrap(), "expired: {}", bench.name());
        let full = port.claim(&request("u", "d", 1_001)).await.unwrap();
        assert!(matches!(full, ClaimOutcome::LimitReached { .. }), "{}", bench.name());
        assert!(port.release("u", id, 1_001).await.unwrap(), "{}", bench.name());
        assert!(!port.release("u", id, 1_001).await.unwrap(), "twice: {}", bench.name());
        assert_eq!(port.renew(&renewal(id, "b", 1_001)).await.unwrap(), None);
        claimed(&*port, &request("u", "d", 1_001)).await;
    }
}

#[tokio::test]
async fn the_live_leases_are_listed_the_oldest_first() {
    for bench in serving(Port::Sessions) {
        let port = bench.sessions().await;
        for (device, now) in [("z", 1_000), ("a", 1_001), ("m", 1_002), ("z", 1_400)] {
            claimed(&*port, &request("u", device, now)).await;
        }
        claimed(&*port, &request("v", "other", 1_000)).await;
        for (now, expected) in
            [(1_400, &["z", "a", "m"][..]), (1_601, &["z", "m"]), (1_602, &["z"]), (2_000, &[])]
        {
            let leases = port.active("u", now).await.unwrap();
            let devices: Vec<_> = leases.iter().map(|lease| lease.device.as_str()).collect();
            assert_eq!(devices, expected, "{now}: {}", bench.name());
        }
    }
}

#[tokio::test]
async fn upkeep_removes_only_what_nobody_can_see() {
    for bench in serving(Port::Sessions) {
        let port = bench.sessions().await;
        let Some(upkeep) = bench.adapter().await.upkeep else { continue };
        upkeep.check().await.unwrap();
        for (user, now) in [("u", 1_000), ("v", 1_000), ("v2", 1_001)] {
            claimed(&*port, &request(user, "d", now)).await;
        }
        assert_eq!(upkeep.purge(1_599).await.unwrap(), 0, "{}", bench.name());
        // A store that deletes by itself, when it likes, has nothing to do.
        let purged = upkeep.purge(1_600).await.unwrap();
        assert!(purged == 2 || (purged == 0 && bench.deletes_by_itself()), "{}", bench.name());
        assert_eq!(port.active("v2", 1_600).await.unwrap().len(), 1, "{}", bench.name());
    }
}
