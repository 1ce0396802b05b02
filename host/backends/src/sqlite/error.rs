//! What SQLite says, in the words of the ports. Never with data from the file.

use rusqlite::ErrorCode;

use crate::ports::PortError;

/// Why a file could not be opened as a store.
#[derive(Debug, thiserror::Error)]
pub enum OpenStoreError {
    /// The folder the file should be in is not there.
    #[error("the folder {0} does not exist")]
    NoFolder(String),
    /// The file cannot be made or read.
    #[error("{0}: {1}")]
    File(String, std::io::Error),
    /// The file belongs to a release that is newer than this one.
    #[error(
        "{path} was written by a newer Tollgate (schema {found}; this one knows up to {known})"
    )]
    Newer {
        /// The file.
        path: String,
        /// Its schema.
        found: i64,
        /// The newest schema this release knows.
        known: i64,
    },
    /// The file is a database of something else.
    #[error("{0} is a database, but not one of Tollgate")]
    Foreign(String),
    /// SQLite refused the file.
    #[error("{0}: {1}")]
    Sqlite(String, String),
}

/// A port error for what SQLite answered.
pub(super) fn port_error(error: &rusqlite::Error) -> PortError {
    let unavailable = |text: &str| PortError::Unavailable(text.to_owned());
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            unavailable("the store is busy")
        }
        Some(ErrorCode::DiskFull) => unavailable("the disk of the store is full"),
        Some(ErrorCode::CannotOpen | ErrorCode::SystemIoFailure) => {
            unavailable("the store cannot be reached")
        }
        Some(ErrorCode::ConstraintViolation) => {
            PortError::InvalidArgument("is in conflict with what is on record".to_owned())
        }
        _ => PortError::Other(describe(error)),
    }
}

/// Whether the file is somebody else's for the moment.
pub(super) fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

/// What went wrong, as SQLite's number for it: its texts may quote values.
pub(super) fn describe(error: &rusqlite::Error) -> String {
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => "is not a SQLite database".to_owned(),
        Some(ErrorCode::DatabaseCorrupt) => "the store is damaged".to_owned(),
        Some(ErrorCode::ReadOnly) => "the store may not be written".to_owned(),
        Some(ErrorCode::PermissionDenied) => "the store may not be read".to_owned(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => "is busy".to_owned(),
        _ => match error.sqlite_error() {
            Some(inner) => format!("the store failed (SQLite code {})", inner.extended_code),
            None => "the store holds something unexpected".to_owned(),
        },
    }
}

/// A time as SQLite keeps it.
pub(super) fn to_column(time: u64, name: &str) -> Result<i64, PortError> {
    i64::try_from(time).map_err(|_| PortError::InvalidArgument(format!("{name} is out of range")))
}

/// A time as SQLite kept it.
pub(super) fn from_column(row: &rusqlite::Row<'_>, at: usize) -> rusqlite::Result<u64> {
    let time: i64 = row.get(at)?;
    u64::try_from(time).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(at, time))
}
