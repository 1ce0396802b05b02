//! Writes share a transaction and nothing else: neither a failure nor a panic, nor somebody's impatience.

use std::sync::{Arc, mpsc};

use futures::{
    FutureExt,
    future::{BoxFuture, join_all},
};
use tempfile::TempDir;

use super::*;

struct Place {
    folder: TempDir,
    writer: Arc<Writer>,
}

impl Place {
    fn new(busy: Duration) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let connection = Connection::open(folder.path().join("t.db")).unwrap();
        connection.pragma_update(None, "journal_mode", "WAL").unwrap();
        connection.pragma_update(None, "synchronous", "NORMAL").unwrap();
        connection.busy_timeout(Duration::ZERO).unwrap();
        connection.execute_batch("CREATE TABLE t (at INTEGER PRIMARY KEY, name UNIQUE)").unwrap();
        Self { writer: Arc::new(Writer::start(connection, busy).unwrap()), folder }
    }

    fn beside(&self) -> Connection {
        Connection::open(self.folder.path().join("t.db")).unwrap()
    }

    fn names(&self) -> Vec<String> {
        names(&self.beside()).unwrap()
    }

    /// Keeps the writer busy until the sender goes, so that whatever is asked for until then is one group.
    fn hold(&self) -> mpsc::Sender<()> {
        let (release, held) = mpsc::channel::<()>();
        let (started, running) = mpsc::channel();
        let writer = Arc::clone(&self.writer);
        tokio::spawn(async move {
            let work = move |_: &Connection| {
                started.send(()).unwrap();
                let _ = held.recv();
                Ok(())
            };
            writer.write(Durability::Soon, work).await
        });
        tokio::task::block_in_place(|| running.recv().unwrap());
        release
    }
}

type Queued<'a, T> = BoxFuture<'a, Result<T, PortError>>;

impl Place {
    /// Has all of them wait at the same time, which makes them one group.
    async fn together<T>(&self, mut writes: Vec<Queued<'_, T>>) -> Vec<Result<T, PortError>> {
        let release = self.hold();
        for write in &mut writes {
            assert!(write.now_or_never().is_none(), "nobody is answered before the commit");
        }
        drop(release);
        join_all(writes).await
    }

    fn write(&self, work: fn(&Connection) -> rusqlite::Result<()>) -> Queued<'_, ()> {
        self.writer.write(Durability::Soon, work).boxed()
    }
}

fn names(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    connection.prepare("SELECT name FROM t ORDER BY at")?.query_map([], |row| row.get(0))?.collect()
}

fn insert(connection: &Connection, name: &str) -> rusqlite::Result<()> {
    connection.execute("INSERT INTO t (name) VALUES (?1)", [name]).map(drop)
}

