//! Requests that are asked on the thread of an instance.

use std::{
    sync::{Arc, Mutex},
    thread,
};

use tokio::sync::oneshot;
use tollgate::component::{Gate, GateError, GateOptions, gate::Seat};
use tollgate_backends::ports::{Answer, Objects, Ports};

use super::{
    ask,
    fakes::{self, Fakes},
    faulty, faulty_with,
};

/// Remembers on which threads it was asked.
#[derive(Clone, Default)]
struct Witness(Arc<Mutex<Vec<String>>>);

impl Objects for Witness {
    fn exists<'a>(&'a self, _: &'a str) -> Answer<'a, bool> {
        Box::pin(async {
            self.0.lock().unwrap().push(here());
            Ok(true)
        })
    }
}

fn here() -> String {
    thread::current().name().unwrap_or_default().to_owned()
}

/// Does `work` on a seat and answers what came of it.
async fn on<R: Send + 'static>(seat: Seat, work: impl Future<Output = R> + Send + 'static) -> R {
    let (done, answer) = oneshot::channel();
    seat.spawn(async move {
        let _ = done.send(work.await);
    });
    answer.await.unwrap()
}

fn seat(gate: &Gate) -> Seat {
    gate.seat().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_instance_of_the_same_thread_answers() {
    let witness = Witness::default();
    let ports =
        Ports { objects: Arc::new(witness.clone()), ..fakes::ports(&Arc::new(Fakes::default())) };
    let options = GateOptions { instances: 2, ..GateOptions::default() };
    let gate = faulty_with(ports, options).await;
    let seats = [seat(&gate), seat(&gate)];
    let mut threads = Vec::new();
    for seat in seats {
        let asking = gate.clone();
        let thread = on(seat, async move {
            for _ in 0..5 {
                assert_eq!(ask(asking.clone(), "wait").await.unwrap(), "wait");
            }
            here()
        });
        let thread = thread.await;
        assert_eq!(std::mem::take(&mut *witness.0.lock().unwrap()), vec![thread.clone(); 5]);
        threads.push(thread);
    }
    threads.sort();
    assert_eq!(threads, ["gate-0", "gate-1"], "whoever comes next sits where fewer do");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_instance_leaves_the_rest_to_the_others() {
    let options = GateOptions { instances: 2, ..GateOptions::default() };
    let (gate, fakes) = faulty(options).await;
    let asking = gate.clone();
    // More than one instance takes at once; all are inside before the first is answered.
    let waiting = on(seat(&gate), async move {
        (0..100).map(|_| tokio::spawn(ask(asking.clone(), "wait"))).collect::<Vec<_>>()
    });
    let waiting = waiting.await;
    fakes.wait_for_calls(100).await;
    fakes.open();
    for request in waiting {
        assert_eq!(request.await.unwrap().unwrap(), "wait");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seat_outlives_its_instance() {
    let (gate, _fakes) = faulty(GateOptions { instances: 1, ..GateOptions::default() }).await;
    let asking = gate.clone();
    on(seat(&gate), async move {
        for _ in 0..3 {
            let failed = ask(asking.clone(), "trap").await;
            assert!(matches!(failed, Err(GateError::Failed)));
            assert_eq!(ask(asking.clone(), "anything").await.unwrap(), "anything");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_seated_ends_with_the_gate() {
    let (gate, _fakes) = faulty(GateOptions { instances: 1, ..GateOptions::default() }).await;
    let (held, ended) = oneshot::channel::<()>();
    seat(&gate).spawn(async move {
        let _held = held;
        std::future::pending().await
    });
    drop(gate);
    // The sender goes with the task.
    assert!(ended.await.is_err());
}
