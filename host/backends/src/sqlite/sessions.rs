//! The sessions port on SQLite: every call is one transaction that excludes all other writers.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{
    SqliteStore,
    error::{from_column, to_column},
};
use crate::{
    lease,
    ports::{
        Answer, ClaimOutcome, ClaimRequest, OnLimit, PortError, RenewRequest, Session, Sessions,
    },
};

/// Reads `id, device, series, episode, started_at, renewed_at, expires_at` from column `at` on.
pub(super) fn session(row: &Row<'_>, at: usize) -> rusqlite::Result<Session> {
    Ok(Session {
        id: row.get(at)?,
        device: row.get(at + 1)?,
        series: row.get(at + 2)?,
        episode: row.get(at + 3)?,
        started_at: from_column(row, at + 4)?,
        renewed_at: from_column(row, at + 5)?,
        expires_at: from_column(row, at + 6)?,
    })
}

/// Both instants as the file keeps them, once they make sense.
fn columns(now: u64, expires_at: u64) -> Result<(i64, i64), PortError> {
    Ok((to_column(now, "now")?, to_column(expires_at, "expires-at")?))
}

impl Sessions for SqliteStore {
    fn claim<'a>(&'a self, request: &'a ClaimRequest) -> Answer<'a, ClaimOutcome> {
        Box::pin(async move {
            lease::check_claim(request)?;
            let (now, expires_at) = columns(request.now, request.expires_at)?;
            let claim = Claim { request: request.clone(), now, expires_at };
            self.write(move |transaction| claim.run(transaction)).await
        })
    }

    fn renew<'a>(&'a self, request: &'a RenewRequest) -> Answer<'a, Option<Session>> {
        Box::pin(async move {
            lease::check(request.now, request.expires_at)?;
            let (now, expires_at) = columns(request.now, request.expires_at)?;
            let RenewRequest { user, session_id, device, watching, .. } = request.clone();
            let (series, episode) = watching.unzip();
            self.write(move |transaction| {
                transaction
                    .prepare_cached(
                        "UPDATE sessions SET
                             series = coalesce(?4, series),
                             episode = coalesce(?5, episode),
                             renewed_at = max(renewed_at, ?6),
                             expires_at = max(expires_at, ?7)
                         WHERE user = ?1 AND id = ?2 AND device = ?3 AND expires_at > ?6
                         RETURNING id, device, series, episode, started_at, renewed_at, expires_at",
                    )?
                    .query_row(
                        params![user, session_id, device, series, episode, now, expires_at],
                        |row| session(row, 0),
                    )
                    .optional()
            })
            .await
        })
    }

    fn release<'a>(&'a self, user: &'a str, session_id: &'a str, now: u64) -> Answer<'a, bool> {
        Box::pin(async move {
            let now = to_column(now, "now")?;
            let (user, session_id) = (user.to_owned(), session_id.to_owned());
            self.write(move |transaction| {
                let ended = transaction
                    .prepare_cached(
                        "DELETE FROM sessions WHERE user = ?1 AND id = ?2 AND expires_at > ?3",
                    )?
                    .execute(params![user, session_id, now])?;
                Ok(ended > 0)
            })
            .await
        })
    }

    fn active<'a>(&'a self, user: &'a str, now: u64) -> Answer<'a, Vec<Session>> {
        Box::pin(async move {
            let now = to_column(now, "now")?;
            self.look_up(move |connection| {
                connection
                    .prepare_cached(
                        "SELECT id, device, series, episode, started_at, renewed_at, expires_at
                         FROM sessions WHERE user = ?1 AND expires_at > ?2
                         ORDER BY started_at, id",
                    )?
                    .query_map(params![user, now], |row| session(row, 0))?
                    .collect()
            })
            .await
        })
    }
}

/// A claim that passed its checks, with its instants as the file keeps them.
struct Claim {
    request: ClaimRequest,
    now: i64,
    expires_at: i64,
}

impl Claim {
    fn run(self, transaction: &Connection) -> rusqlite::Result<ClaimOutcome> {
        transaction
            .prepare_cached("DELETE FROM sessions WHERE user = ?1 AND expires_at <= ?2")?
            .execute(params![self.request.user, self.now])?;
        if let Some(session) = self.renew(transaction)? {
            return Ok(ClaimOutcome::Claimed(session));
        }
        let (active, next_free_at) = transaction
            .prepare_cached("SELECT count(*), min(expires_at) FROM sessions WHERE user = ?1")?
            .query_row([&self.request.user], |row| {
                let active: u32 = row.get(0)?;
                Ok((active, if active == 0 { 0 } else { from_column(row, 1)? }))
            })?;
        if active >= self.request.max_devices {
            match self.request.on_limit {
                OnLimit::BlockNew => {
                    return Ok(ClaimOutcome::LimitReached { active, next_free_at });
                }
                OnLimit::EvictOldest => self.evict(transaction, active)?,
            }
        }
        self.insert(transaction).map(ClaimOutcome::Claimed)
    }

    /// The device's own lease, renewed, if it has one.
    fn renew(&self, transaction: &Connection) -> rusqlite::Result<Option<Session>> {
        let ClaimRequest { user, device, series, episode, .. } = &self.request;
        transaction
            .prepare_cached(
                "UPDATE sessions SET
                     series = ?3,
                     episode = ?4,
                     renewed_at = max(renewed_at, ?5),
                     expires_at = max(expires_at, ?6)
                 WHERE user = ?1 AND device = ?2
                 RETURNING id, device, series, episode, started_at, renewed_at, expires_at",
            )?
            .query_row(params![user, device, series, episode, self.now, self.expires_at], |row| {
                session(row, 0)
            })
            .optional()
    }

    /// Ends as many leases as it takes to leave one place free.
    fn evict(&self, transaction: &Connection, active: u32) -> rusqlite::Result<()> {
        let surplus = active.saturating_sub(self.request.max_devices).saturating_add(1);
        transaction
            .prepare_cached(
                "DELETE FROM sessions WHERE user = ?1 AND device IN (
                     SELECT device FROM sessions WHERE user = ?1
                     ORDER BY renewed_at, started_at, id LIMIT ?2)",
            )?
            .execute(params![self.request.user, surplus])?;
        Ok(())
    }

    /// An identifier that another device of the user holds breaks a constraint, which undoes it all.
    fn insert(self, transaction: &Connection) -> rusqlite::Result<Session> {
        let ClaimRequest { user, device, session_id, series, episode, .. } = self.request;
        transaction
            .prepare_cached(
                "INSERT INTO sessions
                     (user, id, device, series, episode, started_at, renewed_at, expires_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7)
                 RETURNING id, device, series, episode, started_at, renewed_at, expires_at",
            )?
            .query_row(
                params![user, session_id, device, series, episode, self.now, self.expires_at],
                |row| session(row, 0),
            )
    }
}
