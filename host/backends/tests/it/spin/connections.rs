//! One connection per statement, so that nothing but the file itself keeps two of them apart.

use std::{path::PathBuf, sync::Mutex, time::Duration};

use rusqlite::{Connection, params_from_iter, types};

use super::store::{Database, Row, StoreError, Value};

/// A database file.
pub(crate) struct Connections {
    path: PathBuf,
    ran: Mutex<Vec<&'static str>>,
}

impl Connections {
    pub(crate) fn to(path: PathBuf) -> Self {
        Self { path, ran: Mutex::default() }
    }

    /// What ran since this was last asked.
    pub(crate) fn ran(&self) -> Vec<&'static str> {
        std::mem::take(&mut self.ran.lock().unwrap())
    }
}

impl Database for Connections {
    async fn run(
        &self,
        statement: &'static str,
        parameters: Vec<Value>,
    ) -> Result<Vec<Row>, StoreError> {
        self.ran.lock().unwrap().push(statement);
        let path = self.path.clone();
        tokio::task::spawn_blocking(move || execute(&path, statement, parameters))
            .await
            .unwrap()
            .map_err(|error| StoreError::of_text(&error.to_string()))
    }
}

/// As Spin's in-process SQLite does it, but with more patience for fifty at once.
fn execute(
    path: &std::path::Path,
    statement: &str,
    parameters: Vec<Value>,
) -> rusqlite::Result<Vec<Row>> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(Duration::from_secs(60))?;
    let mut prepared = connection.prepare_cached(statement)?;
    let width = prepared.column_count();
    let parameters = parameters.into_iter().map(|value| match value {
        Value::Integer(number) => types::Value::Integer(number),
        Value::Text(text) => types::Value::Text(text),
        Value::Null | Value::Other => types::Value::Null,
    });
    let rows = prepared.query_map(params_from_iter(parameters), |row| {
        (0..width)
            .map(|column| {
                Ok(match row.get(column)? {
                    types::Value::Integer(number) => Value::Integer(number),
                    types::Value::Text(text) => Value::Text(text),
                    types::Value::Null => Value::Null,
                    types::Value::Real(_) | types::Value::Blob(_) => Value::Other,
                })
            })
            .collect()
    })?;
    rows.collect()
}
