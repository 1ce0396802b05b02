//! Spin's SQLite as what the SQL of the ports runs on.

use spin_sdk::sqlite::{self, Connection};

use crate::store::{Database, Row, StoreError, Value};

/// The label in `sqlite_databases`.
const LABEL: &str = "default";

/// The database of the application. Opening it costs nothing worth keeping it open for, and a connection that one
/// call left broken is no other call's trouble.
pub(crate) struct Spin;

impl Database for Spin {
    async fn run(
        &self,
        statement: &'static str,
        parameters: Vec<Value>,
    ) -> Result<Vec<Row>, StoreError> {
        let connection = Connection::open(LABEL).await.map_err(store_error)?;
        let parameters = parameters.into_iter().map(parameter);
        let answer = connection.execute(statement, parameters).await.map_err(store_error)?;
        // The rows end early when something goes wrong on the way; what it was comes after them.
        let rows = answer.collect().await.map_err(store_error)?;
        Ok(rows.into_iter().map(|row| row.values.into_iter().map(column).collect()).collect())
    }
}

fn parameter(value: Value) -> sqlite::Value {
    match value {
        Value::Integer(number) => sqlite::Value::Integer(number),
        Value::Text(text) => sqlite::Value::Text(text),
        Value::Null | Value::Other => sqlite::Value::Null,
    }
}

fn column(value: sqlite::Value) -> Value {
    match value {
        sqlite::Value::Integer(number) => Value::Integer(number),
        sqlite::Value::Text(text) => Value::Text(text),
        sqlite::Value::Null => Value::Null,
        sqlite::Value::Real(_) | sqlite::Value::Blob(_) => Value::Other,
    }
}

fn store_error(error: sqlite::Error) -> StoreError {
    match error {
        sqlite::Error::AccessDenied => StoreError::Denied,
        sqlite::Error::NoSuchDatabase => StoreError::NoDatabase,
        sqlite::Error::InvalidConnection => StoreError::Unavailable("cannot be reached".to_owned()),
        sqlite::Error::DatabaseFull => StoreError::Unavailable("is full".to_owned()),
        sqlite::Error::Io(text) => StoreError::of_text(&text),
    }
}
