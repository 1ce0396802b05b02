//! The app on real Spin, where a number of requests, or a restart, is enough to see it.

use std::fs;

use serde_json::json;

use super::{
    crowd::CROWD,
    scene::{before, crowd, patient, play},
};
use crate::scenarios::{
    client,
    clock::now,
    database::Database,
    format::Installation,
    objects::Objects,
    spin::{self, Process},
    store::Store,
};

/// Only the object store sees how many ask at once.
#[tokio::test(flavor = "multi_thread")]
async fn fifty_requests_wait_together() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("state")).unwrap();
    let installation = patient(&json!({ "max-devices": 100 }));
    let objects = Objects::gathering(CROWD).await;
    let database = folder.path().join("state/sqlite_db.db");
    let store = Store::make(&database, &installation).await.asking(objects);
    store.fill(&before(), now());
    let more = ["--max-instance-concurrent-reuse-count", "50"];
    let program = spin::program();
    let process = Process::start(&program, folder.path(), &installation, &store, &more).await;
    for answer in crowd(process.address, CROWD).await {
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    assert_eq!(store.objects.most_at_once(), CROWD);
}

/// The option that `docs/spin.md` starts with makes the store, and changes nothing when it is there.
#[tokio::test(flavor = "multi_thread")]
async fn a_restart_with_the_schema_keeps_the_session_of_a_device() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("state")).unwrap();
    let database = Database::at(&folder.path().join("state/sqlite_db.db"));
    let installation = Installation::default();
    let store = Store::around(database, &installation).await;
    let schema = format!("@{}", spin::SCHEMA_FILE);
    let more = ["--sqlite", schema.as_str()];
    let program = spin::program();
    let mut sessions = Vec::new();
    for start in 0..2 {
        let process = Process::start(&program, folder.path(), &installation, &store, &more).await;
        let ready = client::send(process.address, "GET", "/readyz", &[]).await.unwrap();
        assert_eq!(ready.status, 200, "{ready:?}");
        if start == 0 {
            store.fill(&before(), now());
        }
        let answer = play(process.address, "s", "phone").await;
        assert_eq!(answer.status, 200, "{answer:?}");
        sessions.push(answer.json()["sessionId"].clone());
    }
    assert_eq!(sessions[0], sessions[1]);
    assert!(sessions[0].is_string());
}
