//! What the suite cannot see through the ports: how many statements a call takes, what is swept, what errors say.

use rusqlite::Connection;
use tempfile::TempDir;
use tollgate_backends::ports::{ClaimOutcome, ClaimRequest, OnLimit, Sessions};

use super::{Connections, store::StoreError};
use crate::contract::claims::{claimed, request};

fn database() -> (TempDir, Connections) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tollgate.db");
    let schema = include_str!("../../../src/sqlite/schema.sql");
    Connection::open(&path).unwrap().execute_batch(schema).unwrap();
    (folder, Connections::to(path))
}

fn rows(folder: &TempDir) -> i64 {
    let connection = Connection::open(folder.path().join("tollgate.db")).unwrap();
    connection.query_row("SELECT count(*) FROM sessions", [], |row| row.get(0)).unwrap()
}

/// Every statement is a trip over the network where the database is another machine's.
#[tokio::test]
async fn a_call_takes_few_statements() {
    let (_folder, database) = database();
    for device in ["a", "b", "c"] {
        claimed(&database, &request("u", device, 1_000)).await;
        assert_eq!(database.ran().len(), 2, "a new lease, and the sweep");
    }
    claimed(&database, &request("u", "a", 1_001)).await;
    assert_eq!(database.ran().len(), 1, "the same device again");
    let refused = database.claim(&request("u", "d", 1_001)).await.unwrap();
    assert!(matches!(refused, ClaimOutcome::LimitReached { .. }));
    assert_eq!(database.ran().len(), 2, "a refusal, and its numbers");
    let evicting = ClaimRequest { on_limit: OnLimit::EvictOldest, ..request("u", "d", 1_002) };
    claimed(&database, &evicting).await;
    assert_eq!(database.ran().len(), 3, "an eviction");
}

#[tokio::test]
async fn leases_that_are_over_do_not_pile_up() {
    let (folder, database) = database();
    for number in 0..40 {
        claimed(&database, &request(&format!("u{number}"), "d", 1_000)).await;
    }
    assert_eq!(rows(&folder), 40);
    for number in 0..3 {
        claimed(&database, &request(&format!("v{number}"), "d", 1_600)).await;
    }
    assert_eq!(rows(&folder), 3, "the three new ones");
}

#[tokio::test]
async fn an_identifier_of_a_lease_that_is_over_is_free() {
    let (_folder, database) = database();
    claimed(&database, &request("u", "old", 1_000)).await;
    let again = ClaimRequest { session_id: "id-u-old-1000".to_owned(), ..request("u", "d", 1_600) };
    assert_eq!(claimed(&database, &again).await.id, "id-u-old-1000");
}

/// The own lease that is over must not stand in the way of taking a place over.
#[tokio::test]
async fn a_device_whose_lease_is_over_takes_the_oldest_place() {
    let (_folder, database) = database();
    claimed(&database, &request("u", "d", 1_000)).await;
    for (device, now) in [("a", 1_500), ("b", 1_501), ("c", 1_700)] {
        let lasting = ClaimRequest { expires_at: 9_000, ..request("u", device, now) };
        claimed(&database, &lasting).await;
    }
    let evicting = ClaimRequest { on_limit: OnLimit::EvictOldest, ..request("u", "d", 1_800) };
    let lease = claimed(&database, &evicting).await;
    assert_eq!((lease.id.as_str(), lease.started_at), ("id-u-d-1800", 1_800));
    let live = database.active("u", 1_800).await.unwrap();
    let devices: Vec<_> = live.iter().map(|lease| lease.device.as_str()).collect();
    assert_eq!(devices, ["b", "c", "d"]);
}

#[tokio::test]
async fn a_missing_table_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let database = Connections::to(folder.path().join("tollgate.db"));
    let error = super::store::entitlement(&database, "u", "s").await.unwrap_err();
    assert_eq!(error, StoreError::NoTable("entitlements".to_owned()));
}

#[test]
fn texts_of_databases_are_told_apart() {
    let of = StoreError::of_text;
    assert_eq!(of("no such table: main.sessions"), StoreError::NoTable("sessions".to_owned()));
    assert_eq!(
        of("Hrana: `stream error: SQLite error: no such table: episodes in SELECT …`"),
        StoreError::NoTable("episodes".to_owned())
    );
    assert_eq!(of("UNIQUE constraint failed: sessions.user, sessions.id"), StoreError::Conflict);
    assert!(matches!(of("database is locked"), StoreError::Unavailable(_)));
    assert!(matches!(of("near \"x\": syntax error"), StoreError::Failed(_)));
}
