//! Every way in which a call can fail: the last good keys stay, that is said, and it passes by itself.

use std::time::{Duration, Instant};

use tollgate_backends::ports::PortError;
use tollgate_emulators::Fault;

use super::{Place, until};
use crate::keys::{P256, RSA, stored};

/// Calls and their attempts are cut short, so that what gives no answer is known soon.
const SHORT: &str = "timeout = 2";

/// Each with what is said of it. The delay is longer than a call may take.
const FAULTS: [(Fault, &str); 8] = [
    (Fault::Throttle, "gets no answer"),
    (Fault::Internal, "gets no answer"),
    (Fault::Reset, "gets no answer"),
    (Fault::LostReply, "gets no answer"),
    (Fault::Delay(Duration::from_secs(3)), "gets no answer"),
    (Fault::Silence, "gets no answer"),
    (Fault::Garbage, "gets no answer"),
    (Fault::AccessDenied, "is refused"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_good_keys_stay_until_the_service_is_back() {
    // Side by side, because each takes its time.
    let cases = FAULTS.into_iter().enumerate().map(|(at, (fault, reason))| async move {
        let place = if at % 2 == 0 {
            Place::secret(&stored("K1", &RSA)).await
        } else {
            Place::parameter(&stored("K1", &RSA)).await
        };
        let gateway = place.open(SHORT).await;
        assert_eq!(gateway.stale(), None);
        place.put(&stored("K2", &P256));
        place.proxy.fail("*", fault, usize::MAX);
        let started = Instant::now();
        let unheard = gateway.keys.by_id("K2").await;
        assert!(matches!(unheard, Err(PortError::Unavailable(_))), "{fault:?}: {unheard:?}");
        assert!(started.elapsed() < Duration::from_secs(5), "{fault:?}");
        assert!(gateway.stale().unwrap().contains(reason), "{fault:?}: {:?}", gateway.stale());
        assert_eq!(gateway.signs().await, "K1", "{fault:?}");
        gateway.upkeep.check().await.unwrap();
        let during = gateway.upkeep.freshness().unwrap();
        assert!(during.failures > 0 && during.refreshes > during.failures, "{during:?}");
        place.proxy.heal();
        until("recovery", async || gateway.signs().await == "K2").await;
        assert!(gateway.knows("K1").await, "{fault:?}");
        assert_eq!(gateway.stale(), None, "{fault:?}");
        assert!(gateway.upkeep.freshness().unwrap().age < during.age + Duration::from_secs(60));
    });
    futures::future::join_all(cases).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fault_that_passes_is_not_seen() {
    for (fault, _) in FAULTS.into_iter().filter(|(fault, _)| *fault != Fault::AccessDenied) {
        // An answer that cannot be read is no answer, and is not asked for twice.
        if fault == Fault::Garbage {
            continue;
        }
        let place = Place::secret(&stored("K1", &RSA)).await;
        place.proxy.fail("*", fault, 1);
        let gateway = place.open("timeout = 4").await;
        assert_eq!(gateway.signs().await, "K1", "{fault:?}");
        assert_eq!(gateway.stale(), None, "{fault:?}");
        assert_eq!(gateway.upkeep.freshness().unwrap().failures, 0, "{fault:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outage_at_the_start_is_no_mistake_and_grants_nothing() {
    let silent = FAULTS.into_iter().filter(|(fault, _)| *fault != Fault::AccessDenied);
    let cases = silent.enumerate().map(|(at, (fault, _))| async move {
        let place = if at % 2 == 0 {
            Place::parameter(&stored("K1", &RSA)).await
        } else {
            Place::secret(&stored("K1", &RSA)).await
        };
        place.proxy.fail("*", fault, usize::MAX);
        let gateway = place.open(SHORT).await;
        for answer in [gateway.keys.current().await.map(Some), gateway.keys.by_id("K1").await] {
            assert!(matches!(answer, Err(PortError::Unavailable(_))), "{fault:?}: {answer:?}");
        }
        assert!(gateway.upkeep.check().await.is_err(), "{fault:?}");
        assert_eq!(gateway.stale(), None, "there is nothing old to use");
        place.proxy.heal();
        until("the first key", async || gateway.upkeep.check().await.is_ok()).await;
        assert_eq!(gateway.signs().await, "K1", "{fault:?}");
    });
    futures::future::join_all(cases).await;
}
