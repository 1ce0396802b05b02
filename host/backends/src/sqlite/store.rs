//! The connections to one file, and how work gets to them without stopping the async threads.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use rusqlite::Connection;

use super::{
    connect,
    error::{OpenStoreError, describe, is_busy, port_error},
    readers::Readers,
    writer::{Durability, Writer},
};
use crate::{
    administration::Upkeep,
    ports::{Answer, PortError},
};

/// Pauses between two attempts of a lookup while the file is busy; the last one is repeated. In WAL nobody who writes
/// makes it so, but for a moment whoever repairs it after a crash, and for longer whoever takes all of it for themselves.
const PAUSES: [Duration; 4] = [
    Duration::from_millis(1),
    Duration::from_millis(5),
    Duration::from_millis(20),
    Duration::from_millis(50),
];

/// Rows of one purge that are deleted in one go, so that a claim waits for milliseconds and not for all of them. It is
/// also in [`PURGE`], because a limit that is not known makes SQLite compile the statement anew each time.
const PURGED_TOGETHER: usize = 500;

/// One SQLite file that serves entitlements, catalogue and sessions.
pub struct SqliteStore {
    path: PathBuf,
    busy: Duration,
    readers: Readers,
    writer: Writer,
}

impl SqliteStore {
    /// Opens the file, makes it if it is missing, and brings its schema up to date.
    ///
    /// `busy` is how long a call waits for another process before it is `unavailable`.
    ///
    /// # Errors
    /// The file cannot be used; the text names it and says why.
    pub async fn open(path: &Path, busy: Duration) -> Result<Self, OpenStoreError> {
        let owned = path.to_owned();
        let opened = tokio::task::spawn_blocking(move || {
            let connection = connect::prepare(&owned, busy)?;
            // The writer waits by itself, and looks now and then whether anybody still does.
            connection.busy_timeout(Duration::ZERO).map_err(|error| {
                OpenStoreError::Sqlite(owned.display().to_string(), describe(&error))
            })?;
            let writer = Writer::start(connection, busy)
                .map_err(|error| OpenStoreError::File(owned.display().to_string(), error))?;
            Ok(Self { busy, readers: Readers::new(&owned), writer, path: owned })
        });
        opened.await.map_err(|_| {
            OpenStoreError::Sqlite(path.display().to_string(), "opening was cut off".to_owned())
        })?
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Runs `work`, a lookup of some rows by their key, on this thread.
    pub(super) async fn look_up<T>(
        &self,
        work: impl Fn(&Connection) -> rusqlite::Result<T> + Send,
    ) -> Result<T, PortError> {
        let mut busy_since = None;
        let mut pauses = PAUSES.into_iter();
        let mut pause = Duration::ZERO;
        loop {
            match self.readers.read(&work) {
                Err(error) if is_busy(&error) => {
                    let since = *busy_since.get_or_insert_with(Instant::now);
                    if since.elapsed() >= self.busy {
                        return Err(port_error(&error));
                    }
                }
                result => return result.map_err(|error| port_error(&error)),
            }
            pause = pauses.next().unwrap_or(pause);
            tokio::time::sleep(pause).await;
        }
    }

    /// Runs `work`, which may read everything, on a connection and a thread of its own.
    pub(super) async fn read<T, F>(&self, work: F) -> Result<T, PortError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        let (path, busy) = (self.path.clone(), self.busy);
        tokio::task::spawn_blocking(move || {
            connect::reader(&path, busy)
                .and_then(|connection| work(&connection))
                .map_err(|error| port_error(&error))
        })
        .await
        .map_err(|_| PortError::Other("the call to the store was cut off".to_owned()))?
    }

    /// Runs `work` in a transaction that nobody else can write beside, here or in another process.
    pub(super) async fn write<T, F>(&self, work: F) -> Result<T, PortError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        self.writer.write(Durability::Soon, work).await
    }

    /// As [`SqliteStore::write`], and on the disk before it answers: for what people record.
    pub(super) async fn write_durably<T, F>(&self, work: F) -> Result<T, PortError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        self.writer.write(Durability::Now, work).await
    }
}

impl Upkeep for SqliteStore {
    fn purge(&self, now: u64) -> Answer<'_, u64> {
        Box::pin(async move {
            let now = super::error::to_column(now, "now")?;
            let mut all = 0;
            loop {
                let some =
                    self.write(move |connection| connection.prepare_cached(PURGE)?.execute([now]));
                let some = some.await?;
                all += u64::try_from(some).unwrap_or(u64::MAX);
                if some < PURGED_TOGETHER {
                    return Ok(all);
                }
            }
        })
    }

    fn check(&self) -> Answer<'_, ()> {
        Box::pin(self.read(|connection| {
            connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
        }))
    }
}

/// Finds its rows by their expiry, and deletes each by its key.
pub(super) const PURGE: &str = "DELETE FROM sessions WHERE (user, device) IN (
    SELECT user, device FROM sessions WHERE expires_at <= ?1 LIMIT 500)";
