//! Every way in which a call can fail: the answer is right, in time, and nothing is granted twice or lost.

use std::time::{Duration, Instant};

use tollgate_backends::ports::{ClaimOutcome, PortError, RenewRequest};
use tollgate_emulators::Fault;

use super::{Place, gateway};
use crate::contract::claims::{claimed, request};

/// Faults that may pass, or stay.
const PASSING: [Fault; 6] = [
    Fault::Throttle,
    Fault::TransactionConflict,
    Fault::Internal,
    Fault::Reset,
    Fault::LostReply,
    Fault::Delay(LATE),
];

/// Later than the first attempt waits, where a call may take six seconds; the second has as long on a busy machine.
const LATE: Duration = Duration::from_millis(3_100);

/// Longer than the limit of a call; what is not over by then never ends.
const IN_TIME: Duration = Duration::from_millis(3_500);

fn unavailable<T: std::fmt::Debug>(answer: Result<T, PortError>, what: &str) {
    assert!(matches!(answer, Err(PortError::Unavailable(_))), "{what}: {answer:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fault_that_passes_is_not_seen() {
    let place = Place::new().await;
    let gateway = place.gateway(6).await;
    gateway.administration.grant("u", "s", "active", None).await.unwrap();
    for fault in PASSING {
        // A read is no part of a transaction, so DynamoDB answers none with a conflict.
        if fault == Fault::TransactionConflict {
            continue;
        }
        let started = Instant::now();
        place.proxy.fail("GetItem", fault, 1);
        let found = gateway.entitlements.lookup("u", "s").await.unwrap();
        assert!(found.is_some(), "{fault:?}");
        place.proxy.fail("GetItem", fault, 1);
        assert_eq!(gateway.catalog.episode("s", "e").await.unwrap(), None, "{fault:?}");
        assert!(started.elapsed() < Duration::from_secs(15), "{fault:?}");
    }
    for (at, fault) in PASSING.into_iter().enumerate() {
        let user = format!("u{at}");
        place.proxy.fail("PutItem", fault, 1);
        let lease = claimed(&*gateway.sessions, &request(&user, "d", 1_000)).await;
        assert_eq!(lease.id, format!("id-{user}-d-1000"), "{fault:?}");
        assert_eq!(
            gateway.sessions.active(&user, 1_000).await.unwrap(),
            std::slice::from_ref(&lease)
        );
        let renewal = RenewRequest {
            user: user.clone(),
            session_id: lease.id.clone(),
            device: "d".to_owned(),
            watching: None,
            now: 1_100,
            expires_at: 1_700,
        };
        place.proxy.fail("PutItem", fault, 1);
        let renewed = gateway.sessions.renew(&renewal).await.unwrap().unwrap();
        assert_eq!((renewed.id.as_str(), renewed.expires_at), (lease.id.as_str(), 1_700));
        place.proxy.fail("PutItem", fault, 1);
        assert!(gateway.sessions.release(&user, &lease.id, 1_100).await.unwrap(), "{fault:?}");
        assert_eq!(gateway.sessions.active(&user, 1_100).await.unwrap(), [], "{fault:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fault_that_stays_is_said_in_time_and_grants_nothing() {
    let place = Place::new().await;
    let faults = PASSING.into_iter().chain([Fault::Silence, Fault::Garbage]);
    // Side by side, because each takes its time.
    let cases = faults.enumerate().map(|(at, fault)| {
        let place = &place;
        async move {
            let gateway = place.gateway(2).await;
            let proxy = tollgate_emulators::Proxy::before(place.proxy.url()).await;
            let broken = super::gateway(&place.text(proxy.url(), 2)).await;
            let fault = match fault {
                Fault::Delay(_) => Fault::Delay(Duration::from_secs(30)),
                fault => fault,
            };
            let user = format!("u{at}");
            proxy.fail("*", fault, usize::MAX);
            let started = Instant::now();
            unavailable(broken.entitlements.lookup(&user, "s").await, &format!("{fault:?}"));
            unavailable(broken.catalog.episode("s", "e").await, &format!("{fault:?}"));
            unavailable(broken.sessions.active(&user, 1_000).await, &format!("{fault:?}"));
            unavailable(broken.upkeep.check().await, &format!("{fault:?}"));
            let claim = request(&user, "d", 1_000);
            unavailable(broken.sessions.claim(&claim).await, &format!("{fault:?}"));
            assert!(started.elapsed() < 5 * IN_TIME, "{fault:?}");
            // Writing fails, reading does not.
            proxy.heal();
            proxy.fail("PutItem", fault, usize::MAX);
            unavailable(broken.sessions.claim(&claim).await, &format!("{fault:?}"));
            // The device may hold its place by now, if only the answers were lost; then it is told so.
            proxy.heal();
            let lease = claimed(&*broken.sessions, &claim).await;
            assert_eq!(gateway.sessions.active(&user, 1_000).await.unwrap(), [lease], "{fault:?}");
        }
    });
    futures::future::join_all(cases).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_reply_costs_no_second_place() {
    let place = Place::new().await;
    let gateway = place.gateway(2).await;
    for device in ["a", "b"] {
        claimed(&*gateway.sessions, &request("u", device, 1_000)).await;
    }
    // The third place is taken and nobody hears of it; the fourth device comes in between.
    place.proxy.fail("PutItem", Fault::LostReply, usize::MAX);
    unavailable(gateway.sessions.claim(&request("u", "c", 1_001)).await, "lost replies");
    place.proxy.heal();
    let refused = gateway.sessions.claim(&request("u", "d", 1_002)).await.unwrap();
    assert_eq!(refused, ClaimOutcome::LimitReached { active: 3, next_free_at: 1_600 });
    let lease = claimed(&*gateway.sessions, &request("u", "c", 1_003)).await;
    assert_eq!((lease.id.as_str(), lease.started_at), ("id-u-c-1001", 1_001));
    assert_eq!(gateway.sessions.active("u", 1_003).await.unwrap().len(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_names_the_permission_and_is_not_asked_for_again() {
    let place = Place::new().await;
    let gateway = place.gateway(2).await;
    place.proxy.fail("*", Fault::AccessDenied, usize::MAX);
    place.proxy.take_calls();
    let refused = gateway.entitlements.lookup("u", "s").await.unwrap_err().to_string();
    let table = place.table("entitlements");
    assert!(refused.contains(&format!("dynamodb:GetItem on table {table}")), "{refused}");
    assert_eq!(place.proxy.count("GetItem"), 1);
    place.proxy.heal();
    place.proxy.fail("PutItem", Fault::AccessDenied, 1);
    let refused = gateway.sessions.claim(&request("u", "d", 1_000)).await.unwrap_err();
    assert!(matches!(refused, PortError::AccessDenied(_)), "{refused:?}");
    let refused = refused.to_string();
    assert!(refused.contains("dynamodb:PutItem"), "{refused}");
}

#[tokio::test]
async fn a_service_that_is_not_there_is_unavailable() {
    let place = Place::new().await;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let gateway = gateway(&place.text(&nobody, 1)).await;
    unavailable(gateway.entitlements.lookup("u", "s").await, "nobody there");
    unavailable(gateway.sessions.claim(&request("u", "d", 1_000)).await, "nobody there");
}

#[tokio::test]
async fn a_table_that_is_not_there_is_named() {
    let place = Place::new().await;
    let text = place.text(place.proxy.url(), 2).replace("-catalog", "-katalog");
    let gateway = gateway(&text).await;
    let error = gateway.catalog.episode("s", "e").await.unwrap_err().to_string();
    assert!(error.contains("-katalog does not exist"), "{error}");
    let error = gateway.upkeep.check().await.unwrap_err().to_string();
    assert!(error.contains("-katalog does not exist"), "{error}");
}
