//! Several processes on one file: this test runs itself as its own children.

use std::{path::Path, process::Command, time::Duration};

use tollgate_backends::{
    ports::{ClaimOutcome, Sessions},
    sqlite::SqliteStore,
};

use crate::contract::claims::request;

const STORE: &str = "TOLLGATE_TEST_STORE";
const CHILDREN: usize = 4;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn processes_share_three_places() {
    if let Ok(store) = std::env::var(STORE) {
        // Even the making of the file is a race between the children.
        let places = claim_twenty(Path::new(&store)).await;
        println!("places={places};");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("tollgate.db");
    let children: Vec<_> = (0..CHILDREN)
        .map(|_| {
            Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "processes::processes_share_three_places", "--nocapture"])
                .env(STORE, &store)
                .stdout(std::process::Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    let mut places = 0;
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        let text = String::from_utf8(output.stdout).unwrap();
        let (_, rest) = text.split_once("places=").unwrap();
        places += rest.split_once(';').unwrap().0.parse::<usize>().unwrap();
    }
    assert_eq!(places, 3);
    let store = SqliteStore::open(&store, Duration::from_secs(5)).await.unwrap();
    assert_eq!(store.active("u", 1_000).await.unwrap().len(), 3);
}

async fn claim_twenty(path: &Path) -> usize {
    let store = SqliteStore::open(path, Duration::from_secs(30)).await.unwrap();
    let mut places = 0;
    for device in 0..20 {
        let device = format!("{}-{device}", std::process::id());
        let outcome = store.claim(&request("u", &device, 1_000)).await.unwrap();
        places += usize::from(matches!(outcome, ClaimOutcome::Claimed(_)));
    }
    places
}
