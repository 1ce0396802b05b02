//! The entitlements port on SQLite.

use rusqlite::{OptionalExtension, Row};

use super::{SqliteStore, error::from_column};
use crate::ports::{Answer, Entitlement, Entitlements};

/// Reads `status, valid_until` from column `at` on.
pub(super) fn entitlement(row: &Row<'_>, at: usize) -> rusqlite::Result<Entitlement> {
    let has_end = row.get_ref(at + 1)? != rusqlite::types::ValueRef::Null;
    let valid_until = if has_end { Some(from_column(row, at + 1)?) } else { None };
    Ok(Entitlement { status: row.get(at)?, valid_until })
}

impl Entitlements for SqliteStore {
    fn lookup<'a>(&'a self, user: &'a str, series: &'a str) -> Answer<'a, Option<Entitlement>> {
        Box::pin(self.look_up(move |connection| {
            connection
                .prepare_cached(LOOKUP)?
                .query_row([user, series], |row| entitlement(row, 0))
                .optional()
        }))
    }
}

pub(super) const LOOKUP: &str =
    "SELECT status, valid_until FROM entitlements WHERE user = ?1 AND series = ?2";
