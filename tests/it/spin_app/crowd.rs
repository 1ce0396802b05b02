//! Fifty requests in one instance, whose lookups are slow, wait together and not one after another.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use futures::future::{BoxFuture, join_all};
use serde_json::json;
use tokio::sync::watch;
use tollgate_spin_host::{Call, Interference, Trap};

use super::scene::{Scene, Setting, before, crowd, patient, play};
use crate::scenarios::{
    clock::now,
    objects::Objects,
    spin::{self, Process},
    store::Store,
};

const CROWD: usize = 50;

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
    let mut instances = Vec::new();
    while instances.len() < ATTEMPTS && !instances.contains(&1) {
        instances.push(gather().await);
    }
    assert!(instances.contains(&1), "fifty requests in one instance, not in {instances:?}");
}

/// Lets fifty requests wait for each other; in how many instances they did.
async fn gather() -> usize {
    let gathering = Arc::new(Gathering::default());
    let setting = Setting {
        installation: patient(&json!({ "max-devices": 100 })),
        concurrent: CROWD,
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
    scene.app.instances_made()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_takes_sixteen_requests_unless_told_otherwise() {
    let scene = Scene::set(Setting {
        installation: patient(&json!({ "max-devices": 100 })),
        ..Setting::default()
    })
    .await;
    for answer in scene.crowd(CROWD).await {
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    let leases = scene.ground.store.database.leases("alice", now());
    assert_eq!(leases.len(), CROWD);
}

/// The same on Spin, where only the object store sees how many ask at once.
#[tokio::test(flavor = "multi_thread")]
async fn fifty_requests_wait_together_on_spin() {
    let Some(program) = spin::program() else { return };
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("state")).unwrap();
    let installation = patient(&json!({ "max-devices": 100 }));
    let objects = Objects::gathering(CROWD).await;
    let database = folder.path().join("state/sqlite_db.db");
    let store = Store::make(&database, &installation).await.asking(objects);
    store.fill(&before(), now());
    let more = ["--max-instance-concurrent-reuse-count", "50"];
    let process = Process::start(&program, folder.path(), &installation, &store, &more).await;
    for answer in crowd(process.address, CROWD).await {
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    assert_eq!(store.objects.most_at_once(), CROWD);
}

async fn until(what: &str, is_so: impl AsyncFn() -> bool) {
    let wait = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.unwrap_or_else(|_| panic!("no {what}"));
}
