//! `wit/sessions.wit`: what holds when clocks go back and when many make room for themselves at once.

use std::sync::Arc;

use tokio::sync::Barrier;
use tollgate_backends::{
    ports::{ClaimRequest, OnLimit, RenewRequest, Sessions},
    registry::Port,
};

use super::claims::{claimed, request};
use crate::bench::serving;

fn evicting(device: &str, now: u64) -> ClaimRequest {
    ClaimRequest { on_limit: OnLimit::EvictOldest, ..request("u", device, now) }
}

fn renewal(id: &str, device: &str, now: u64) -> RenewRequest {
    RenewRequest {
        user: "u".to_owned(),
        session_id: id.to_owned(),
        device: device.to_owned(),
        watching: None,
        now,
        expires_at: now + 600,
    }
}

#[tokio::test]
async fn a_clock_that_goes_back_shortens_nothing() {
    for bench in serving(Port::Sessions) {
        let port = bench.sessions().await;
        let lease = claimed(&*port, &request("u", "d", 1_000)).await;
        // Another gateway's clock is a minute behind.
        let again = claimed(&*port, &request("u", "d", 940)).await;
        assert_eq!(again, lease, "{}", bench.name());
        let renewed = port.renew(&renewal(&lease.id, "d", 940)).await.unwrap().unwrap();
        assert_eq!(renewed, lease, "{}", bench.name());
        // It does not see a lease end earlier either, nor does it count one twice.
        assert_eq!(port.active("u", 940).await.unwrap(), [lease], "{}", bench.name());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn fifty_devices_that_make_room_at_once_leave_three() {
    for bench in serving(Port::Sessions) {
        let gateways = [bench.sessions().await, bench.sessions().await];
        let start = Arc::new(Barrier::new(50));
        let plays: Vec<_> = (0..50)
            .map(|device| {
                let (port, start) = (Arc::clone(&gateways[device % 2]), Arc::clone(&start));
                tokio::spawn(async move {
                    start.wait().await;
                    claimed(&*port, &evicting(&format!("d{device}"), 1_000)).await;
                    port.active("u", 1_000).await.unwrap().len()
                })
            })
            .collect();
        for play in plays {
            assert!(play.await.unwrap() <= 3, "{}", bench.name());
        }
        assert_eq!(gateways[0].active("u", 1_000).await.unwrap().len(), 3, "{}", bench.name());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn a_renewal_beside_an_eviction_keeps_the_lease_or_says_that_it_is_gone() {
    for bench in serving(Port::Sessions) {
        let port: Arc<dyn Sessions> = bench.sessions().await;
        for round in 0..20_u64 {
            let now = 1_000 + round * 10_000;
            let one = |device: &str, now| ClaimRequest { max_devices: 1, ..evicting(device, now) };
            let lease = claimed(&*port, &one("old", now)).await;
            let (renewing, claiming) = (Arc::clone(&port), Arc::clone(&port));
            let renewal = renewal(&lease.id, "old", now + 1);
            let renewed = tokio::spawn(async move { renewing.renew(&renewal).await.unwrap() });
            let newcomer = one("new", now + 1);
            let claim = tokio::spawn(async move { claimed(&*claiming, &newcomer).await });
            // Whichever came first, the newcomer made room for itself, and nothing came back to life.
            let (_, newcomer) = (renewed.await.unwrap(), claim.await.unwrap());
            assert_eq!(port.active("u", now + 1).await.unwrap(), [newcomer], "{}", bench.name());
        }
    }
}
