//! One transaction for many writes, none of which undoes another.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    thread,
    time::{Duration, Instant},
};

use rusqlite::Connection;

use super::{Durability, Job};
use crate::{
    ports::PortError,
    sqlite::error::{is_busy, port_error},
};

/// Pauses between two attempts to begin while another process writes; the last one is repeated.
const PAUSES: [Duration; 5] = [
    Duration::from_millis(1),
    Duration::from_millis(2),
    Duration::from_millis(5),
    Duration::from_millis(10),
    Duration::from_millis(20),
];

/// A write that was tried, and what came of it by itself.
type Tried = (Box<dyn Job>, Result<(), PortError>);

/// Writes them all, in the order they came, and answers each.
pub(super) fn write(connection: &Connection, mut group: Vec<Box<dyn Job>>, busy: Duration) {
    group.retain(|job| !job.is_abandoned());
    if group.is_empty() {
        return;
    }
    let durable = group.iter().any(|job| job.durability() == Durability::Now);
    // Only outside of a transaction can it be changed.
    let synchronised = if durable { synchronise(connection, "FULL") } else { Ok(()) };
    let mut tried = Vec::with_capacity(group.len());
    let whole = match synchronised.and_then(|()| begin(connection, &group, busy)) {
        Err(error) => {
            tried.extend(group.into_iter().map(|job| (job, Ok(()))));
            Err(port_error(&error))
        }
        Ok(()) => run(connection, group, &mut tried)
            .and_then(|()| statement(connection, "COMMIT"))
            .map_err(|error| port_error(&error)),
    };
    if !connection.is_autocommit() {
        // If even this fails, the next group cannot begin, and is told so.
        let _ = statement(connection, "ROLLBACK");
    }
    if durable {
        // If this fails, the next writes are safer than they need to be.
        let _ = synchronise(connection, "NORMAL");
    }
    for (job, own) in tried {
        job.answer(own.and_then(|()| whole.clone()));
    }
}

/// Waits for its turn as long as it may, and as long as anybody waits for it.
fn begin(connection: &Connection, group: &[Box<dyn Job>], busy: Duration) -> rusqlite::Result<()> {
    let started = Instant::now();
    let mut pauses = PAUSES.into_iter();
    let mut pause = Duration::ZERO;
    loop {
        match statement(connection, "BEGIN IMMEDIATE") {
            Err(error) if is_busy(&error) => {
                if started.elapsed() >= busy || group.iter().all(|job| job.is_abandoned()) {
                    return Err(error);
                }
                pause = pauses.next().unwrap_or(pause);
                thread::sleep(pause);
            }
            begun => return begun,
        }
    }
}

/// Tries each by itself.
///
/// # Errors
/// The transaction is lost, with everything in it.
fn run(
    connection: &Connection,
    group: Vec<Box<dyn Job>>,
    tried: &mut Vec<Tried>,
) -> rusqlite::Result<()> {
    let mut whole = Ok(());
    for mut job in group {
        if whole.is_err() {
            tried.push((job, Ok(())));
            continue;
        }
        let own;
        (own, whole) = run_one(connection, &mut *job);
        tried.push((job, own));
    }
    whole
}

/// What came of one, and of all.
fn run_one(
    connection: &Connection,
    job: &mut dyn Job,
) -> (Result<(), PortError>, rusqlite::Result<()>) {
    if let Err(error) = statement(connection, "SAVEPOINT one") {
        return (Ok(()), Err(error));
    }
    let undo = || statement(connection, "ROLLBACK TO one");
    let (own, undone) = match catch_unwind(AssertUnwindSafe(|| job.run(connection))) {
        Ok(Ok(())) => (Ok(()), Ok(())),
        // Some errors, like a full disk, end the transaction by themselves.
        Ok(Err(error)) if connection.is_autocommit() => return (Ok(()), Err(error)),
        Ok(Err(error)) => (Err(port_error(&error)), undo()),
        // It made no answer, so none is given; the panic itself has been reported already.
        Err(_) => (Ok(()), undo()),
    };
    (own, undone.and_then(|()| statement(connection, "RELEASE one")))
}

fn statement(connection: &Connection, text: &'static str) -> rusqlite::Result<()> {
    connection.prepare_cached(text)?.execute([]).map(drop)
}

fn synchronise(connection: &Connection, how: &str) -> rusqlite::Result<()> {
    connection.pragma_update(None, "synchronous", how)
}
