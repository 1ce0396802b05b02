//! Fifty requests whose lookups are slow wait together and not one after another, as many in an instance as it takes.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use futures::future::{BoxFuture, join_all};
use serde_json::json;
use tokio::sync::watch;
use tollgate_spin_host::{Call, Interference, Options, Trap};

use super::scene::{Scene, Setting, patient, play};

pub const CROWD: usize = 50;

/// What every request looks up at once.
const KINDS: [&str; 3] = ["entitlement", "episode", "object"];

/// How often a machine may be too busy.
const ATTEMPTS: usize = 5;

/// What an instance needs to notice that all its requests wait.
const PAUSE: Duration = Duration::from_millis(10);

/// Longer than fifty requests take to get there on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Holds lookups of each kind until the whole crowd is there, so that only a crowd that is in flight together gets on.
#[derive(Default)]
struct Gathering(Mutex<BTreeMap<&'static str, Arc<watch::Sender<usize>>>>);

impl Gathering {
    fn most(&self, kind: &str) -> usize {
        self.0.lock().unwrap().get(kind).map_or(0, |present| *present.borrow())
    }
}

impl Interference for Gathering {
    fn before<'a>(&'a self, call: Call<'a>) -> BoxFuture<'a, Result<(), Trap>> {
        let kind = match call {
            Call::Request(_) => Some("object"),
            Call::Statement(text) if text.contains("entitlements") => Some("entitlement"),
            Call::Statement(text) if text.contains("episodes") => Some("episode"),
            _ => None,
        };
        Box::pin(async move {
            let Some(kind) = kind else { return Ok(()) };
            let present = Arc::clone(self.0.lock().unwrap().entry(kind).or_default());
            present.send_modify(|present| *present += 1);
            let mut seen = present.subscribe();
            let all = seen.wait_for(|present| *present >= CROWD);
            // Whoever waits in vain goes on, and the numbers show that not all were there.
            let _ = tokio::time::timeout(PATIENCE, all).await;
            Ok(())
        })
    }
}

/// An instance takes the next request only while those it has are really waiting. So each is sent when the one before
/// waits; a machine that is busy enough may still make a second instance in between.
#[tokio::test(flavor = "multi_thread")]
async fn fifty_requests_wait_for_their_lookups_together_in_one_instance() {
    let mut seen = Vec::new();
    while seen.len() < ATTEMPTS && !seen.contains(&(1, CROWD)) {
        seen.push(gather(CROWD).await);
    }
    assert!(seen.contains(&(1, CROWD)), "instances, and the most requests in one: {seen:?}");
}

/// Spin's default.
#[tokio::test(flavor = "multi_thread")]
async fn an_instance_takes_sixteen_requests_unless_told_otherwise() {
    let mut seen = Vec::new();
    while seen.len() < ATTEMPTS && !seen.iter().any(|(_, most)| *most == 16) {
        let (instances, most) = gather(Options::default().concurrent).await;
        assert!(most <= 16, "{most} requests in an instance");
        assert!(instances >= 4, "fifty requests in {instances} instances");
        seen.push((instances, most));
    }
    assert!(seen.iter().any(|(_, most)| *most == 16), "sixteen in an instance, not {seen:?}");
}

/// Lets fifty requests wait for each other: in how many instances they did, and the most in one.
async fn gather(concurrent: usize) -> (usize, usize) {
    let gathering = Arc::new(Gathering::default());
    let setting = Setting {
        installation: patient(&json!({ "max-devices": 100 })),
        concurrent,
        interference: Some(Arc::clone(&gathering) as Arc<dyn Interference>),
        ..Setting::default()
    };
    let scene = Scene::set(setting).await;
    let address = scene.address;
    let mut plays = Vec::new();
    for device in 1..=CROWD {
        plays.push(tokio::spawn(async move { play(address, "s", &device.to_string()).await }));
        until("a request that waits for all its lookups", async || {
            KINDS.iter().all(|kind| gathering.most(kind) >= device)
        })
        .await;
        tokio::time::sleep(PAUSE).await;
    }
    for answer in join_all(plays).await {
        let answer = answer.unwrap();
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    for kind in KINDS {
        assert_eq!(gathering.most(kind), CROWD, "{kind} lookups in flight together");
    }
    (scene.app.instances_made(), scene.app.most_in_an_instance())
}

async fn until(what: &str, is_so: impl AsyncFn() -> bool) {
    let wait = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.unwrap_or_else(|_| panic!("no {what}"));
}
