//! A panic costs the requests that are in the same instance, and nobody else.

use std::sync::Arc;

use futures::{future::BoxFuture, join};
use tokio::sync::{Notify, watch};
use tollgate_spin_host::{Call, Interference, Trap};

use super::scene::{Scene, Setting};

/// Holds requests at their lookup of an object, and says when one is there.
#[derive(Default)]
struct Held {
    there: Notify,
    open: watch::Sender<bool>,
}

impl Interference for Held {
    fn before<'a>(&'a self, call: Call<'a>) -> BoxFuture<'a, Result<(), Trap>> {
        Box::pin(async move {
            if matches!(call, Call::Request(_)) {
                self.there.notify_one();
                // An error is a sender that is gone, and with it the test.
                let _ = self.open.subscribe().wait_for(|open| *open).await;
            }
            Ok(())
        })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_is_500_for_the_requests_of_its_instance_and_the_next_one_works() {
    let held = Arc::new(Held::default());
    let scene = Scene::set(Setting {
        component: "fixtures/spin-faulty.wasm",
        interference: Some(Arc::clone(&held) as Arc<dyn Interference>),
        ..Setting::default()
    })
    .await;
    // The faulty gate does what the series asked for is called.
    let waiting = scene.play("wait", "one");
    let panicking = async {
        held.there.notified().await;
        scene.play("trap", "two").await
    };
    let (waiting, panicking) = join!(waiting, panicking);
    for answer in [waiting, panicking] {
        assert_eq!((answer.status, answer.body.len()), (500, 0), "{answer:?}");
    }
    assert_eq!((scene.app.instances_made(), scene.app.instances_lost()), (1, 1));
    held.open.send_replace(true);
    for series in ["wait", "fine"] {
        assert_eq!(scene.play(series, "three").await.status, 200);
    }
    assert_eq!((scene.app.instances_made(), scene.app.instances_lost()), (2, 1));
}

/// Traps the first time that a lease is claimed.
#[derive(Default)]
struct Once(std::sync::atomic::AtomicBool);

impl Interference for Once {
    fn before<'a>(&'a self, call: Call<'a>) -> BoxFuture<'a, Result<(), Trap>> {
        let is_claim = matches!(call, Call::Statement(text) if text.contains("sessions"));
        let is_first = is_claim && !self.0.swap(true, std::sync::atomic::Ordering::SeqCst);
        Box::pin(async move { if is_first { Err(Trap) } else { Ok(()) } })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trap_in_the_middle_of_a_claim_leaves_nothing_behind() {
    let interference: Option<Arc<dyn Interference>> = Some(Arc::new(Once::default()));
    let scene = Scene::set(Setting { interference, ..Setting::default() }).await;
    let answer = scene.play("s", "phone").await;
    assert_eq!((answer.status, answer.body.len()), (500, 0), "{answer:?}");
    let answer = scene.play("s", "phone").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let leases = scene.ground.store.database.leases("alice", crate::scenarios::clock::now());
    assert_eq!(leases.len(), 1);
}
