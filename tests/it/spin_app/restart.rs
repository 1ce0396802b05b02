//! What is recorded outlives the app.

use std::fs;

use super::scene::{Scene, Setting, before, play};
use crate::scenarios::{
    client,
    clock::now,
    database::Database,
    format::Installation,
    spin::{self, Process},
    store::Store,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_keeps_the_session_of_a_device() {
    let scene = Scene::set(Setting::default()).await;
    let first = scene.play("s", "phone").await;
    assert_eq!(first.status, 200, "{first:?}");
    let ground = scene.end().await;
    let scene = Scene::on(ground, Setting::default()).await;
    let second = scene.play("s", "phone").await;
    assert_eq!(second.json()["sessionId"], first.json()["sessionId"]);
    assert!(first.json()["sessionId"].is_string());
}

/// The option that `docs/spin.md` starts with makes the store, and changes nothing when it is there.
#[tokio::test(flavor = "multi_thread")]
async fn a_restart_with_the_schema_keeps_the_session_of_a_device_on_spin() {
    let Some(program) = spin::program() else { return };
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("state")).unwrap();
    let database = Database::at(&folder.path().join("state/sqlite_db.db"));
    let installation = Installation::default();
    let store = Store::around(database, &installation).await;
    let schema = format!("@{}", spin::SCHEMA_FILE);
    let more = ["--sqlite", schema.as_str()];
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
