//! Entitlements, catalogue and leases as SQL on Spin's SQLite. Knows nothing of Spin, so that the suite of the
//! backends proves it natively.
//!
//! Spin's databases may be libSQL over HTTP, where nothing spans two statements. So every change is one statement
//! that carries its condition, and whatever two statements do has to be right with anything in between.

mod claims;
mod leases;
mod lookups;

pub(crate) use claims::{Claim, Outcome, claim};
pub(crate) use leases::{Lease, Renewal, active, release, renew};
pub(crate) use lookups::{entitlement, episode};

/// A value of a column or a parameter.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Integer(i64),
    Text(String),
    Null,
    /// What no column of ours holds.
    Other,
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<Option<&str>> for Value {
    fn from(text: Option<&str>) -> Self {
        text.map_or(Self::Null, Self::from)
    }
}

/// A row of an answer.
pub(crate) type Row = Vec<Value>;

/// What runs one statement, atomically. Parameters are numbered from `?1` in their order.
pub(crate) trait Database {
    /// Runs the statement to its end and gives all its rows.
    async fn run(
        &self,
        statement: &'static str,
        parameters: Vec<Value>,
    ) -> Result<Vec<Row>, StoreError>;
}

/// Why the store did not answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum StoreError {
    /// The argument breaks a rule of the contract.
    Argument(&'static str),
    /// The row would break a constraint: what is asked is in conflict with what is on record.
    Conflict,
    /// The component may not use the database.
    Denied,
    /// There is no database of this name.
    NoDatabase,
    /// The table is not there.
    NoTable(String),
    /// It cannot be asked now.
    Unavailable(String),
    /// It failed, or holds something unexpected. Never with data of anybody.
    Failed(String),
}

impl StoreError {
    /// What SQLite's own text says. Our statements hold no values, so neither do its texts.
    pub(crate) fn of_text(text: &str) -> Self {
        let lower = text.to_ascii_lowercase();
        if let Some((_, table)) = lower.split_once("no such table: ") {
            let name = |byte: &char| byte.is_ascii_alphanumeric() || matches!(byte, '_' | '.');
            let table: String = table.chars().take_while(name).take(64).collect();
            return Self::NoTable(table.trim_start_matches("main.").to_owned());
        }
        if lower.contains("constraint failed") {
            return Self::Conflict;
        }
        let text: String = text.chars().filter(|letter| !letter.is_control()).take(200).collect();
        if ["locked", "busy", "disk i/o", "unable to open", "connect", "full"]
            .iter()
            .any(|sign| lower.contains(sign))
        {
            return Self::Unavailable(text);
        }
        Self::Failed(text)
    }
}

/// A time as SQLite keeps it.
fn to_column(time: u64, rule: &'static str) -> Result<i64, StoreError> {
    i64::try_from(time).map_err(|_| StoreError::Argument(rule))
}

/// Takes the columns of a row one after the other.
struct Columns(std::vec::IntoIter<Value>);

impl Columns {
    fn of(row: Row) -> Self {
        Self(row.into_iter())
    }

    fn text(&mut self) -> Result<String, StoreError> {
        self.optional_text()?.ok_or_else(unexpected)
    }

    fn optional_text(&mut self) -> Result<Option<String>, StoreError> {
        match self.0.next() {
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(Value::Null) => Ok(None),
            _ => Err(unexpected()),
        }
    }

    fn number(&mut self) -> Result<u64, StoreError> {
        self.optional_number()?.ok_or_else(unexpected)
    }

    fn optional_number(&mut self) -> Result<Option<u64>, StoreError> {
        match self.0.next() {
            Some(Value::Integer(number)) => {
                u64::try_from(number).map(Some).map_err(|_| unexpected())
            }
            Some(Value::Null) => Ok(None),
            _ => Err(unexpected()),
        }
    }
}

fn unexpected() -> StoreError {
    StoreError::Failed("the store holds something unexpected".to_owned())
}