const PATIENT: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_is_one_transaction_in_the_order_it_came() {
    let place = Place::new(PATIENT);
    let mut writes: Vec<_> = (0..20)
        .map(|number| {
            let work = move |connection: &Connection| insert(connection, &number.to_string());
            place.writer.write(Durability::Soon, work).boxed()
        })
        .collect();
    let others = place.beside();
    let last = place.writer.write(Durability::Soon, move |connection| {
        assert_eq!(names(connection)?.len(), 20);
        // Nobody else sees any of it yet.
        assert_eq!(names(&others)?.len(), 0);
        Ok(())
    });
    writes.push(last.boxed());
    assert!(place.together(writes).await.into_iter().all(|write| write.is_ok()));
    let expected: Vec<_> = (0..20).map(|number| number.to_string()).collect();
    assert_eq!(place.names(), expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_fails_or_panics_undoes_nothing_of_the_others() {
    let place = Place::new(PATIENT);
    let all = place.together(vec![
        place.write(|connection| insert(connection, "first")),
        place.write(|connection| {
            insert(connection, "half of it")?;
            insert(connection, "first")
        }),
        place.write(|connection| {
            insert(connection, "before the panic")?;
            panic!("expected")
        }),
        place.write(|connection| insert(connection, "last")),
    ]);
    let all = all.await;
    assert!(all[0].is_ok() && all[3].is_ok(), "{all:?}");
    assert!(matches!(all[1], Err(PortError::InvalidArgument(_))), "{all:?}");
    assert!(matches!(&all[2], Err(PortError::Other(text)) if text.contains("cut off")), "{all:?}");
    assert_eq!(place.names(), ["first", "last"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_that_is_lost_is_nobodys_success() {
    let place = Place::new(PATIENT);
    let all = place.together(vec![
        place.write(|connection| insert(connection, "before")),
        // As SQLite does by itself when the disk is full.
        place.write(|connection| {
            connection.execute_batch("ROLLBACK")?;
            insert(connection, "a").and_then(|()| insert(connection, "a"))
        }),
        place.write(|connection| insert(connection, "after")),
    ]);
    let all = all.await;
    assert!(all.iter().all(Result::is_err), "{all:?}");
    assert!(!place.names().iter().any(|name| name == "before" || name == "after"));
    // And the next one is served.
    place.write(|connection| insert(connection, "next")).await.unwrap();
    assert!(place.names().contains(&"next".to_owned()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_that_left_before_its_turn_is_skipped() {
    let place = Place::new(PATIENT);
    let release = place.hold();
    let left = place.writer.write(Durability::Soon, |connection| insert(connection, "left"));
    assert!(left.now_or_never().is_none());
    let stays = place.writer.write(Durability::Soon, |connection| insert(connection, "stays"));
    drop(release);
    stays.await.unwrap();
    assert_eq!(place.names(), ["stays"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_durable_write_makes_its_group_durable() {
    const FULL: i64 = 2;
    const NORMAL: i64 = 1;
    let place = Place::new(PATIENT);
    let synchronous = |connection: &Connection| {
        connection.pragma_query_value(None, "synchronous", |row| row.get::<_, i64>(0))
    };
    let both = [Durability::Soon, Durability::Now];
    let both = both.map(|how| place.writer.write(how, synchronous).boxed());
    let both: Result<Vec<_>, _> = place.together(both.into()).await.into_iter().collect();
    assert_eq!(both.unwrap(), [FULL, FULL]);
    assert_eq!(place.writer.write(Durability::Soon, synchronous).await.unwrap(), NORMAL);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_process_is_waited_for_as_long_as_it_may_be() {
    let place = Place::new(Duration::from_millis(100));
    let other = place.beside();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = place.writer.write(Durability::Soon, |connection| insert(connection, "a")).await;
    assert!(matches!(refused, Err(PortError::Unavailable(_))), "{refused:?}");
    other.execute_batch("COMMIT").unwrap();
    place.writer.write(Durability::Soon, |connection| insert(connection, "b")).await.unwrap();
    assert_eq!(place.names(), ["b"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_waits_for_another_process_on_behalf_of_callers_that_left() {
    // For ever, but for this.
    let place = Place::new(Duration::from_secs(1_000_000));
    let other = place.beside();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let write = place.writer.write(Durability::Soon, |connection| insert(connection, "a"));
    let left = tokio::time::timeout(Duration::from_millis(50), write).await;
    assert!(left.is_err());
    // Closing waits for the thread.
    drop(place.writer);
    other.execute_batch("COMMIT").unwrap();
    assert_eq!(names(&other).unwrap(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn there_is_an_end_to_what_waits() {
    let place = Place::new(PATIENT);
    let release = place.hold();
    let write = || place.writer.write(Durability::Soon, |connection| insert(connection, "a"));
    for _ in 0..MOST_WAITING {
        assert!(write().now_or_never().is_none());
    }
    let refused = write().now_or_never();
    assert!(matches!(refused, Some(Err(PortError::Unavailable(_)))), "{refused:?}");
    drop(release);
}

#[test]
fn what_waits_when_the_store_is_closed_is_still_answered() {
    let place = Place::new(PATIENT);
    let (jobs, waiting) = sync_channel::<Box<dyn Job>>(3);
    let answers: Vec<_> = (0..3)
        .map(|number: u8| {
            let (reply, answer) = oneshot::channel();
            let work = move |connection: &Connection| insert(connection, &number.to_string());
            let durability = Durability::Soon;
            jobs.send(Box::new(Write { durability, work: Some(work), made: None, reply })).unwrap();
            answer
        })
        .collect();
    drop(jobs);
    work_off(place.beside(), &waiting, PATIENT);
    for answer in answers {
        answer.blocking_recv().unwrap().unwrap();
    }
    assert_eq!(place.names(), ["0", "1", "2"]);
}
