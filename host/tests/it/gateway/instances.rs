//! Instances that are lost, seen from outside: only the culprit notices.

use std::{path::PathBuf, sync::Arc, time::Duration};

use futures::future::join_all;
use tollgate::{
    component::{Gate, GateOptions, Runtime},
    gateway::{RequestSettings, ServerSettings},
};

use super::support::{
    PATIENCE,
    client::Call,
    desk::{ask, gateway},
    running::{self, Running},
    until,
};
use crate::component::fakes::{self, Fakes};

struct Faulty {
    address: std::net::SocketAddr,
    gate: Gate,
    fakes: Arc<Fakes>,
    _running: Running,
}

async fn faulty(hang_limit: Duration) -> Faulty {
    let path = PathBuf::from(env!("TOLLGATE_COMPONENTS")).join("fixtures/faulty.wasm");
    let component = std::fs::read(&path).expect("scripts/build-components makes the fixture");
    let fakes = Arc::new(Fakes::default());
    let options = GateOptions {
        instances: 1,
        hang_limit,
        // The test decides when ports answer, however long the culprit takes.
        port_timeout: PATIENCE,
        ..GateOptions::default()
    };
    let runtime = Runtime::with_gate(&component).unwrap();
    let gate = Gate::start(&runtime, fakes::ports(&fakes), options).await.unwrap();
    let requests = RequestSettings { timeout: PATIENCE, ..RequestSettings::default() };
    let gateway = gateway(Arc::new(gate.clone()), requests);
    let (address, running) = running::serve(gateway, ServerSettings::default()).await;
    Faulty { address, gate, fakes, _running: running }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trap_or_a_hang_is_500_for_the_culprit_and_200_for_the_rest() {
    for culprit in ["trap", "hang"] {
        let here = faulty(Duration::from_secs(1)).await;
        let address = here.address;
        let innocents: Vec<_> =
            (0..20).map(|_| tokio::spawn(async move { ask("wait").send(address).await })).collect();
        here.fakes.wait_for_calls(20).await;
        let guilty = ask(culprit);
        let (guilty, ()) = tokio::join!(guilty.send(address), async {
            // The shared instance is gone, and everybody who was in it waits again.
            here.fakes.wait_for_calls(40).await;
            here.fakes.open();
        });
        assert_eq!(guilty.slug(), (500, "internal-error".to_owned()), "{culprit}");
        for innocent in innocents {
            let reply = innocent.await.unwrap();
            assert_eq!(reply.status, 200, "{culprit}: {}", reply.text());
        }
        // The second loss is counted right after its request was answered.
        until("two losses", async || here.gate.lost_instances() == 2).await;
        assert_eq!(ask("anything").send(address).await.status, 200, "the replacement serves");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn several_culprits_at_once_take_nobody_with_them() {
    let here = faulty(Duration::from_secs(30)).await;
    here.fakes.open();
    let series: Vec<_> =
        (0..60).map(|number| if number % 6 == 0 { "trap" } else { "wait" }).collect();
    let replies = join_all(series.iter().map(|series| {
        let call = ask(series);
        async move { call.send(here.address).await }
    }))
    .await;
    for (series, reply) in series.iter().zip(replies) {
        let expected = if *series == "trap" { 500 } else { 200 };
        assert_eq!(reply.status, expected, "{series}: {}", reply.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hang_stops_no_other_connection_of_its_thread() {
    let here = faulty(PATIENCE).await;
    let address = here.address;
    let guilty = tokio::spawn(async move { ask("hang").send(address).await });
    for _ in 0..50 {
        assert_eq!(Call::get("/healthz").send(address).await.status, 200);
    }
    assert!(!guilty.is_finished(), "it hangs all the while");
    guilty.abort();
}
