//! A store in one SQLite file, edited without any code of ours but its schema.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, params};

use super::{
    format::{Before, Dependency},
    place::Recorded,
};

/// What makes the store, here and on Spin.
pub const SCHEMA: &str = include_str!("../../../host/backends/src/sqlite/schema.sql");

/// The file.
#[derive(Clone)]
pub struct Database(PathBuf);

impl Database {
    /// The file as a server makes it.
    pub fn at(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// A new file with the schema, and nothing in it.
    pub fn make(path: &Path) -> Self {
        let database = Self::at(path);
        database.connect().execute_batch(SCHEMA).unwrap();
        database
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn connect(&self) -> Connection {
        Connection::open(&self.0).unwrap()
    }

    pub fn fill(&self, before: &Before, now: u64) {
        let mut connection = self.connect();
        let transaction = connection.transaction().unwrap();
        for row in &before.entitlements {
            let until = row.valid_until.map(|time| column(time.after(now)));
            let text = "REPLACE INTO entitlements VALUES (?, ?, ?, ?)";
            transaction.execute(text, params![row.user, row.series, row.status, until]).unwrap();
        }
        for row in &before.episodes {
            let text = "REPLACE INTO episodes VALUES (?, ?, ?, ?)";
            transaction
                .execute(text, params![row.series, row.episode, row.video, row.poster])
                .unwrap();
        }
        // What is recorded of a user's leases takes the place of all that were.
        for row in &before.sessions {
            transaction.execute("DELETE FROM sessions WHERE user = ?", [&row.user]).unwrap();
        }
        for row in &before.sessions {
            let text = "INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
            let times = [row.started_at, row.renewed_at, row.expires_at]
                .map(|time| column(time.after(now)));
            let device = row.device.fingerprint(&row.user);
            let [started, renewed, expires] = times;
            transaction
                .execute(
                    text,
                    params![
                        row.user,
                        device,
                        row.id,
                        row.series,
                        row.episode,
                        started,
                        renewed,
                        expires
                    ],
                )
                .unwrap();
        }
        transaction.commit().unwrap();
    }

    pub fn leases(&self, user: &str, now: u64) -> Vec<Recorded> {
        let text =
            "SELECT id, device, series, episode, started_at, renewed_at, expires_at FROM sessions
                    WHERE user = ? AND expires_at > ? ORDER BY started_at, id";
        let connection = self.connect();
        let mut statement = connection.prepare(text).unwrap();
        let rows = statement.query_map(params![user, column(now)], |row| {
            Ok(Recorded {
                id: row.get(0)?,
                device: row.get(1)?,
                series: row.get(2)?,
                episode: row.get(3)?,
                started_at: time(row, 4)?,
                renewed_at: time(row, 5)?,
                expires_at: time(row, 6)?,
            })
        });
        rows.unwrap().map(Result::unwrap).collect()
    }

    /// Takes away the table that a port stands on, if it stands on one.
    pub fn hide(&self, port: Dependency) {
        if let Some(table) = table(port) {
            self.connect().execute_batch(&format!("ALTER TABLE {table} RENAME TO hidden")).unwrap();
        }
    }

    /// Gives it back, if it was taken away.
    pub fn show(&self, port: Dependency) {
        if let Some(table) = table(port) {
            // There is no such table unless it was hidden.
            let _ = self.connect().execute_batch(&format!("ALTER TABLE hidden RENAME TO {table}"));
        }
    }

    /// Lets nobody else write until the connection is dropped.
    pub fn hold(&self) -> Connection {
        let connection = self.connect();
        connection.execute_batch("BEGIN IMMEDIATE").unwrap();
        connection
    }
}

fn table(port: Dependency) -> Option<&'static str> {
    match port {
        Dependency::Entitlements => Some("entitlements"),
        Dependency::Catalog => Some("episodes"),
        Dependency::Sessions => Some("sessions"),
        _ => None,
    }
}

/// SQLite's integers have a sign.
fn column(time: u64) -> i64 {
    time.try_into().unwrap()
}

fn time(row: &rusqlite::Row<'_>, at: usize) -> rusqlite::Result<u64> {
    let time: i64 = row.get(at)?;
    Ok(time.try_into().unwrap())
}
