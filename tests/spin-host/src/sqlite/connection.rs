//! One connection, and a statement that runs on it.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::sync::{mpsc, oneshot};

use super::{
    DEFAULT,
    types::{RowResult, SqliteError, Value},
};
use crate::Options;

/// Rows that wait for the component; then the statement waits, and with it whoever needs the same lock of the database.
const WAITING_ROWS: usize = 4;

/// A connection as `open` made it. The file is opened by the first statement, as by Spin. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Connection {
    path: std::path::PathBuf,
    inner: Arc<OnceLock<Mutex<rusqlite::Connection>>>,
}

/// A statement that runs, whether anybody waits for it or not.
pub(crate) struct Running {
    /// Names of columns; an error instead if the statement cannot be prepared.
    pub(crate) columns: oneshot::Receiver<Vec<String>>,
    pub(crate) rows: mpsc::Receiver<RowResult>,
    pub(crate) end: oneshot::Receiver<Result<(), SqliteError>>,
}

impl Connection {
    /// A connection to a database of this name.
    pub(crate) fn to(options: &Options, name: &str) -> Result<Self, SqliteError> {
        // A component without this database in its manifest is told no more than that.
        let path = options.database.as_ref().filter(|_| name == DEFAULT);
        let path = path.ok_or(SqliteError::AccessDenied)?.clone();
        Ok(Self { path, inner: Arc::default() })
    }

    /// Begins a statement on a thread of its own.
    pub(crate) fn run(&self, text: String, values: Vec<Value>) -> Result<Running, SqliteError> {
        self.opened()?;
        let (name, columns) = oneshot::channel();
        let (row, rows) = mpsc::channel(WAITING_ROWS);
        let (finish, end) = oneshot::channel();
        let this = self.clone();
        tokio::task::spawn_blocking(move || {
            // Nobody may be waiting any more.
            let _ = finish.send(this.work(&text, &values, name, &row));
        });
        Ok(Running { columns, rows, end })
    }

    pub(crate) fn changes(&self) -> u64 {
        self.inner.get().map_or(0, |connection| lock(connection).changes())
    }

    pub(crate) fn last_insert_rowid(&self) -> i64 {
        self.inner.get().map_or(0, |connection| lock(connection).last_insert_rowid())
    }

    fn work(
        &self,
        text: &str,
        values: &[Value],
        name: oneshot::Sender<Vec<String>>,
        row: &mpsc::Sender<RowResult>,
    ) -> Result<(), SqliteError> {
        let connection = lock(self.opened()?);
        let mut statement = connection.prepare_cached(text)?;
        let columns = statement.column_names().into_iter().map(str::to_owned).collect();
        // Nobody may be waiting any more.
        let _ = name.send(columns);
        let count = statement.column_count();
        let mut found = statement.query(rusqlite::params_from_iter(values))?;
        while let Some(next) = found.next()? {
            let values = (0..count).map(|column| next.get(column));
            let next = RowResult { values: values.collect::<Result<_, _>>()? };
            if row.blocking_send(next).is_err() {
                return Err(SqliteError::Io("nobody reads the rows".to_owned()));
            }
        }
        Ok(())
    }

    fn opened(&self) -> Result<&Mutex<rusqlite::Connection>, SqliteError> {
        if let Some(connection) = self.inner.get() {
            return Ok(connection);
        }
        let connection = rusqlite::Connection::open(&self.path)?;
        Ok(self.inner.get_or_init(|| Mutex::new(connection)))
    }
}

fn lock(connection: &Mutex<rusqlite::Connection>) -> MutexGuard<'_, rusqlite::Connection> {
    connection.lock().unwrap_or_else(PoisonError::into_inner)
}
