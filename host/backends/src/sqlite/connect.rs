//! One connection to the file, and the schema in it.

use std::{
    fs::OpenOptions,
    io::ErrorKind,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::error::{OpenStoreError, describe, is_busy};

/// Every change of the schema, in order; the number of them is the `user_version` of a file.
const MIGRATIONS: &[&str] = &[include_str!("schema.sql")];

/// Marks the file as ours: "Toll" in ASCII.
const APPLICATION: i64 = 0x546f_6c6c;

/// How long opening waits at the least: two processes that start together take turns.
const PATIENCE: Duration = Duration::from_secs(5);

/// Makes the file if it is missing and brings its schema up to date.
pub(super) fn prepare(path: &Path, busy: Duration) -> Result<Connection, OpenStoreError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder
        && !folder.is_dir()
    {
        return Err(OpenStoreError::NoFolder(folder.display().to_string()));
    }
    create(path)?;
    let started = Instant::now();
    loop {
        // Switching a new file to WAL does not wait for others by itself.
        match attempt(path, busy) {
            Err(Failure::Sqlite(error)) if is_busy(&error) && started.elapsed() < PATIENCE => {
                thread::sleep(Duration::from_millis(20));
            }
            Err(Failure::Sqlite(error)) => {
                return Err(OpenStoreError::Sqlite(path.display().to_string(), describe(&error)));
            }
            Err(Failure::Open(error)) => return Err(error),
            Ok(connection) => return Ok(connection),
        }
    }
}

/// A connection that can only read. The file is there already.
pub(super) fn reader(path: &Path, busy: Duration) -> rusqlite::Result<Connection> {
    let connection = connect(path, busy)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

enum Failure {
    Sqlite(rusqlite::Error),
    Open(OpenStoreError),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

/// Who watches what is nobody else's business, so a new file is for its owner alone. SQLite gives
/// the files beside it the same mode.
fn create(path: &Path) -> Result<(), OpenStoreError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            Err(OpenStoreError::File(path.display().to_string(), error))
        }
        _ => Ok(()),
    }
}

fn connect(path: &Path, busy: Duration) -> rusqlite::Result<Connection> {
    // No URI names: a path that begins with `file:` is a path.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(busy)?;
    // In WAL a crash of the machine can lose the last leases, never the file. What people record
    // is synced: see `SqliteStore::write_durably`.
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "trusted_schema", false)?;
    Ok(connection)
}

fn attempt(path: &Path, busy: Duration) -> Result<Connection, Failure> {
    let mut connection = connect(path, busy)?;
    let check = |connection: &Connection| -> Result<usize, Failure> {
        let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
        let version = number("user_version")?;
        let tables: i64 =
            connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        let name = || path.display().to_string();
        if (tables > 0 || version != 0) && number("application_id")? != APPLICATION {
            return Err(Failure::Open(OpenStoreError::Foreign(name())));
        }
        let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
        match usize::try_from(version) {
            Ok(done) if done <= MIGRATIONS.len() => Ok(done),
            _ => Err(Failure::Open(OpenStoreError::Newer { path: name(), found: version, known })),
        }
    };
    // Before anything is written, so that a file which is not ours stays as it was.
    let done = check(&connection)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    if done < MIGRATIONS.len() {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Another process may have done it while this one waited for its turn.
        let done = check(&transaction)?;
        for migration in MIGRATIONS.iter().skip(done) {
            transaction.execute_batch(migration)?;
        }
        transaction.pragma_update(None, "application_id", APPLICATION)?;
        transaction.pragma_update(
            None,
            "user_version",
            i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX),
        )?;
        transaction.commit()?;
    }
    Ok(connection)
}
