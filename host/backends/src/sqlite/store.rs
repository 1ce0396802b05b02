//! The connections to one file, and how work gets to them without stopping the async threads.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex as Lock, PoisonError},
    time::Duration,
};

use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::{Mutex, Semaphore};

use super::{
    connect,
    error::{OpenStoreError, port_error},
};
use crate::{
    administration::Upkeep,
    ports::{Answer, PortError},
};

/// Reads overlap; SQLite lets one connection write at a time, so there is one for that.
const READERS: usize = 4;

/// One SQLite file that serves entitlements, catalogue and sessions.
pub struct SqliteStore {
    path: PathBuf,
    writer: Arc<Mutex<Connection>>,
    readers: Arc<Readers>,
}

struct Readers {
    idle: Lock<Vec<Connection>>,
    places: Arc<Semaphore>,
}

impl Readers {
    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        // Nothing can be half done under this lock, so a panic elsewhere leaves it usable.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
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
            let writer = connect::prepare(&owned, busy)?;
            let readers: Result<Vec<_>, _> =
                (0..READERS).map(|_| connect::reader(&owned, busy)).collect();
            let name = owned.display().to_string();
            let failure = |error| OpenStoreError::Sqlite(name, super::error::describe(&error));
            Ok((writer, readers.map_err(failure)?))
        });
        let (writer, readers) = opened.await.map_err(|_| {
            OpenStoreError::Sqlite(path.display().to_string(), "opening was cut off".to_owned())
        })??;
        Ok(Self {
            path: path.to_owned(),
            writer: Arc::new(Mutex::new(writer)),
            readers: Arc::new(Readers {
                places: Arc::new(Semaphore::new(readers.len())),
                idle: Lock::new(readers),
            }),
        })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Runs `work` on a connection that only reads.
    pub(super) async fn read<T, F>(&self, work: F) -> Result<T, PortError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        let place = Arc::clone(&self.readers.places).acquire_owned().await.map_err(|_| closed())?;
        let readers = Arc::clone(&self.readers);
        blocking(move || {
            let connection = readers.idle().pop().ok_or_else(closed)?;
            let result = work(&connection);
            readers.idle().push(connection);
            // Only now may the next one look for an idle connection.
            drop(place);
            result.map_err(|error| port_error(&error))
        })
        .await
    }

    /// Runs `work` in one transaction that nobody else can write beside, here or in another process.
    pub(super) async fn write<T, F>(&self, work: F) -> Result<T, PortError>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>) -> rusqlite::Result<T> + Send + 'static,
    {
        // Waiting here rather than in a thread keeps the threads for those who can proceed.
        let mut connection = Arc::clone(&self.writer).lock_owned().await;
        blocking(move || transact(&mut connection, work).map_err(|error| port_error(&error))).await
    }

    /// As [`SqliteStore::write`], and on the disk before it answers: for what people record.
    pub(super) async fn write_durably<T, F>(&self, work: F) -> Result<T, PortError>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>) -> rusqlite::Result<T> + Send + 'static,
    {
        let mut connection = Arc::clone(&self.writer).lock_owned().await;
        blocking(move || {
            let result = connection
                .pragma_update(None, "synchronous", "FULL")
                .and_then(|()| transact(&mut connection, work));
            let restored = connection.pragma_update(None, "synchronous", "NORMAL");
            result.and_then(|value| restored.map(|()| value)).map_err(|error| port_error(&error))
        })
        .await
    }
}

fn transact<T, F>(connection: &mut Connection, work: F) -> rusqlite::Result<T>
where
    F: FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
{
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let value = work(&transaction)?;
    transaction.commit()?;
    Ok(value)
}

async fn blocking<T, F>(work: F) -> Result<T, PortError>
where
    T: Send + 'static,
    F: FnOnce() -> Result<T, PortError> + Send + 'static,
{
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| PortError::Other("the call to the store was cut off".to_owned()))?
}

fn closed() -> PortError {
    PortError::Unavailable("the store is closed".to_owned())
}

impl Upkeep for SqliteStore {
    fn purge(&self, now: u64) -> Answer<'_, u64> {
        Box::pin(async move {
            let now = super::error::to_column(now, "now")?;
            self.write(move |transaction| {
                let gone = transaction
                    .prepare_cached("DELETE FROM sessions WHERE expires_at <= ?1")?
                    .execute([now])?;
                Ok(u64::try_from(gone).unwrap_or(u64::MAX))
            })
            .await
        })
    }

    fn check(&self) -> Answer<'_, ()> {
        Box::pin(self.read(|connection| {
            connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
        }))
    }
}
