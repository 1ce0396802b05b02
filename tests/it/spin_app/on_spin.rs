//! The app on real Spin, where a number of requests, or a restart, is enough to see it.

use std::{fs, time::Duration};

use serde_json::json;

use super::{
    crowd::CROWD,
    origin::{Behaviour, Origin},
    read,
    scene::{ask, before, crowd, patient, play},
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

#[tokio::test(flavor = "multi_thread")]
async fn playlists_are_read_whole_and_with_their_own_query_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("state")).unwrap();
    let installation = read::installation();
    let store = Store::make(&folder.path().join("state/sqlite_db.db"), &installation).await;
    store.fill(&before(), now());
    let origin = Origin::start(Behaviour::answers(404, "", "")).await;
    let objects = format!("objects_url=http://{}", origin.address);
    let more = ["--variable", objects.as_str()];
    let program = spin::program();
    let process = Process::start(&program, folder.path(), &installation, &store, &more).await;
    for (behaviour, status, slug, mention) in read::refusals() {
        origin.behave(behaviour);
        // What was no playlist is not asked for again within the second that a copy is kept.
        tokio::time::sleep(Duration::from_millis(1050)).await;
        let answer = ask(process.address, "GET", read::PLAYLIST, "phone").await;
        let found = (answer.status, &answer.json()["type"]);
        assert_eq!(found, (status, &json!(slug)), "{mention}: {answer:?}");
    }
    origin.behave(Behaviour::answers(200, "", read::MASTER));
    tokio::time::sleep(Duration::from_millis(1050)).await;
    let master = ask(process.address, "GET", read::PLAYLIST, "phone").await;
    assert_eq!(master.status, 200, "{master:?}");
    let text = master.text();
    let nested = text.lines().nth(2).unwrap().strip_prefix("https://api.example.com").unwrap();
    let nested = nested.replace("index.m3u8?", "index.m3u8?_HLS_msn=7&a=%2f&");
    ask(process.address, "GET", &nested, "native").await;
    let asked = origin.reads().pop().unwrap();
    assert!(asked.contains("/low/index.m3u8?_hls_msn=7&a=%2f http/1.1\r\n"), "{asked}");
    assert!(asked.contains("\r\naccept-encoding: identity\r\n"), "{asked}");
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
