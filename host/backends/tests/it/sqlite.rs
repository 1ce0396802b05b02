//! What is particular to the SQLite file: its schema, its neighbours, its editing.

use std::{fs, path::Path, time::Duration};

use rusqlite::Connection;
use tollgate_backends::{
    administration::{Administration, Granted, Upkeep},
    ports::{Catalog, Entitlement, Entitlements, Media, PortError, Sessions},
    sqlite::SqliteStore,
};

use crate::contract::claims::{claimed, request};

async fn open(path: &Path) -> Result<SqliteStore, String> {
    SqliteStore::open(path, Duration::from_secs(5)).await.map_err(|error| error.to_string())
}

async fn refusal(path: &Path) -> String {
    open(path).await.err().expect("the file must be refused")
}

#[tokio::test]
async fn a_file_is_opened_again_and_by_two_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tollgate.db");
    let first = open(&path).await.unwrap();
    first.grant("u", "s", "active", Some(9)).await.unwrap();
    let second = open(&path).await.unwrap();
    let expected = Some(Entitlement { status: "active".to_owned(), valid_until: Some(9) });
    assert_eq!(second.lookup("u", "s").await.unwrap(), expected);
    drop((first, second));
    assert_eq!(open(&path).await.unwrap().lookup("u", "s").await.unwrap(), expected);
}

#[cfg(unix)]
#[tokio::test]
async fn a_new_file_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tollgate.db");
    let store = open(&path).await.unwrap();
    store.grant("u", "s", "active", None).await.unwrap();
    for name in ["tollgate.db", "tollgate.db-wal"] {
        let mode = fs::metadata(folder.path().join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[tokio::test]
async fn files_that_are_not_ours_are_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let newer = folder.path().join("newer.db");
    drop(open(&newer).await.unwrap());
    Connection::open(&newer).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let text = refusal(&newer).await;
    assert!(text.contains("newer Tollgate (schema 99; this one knows up to 1)"), "{text}");

    let foreign = folder.path().join("foreign.db");
    Connection::open(&foreign).unwrap().execute_batch("CREATE TABLE t (a)").unwrap();
    let before = fs::read(&foreign).unwrap();
    assert!(refusal(&foreign).await.contains("not one of Tollgate"));
    assert_eq!(fs::read(&foreign).unwrap(), before);

    let text = folder.path().join("text.db");
    fs::write(&text, "this is not a database, but it is long enough to look at".repeat(99))
        .unwrap();
    assert!(refusal(&text).await.contains("is not a SQLite database"));

    let nowhere = folder.path().join("no/such/folder/tollgate.db");
    assert!(refusal(&nowhere).await.contains("does not exist"));
    assert!(refusal(folder.path()).await.contains(&folder.path().display().to_string()));
}

#[tokio::test]
async fn a_writer_that_does_not_finish_makes_the_store_unavailable() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tollgate.db");
    let store = SqliteStore::open(&path, Duration::from_millis(50)).await.unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = store.claim(&request("u", "d", 1_000)).await;
    assert!(matches!(refused, Err(PortError::Unavailable(_))), "{refused:?}");
    assert_eq!(store.active("u", 1_000).await.unwrap(), [], "reading goes on");
    other.execute_batch("ROLLBACK").unwrap();
    claimed(&store, &request("u", "d", 1_000)).await;
}

#[tokio::test]
async fn damage_is_an_error_and_never_an_absence() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tollgate.db");
    let store = open(&path).await.unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("DROP TABLE entitlements; DROP TABLE sessions").unwrap();
    let lookup = store.lookup("user-7", "s").await;
    let Err(PortError::Other(text)) = lookup else { panic!("{lookup:?}") };
    assert!(!text.contains("user-7"), "{text}");
    assert!(store.claim(&request("u", "d", 1_000)).await.is_err());
    assert!(store.purge(0).await.is_err());
}

#[tokio::test]
async fn people_edit_what_is_on_record() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("tollgate.db")).await.unwrap();
    store.grant("u", "s", "active", None).await.unwrap();
    store.grant("u", "s", "completed", Some(5)).await.unwrap();
    store.grant("a", "s", "active", None).await.unwrap();
    let completed = Entitlement { status: "completed".to_owned(), valid_until: Some(5) };
    assert_eq!(store.lookup("u", "s").await.unwrap(), Some(completed.clone()));
    let of_u = Granted { user: "u".to_owned(), series: "s".to_owned(), entitlement: completed };
    assert_eq!(store.entitlements(Some("u")).await.unwrap(), [of_u]);
    assert_eq!(store.entitlements(None).await.unwrap().len(), 2);
    assert!(store.revoke("u", "s").await.unwrap());
    assert!(!store.revoke("u", "s").await.unwrap());
    assert_eq!(store.lookup("u", "s").await.unwrap(), None);

    let media = Media { video: Some("v.mp4".to_owned()), poster: None };
    store.put_episode("s", "e", &Media { video: None, poster: None }).await.unwrap();
    store.put_episode("s", "e", &media).await.unwrap();
    assert_eq!(store.episode("s", "e").await.unwrap(), Some(media.clone()));
    assert_eq!(store.episodes(Some("s")).await.unwrap()[0].media, media);
    assert_eq!(store.episodes(Some("t")).await.unwrap(), []);
    assert!(store.remove_episode("s", "e").await.unwrap());
    assert!(!store.remove_episode("s", "e").await.unwrap());

    for (user, device) in [("v", "d1"), ("u", "d2"), ("u", "d1")] {
        claimed(&store, &request(user, device, 1_000)).await;
    }
    let watching = Administration::sessions(&store, None, 1_000).await.unwrap();
    let found: Vec<_> = watching.iter().map(|it| (&*it.user, &*it.session.device)).collect();
    assert_eq!(found, [("u", "d1"), ("u", "d2"), ("v", "d1")]);
    assert_eq!(Administration::sessions(&store, Some("v"), 1_000).await.unwrap().len(), 1);
    assert_eq!(Administration::sessions(&store, None, 1_600).await.unwrap(), []);
}

#[tokio::test]
async fn what_could_never_be_asked_for_is_not_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("tollgate.db")).await.unwrap();
    let long = "x".repeat(129);
    for bad in ["", ".", "..", "a/b", "a b", "é", "a\n", "a%2Fb", long.as_str()] {
        let refused = [
            store.grant(bad, "s", "active", None).await,
            store.grant("u", bad, "active", None).await,
            store.put_episode(bad, "e", &Media { video: None, poster: None }).await,
            store.put_episode("s", bad, &Media { video: None, poster: None }).await,
            store.revoke(bad, "s").await.map(|_| ()),
            store.remove_episode("s", bad).await.map(|_| ()),
        ];
        for result in refused {
            assert!(matches!(result, Err(PortError::InvalidArgument(_))), "{bad:?}: {result:?}");
        }
    }
    for (status, valid_until) in
        [("", None), ("two words", None), ("active", Some(1_767_290_400_000))]
    {
        assert!(store.grant("u", "s", status, valid_until).await.is_err(), "{status:?}");
    }
    for key in ["", "/v.mp4", "v\n.mp4"] {
        let media = Media { video: Some(key.to_owned()), poster: None };
        assert!(store.put_episode("s", "e", &media).await.is_err(), "{key:?}");
    }
    store.grant(&"x".repeat(128), "A.b_c~d-9", "Active", Some(9_223_372_036)).await.unwrap();
    assert_eq!(store.entitlements(None).await.unwrap().len(), 1);
    assert_eq!(store.episodes(None).await.unwrap(), []);
}
