//! The gate's instances when a component traps, hangs or grows.

mod builder;
pub mod fakes;
mod links;
mod long_playlists;
mod seats;
mod turns;

use std::{
    path::PathBuf,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use fakes::Fakes;
use tollgate::component::{
    Gate, GateError, GateOptions, Runtime,
    gate::{PlaybackRequest, Role, Viewer},
};

use tollgate_backends::ports::Ports;

use crate::patience::until;

/// Innocent requests of the same gate are judged by it too, twice each, so it is long against what a busy machine keeps
/// a thread waiting that has a few microseconds of work.
const HANG_LIMIT: Duration = Duration::from_secs(2);

#[tokio::test(flavor = "multi_thread")]
async fn a_trap_costs_only_its_own_request() {
    let (gate, fakes) = faulty(GateOptions { instances: 1, ..GateOptions::default() }).await;
    let innocent = tokio::spawn(ask(gate.clone(), "wait"));
    fakes.wait_for_calls(1).await;

    assert!(matches!(ask(gate.clone(), "trap").await, Err(GateError::Failed)));
    fakes.open();

    assert_eq!(innocent.await.unwrap().unwrap(), "wait");
    assert_eq!(fakes.calls.load(Ordering::SeqCst), 2, "the innocent request was run again, once");
    // The shared instance and the one the culprit had to itself, counted right after it was answered.
    until("the loss of two instances", async || gate.lost_instances() >= 2).await;
    assert_eq!(gate.lost_instances(), 2);
    assert_eq!(ask(gate.clone(), "anything").await.unwrap(), "anything", "the replacement serves");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hang_is_ended_and_costs_only_its_own_request() {
    let options = GateOptions { instances: 1, hang_limit: HANG_LIMIT, ..GateOptions::default() };
    let (gate, fakes) = faulty(options).await;
    let innocent = tokio::spawn(ask(gate.clone(), "wait"));
    fakes.wait_for_calls(1).await;

    let guilty = tokio::spawn(ask(gate.clone(), "hang"));
    fakes.open();

    assert!(matches!(guilty.await.unwrap(), Err(GateError::Failed)));
    assert_eq!(innocent.await.unwrap().unwrap(), "wait");
    assert_eq!(ask(gate.clone(), "anything").await.unwrap(), "anything");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_asks_its_ports_without_end_is_ended() {
    let options = GateOptions {
        instances: 1,
        hang_limit: HANG_LIMIT,
        port_timeout: Duration::from_millis(50),
        ..GateOptions::default()
    };
    let (gate, fakes) = faulty(options).await;
    fakes.open();
    assert!(matches!(ask(gate.clone(), "nag").await, Err(GateError::Failed)));
    assert_eq!(ask(gate.clone(), "anything").await.unwrap(), "anything");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_that_panics_costs_only_its_own_request() {
    let (gate, fakes) = faulty(GateOptions { instances: 1, ..GateOptions::default() }).await;
    let innocent = tokio::spawn(ask(gate.clone(), "wait"));
    fakes.wait_for_calls(1).await;
    for _ in 0..10 {
        let panicking = PlaybackRequest { episode: "panic".to_owned(), ..request("wait") };
        assert!(matches!(gate.authorize(panicking).await, Err(GateError::Failed)));
    }
    fakes.open();
    assert_eq!(innocent.await.unwrap().unwrap(), "wait");
    assert_eq!(ask(gate.clone(), "anything").await.unwrap(), "anything");
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_beyond_the_limit_is_a_trap() {
    let options = GateOptions { instances: 1, memory: 8 << 20, ..GateOptions::default() };
    let (gate, _) = faulty(options).await;
    assert!(matches!(ask(gate.clone(), "grow").await, Err(GateError::Failed)));
    assert_eq!(ask(gate.clone(), "anything").await.unwrap(), "anything");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_innocent_request_of_a_full_instance_survives() {
    let (gate, fakes) = faulty(GateOptions { instances: 1, ..GateOptions::default() }).await;
    // More than one instance takes at once, so that some are in it and some wait for their turn.
    let innocents: Vec<_> = (0..100).map(|_| tokio::spawn(ask(gate.clone(), "wait"))).collect();
    fakes.wait_for_calls(60).await;
    let guilty = tokio::spawn(ask(gate.clone(), "trap"));
    fakes.open();
    for innocent in innocents {
        assert_eq!(innocent.await.unwrap().unwrap(), "wait");
    }
    assert!(matches!(guilty.await.unwrap(), Err(GateError::Failed)));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_instance_serves_many_requests_at_once() {
    let (gate, fakes) = faulty(GateOptions { instances: 1, ..GateOptions::default() }).await;
    let waiting: Vec<_> = (0..50).map(|_| tokio::spawn(ask(gate.clone(), "wait"))).collect();
    // All fifty are inside before the first is answered.
    fakes.wait_for_calls(50).await;
    fakes.open();
    for request in waiting {
        assert_eq!(request.await.unwrap().unwrap(), "wait");
    }
    assert_eq!(gate.lost_instances(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_waits_for_any_more_is_not_begun() {
    let (gate, fakes) = faulty(GateOptions { instances: 1, ..GateOptions::default() }).await;
    // As many as one instance takes at once, so that what comes now waits for its turn.
    let inside: Vec<_> = (0..64).map(|_| tokio::spawn(ask(gate.clone(), "wait"))).collect();
    fakes.wait_for_calls(64).await;
    for _ in 0..10 {
        let mut abandoned = Box::pin(ask(gate.clone(), "wait"));
        assert!(futures::poll!(&mut abandoned).is_pending(), "it is in the queue");
    }
    let last = tokio::spawn(ask(gate.clone(), "wait"));
    fakes.open();
    for request in inside.into_iter().chain([last]) {
        assert_eq!(request.await.unwrap().unwrap(), "wait");
    }
    assert_eq!(fakes.calls.load(Ordering::SeqCst), 65, "the ten were never begun");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_that_does_not_answer_is_an_error_after_its_timeout() {
    let options = GateOptions {
        instances: 1,
        port_timeout: Duration::from_millis(50),
        ..GateOptions::default()
    };
    let (gate, _fakes) = faulty(options).await;
    let denied = gate.authorize(request("wait")).await.unwrap();
    assert!(denied.is_err());
    assert_eq!(gate.lost_instances(), 0);
}

async fn faulty(options: GateOptions) -> (Gate, Arc<Fakes>) {
    let fakes = Arc::new(Fakes::default());
    (faulty_with(fakes::ports(&fakes), options).await, fakes)
}

/// A gate with `tests/faulty-gate` in it.
pub async fn faulty_with(ports: Ports, options: GateOptions) -> Gate {
    let path = PathBuf::from(env!("TOLLGATE_COMPONENTS")).join("fixtures/faulty.wasm");
    let component = std::fs::read(&path).expect("scripts/build-components makes the fixture");
    let runtime = Runtime::with_gate(&component).unwrap();
    Gate::start(&runtime, ports, options).await.unwrap()
}

async fn ask(gate: Gate, series: &'static str) -> Result<String, GateError> {
    gate.authorize(request(series))
        .await
        .map(|answer| answer.expect("a faulty gate grants").video_url)
}

fn request(series: &str) -> PlaybackRequest {
    PlaybackRequest {
        viewer: Viewer {
            subject: "alice".to_owned(),
            user: "alice".to_owned(),
            roles: vec![Role::Standard],
            source_ip: Some("192.0.2.1".to_owned()),
            user_agent: None,
        },
        series: series.to_owned(),
        episode: "e1".to_owned(),
        delivery: None,
    }
}
