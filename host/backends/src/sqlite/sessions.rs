//! The sessions port on SQLite: every change is decided in a transaction that excludes all other writers.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{
    SqliteStore,
    error::{from_column, to_column},
};
use crate::{
    lease,
    ports::{Answer, ClaimOutcome, ClaimRequest, PortError, RenewRequest, Session, Sessions},
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
            // What is on record now may say already what a claim would come to.
            let live = self.look_up(|connection| live(connection, &request.user, now)).await?;
            if let Some(outcome) = lease::settled_claim(&live, request) {
                return Ok(outcome);
            }
            let claim = Claim { request: request.clone(), now, expires_at };
            self.write(move |connection| claim.run(connection)).await
        })
    }

    fn renew<'a>(&'a self, request: &'a RenewRequest) -> Answer<'a, Option<Session>> {
        Box::pin(async move {
            lease::check(request.now, request.expires_at)?;
            let (now, expires_at) = columns(request.now, request.expires_at)?;
            let live = self.look_up(|connection| live(connection, &request.user, now)).await?;
            if let Some(outcome) = lease::settled_renewal(&live, request) {
                return Ok(outcome);
            }
            let request = request.clone();
            self.write(move |connection| renew(connection, &request, now, expires_at)).await
        })
    }

    fn release<'a>(&'a self, user: &'a str, session_id: &'a str, now: u64) -> Answer<'a, bool> {
        Box::pin(async move {
            let now = to_column(now, "now")?;
            let (user, session_id) = (user.to_owned(), session_id.to_owned());
            self.write(move |connection| {
                let ended =
                    connection.prepare_cached(RELEASE)?.execute(params![user, session_id, now])?;
                Ok(ended > 0)
            })
            .await
        })
    }

    fn active<'a>(&'a self, user: &'a str, now: u64) -> Answer<'a, Vec<Session>> {
        Box::pin(async move {
            let now = to_column(now, "now")?;
            let mut live = self.look_up(move |connection| live(connection, user, now)).await?;
            live.sort_by(|a, b| (a.started_at, &a.id).cmp(&(b.started_at, &b.id)));
            Ok(live)
        })
    }
}

/// The leases of a user that have not run out, in no order: to sort, SQLite would compile the statement at each use.
fn live(connection: &Connection, user: &str, now: i64) -> rusqlite::Result<Vec<Session>> {
    connection.prepare_cached(LIVE)?.query_map(params![user, now], |row| session(row, 0))?.collect()
}

fn renew(
    connection: &Connection,
    request: &RenewRequest,
    now: i64,
    expires_at: i64,
) -> rusqlite::Result<Option<Session>> {
    // Those who asked at the same time share one write.
    let live = live(connection, &request.user, now)?;
    if let Some(outcome) = lease::settled_renewal(&live, request) {
        return Ok(outcome);
    }
    let RenewRequest { user, session_id, device, watching, .. } = request;
    let (series, episode) = watching.as_ref().map(|(series, episode)| (series, episode)).unzip();
    connection
        .prepare_cached(RENEW)?
        .query_row(params![user, session_id, device, series, episode, now, expires_at], |row| {
            session(row, 0)
        })
        .optional()
}

/// A claim that passed its checks, with its instants as the file keeps them.
struct Claim {
    request: ClaimRequest,
    now: i64,
    expires_at: i64,
}

impl Claim {
    fn run(self, connection: &Connection) -> rusqlite::Result<ClaimOutcome> {
        let ClaimRequest { user, device, session_id, series, episode, .. } = &self.request;
        let live = live(connection, user, self.now)?;
        if let Some(outcome) = lease::settled_claim(&live, &self.request) {
            return Ok(outcome);
        }
        let claimed = if live.iter().any(|lease| lease.device == *device) {
            connection.prepare_cached(PROLONG)?.query_row(
                params![user, device, series, episode, self.now, self.expires_at],
                |row| session(row, 0),
            )
        } else {
            // Old leases of this device, and of this id, must not be in the way.
            connection.prepare_cached(FORGET)?.execute(params![user, self.now])?;
            for device in self.evicted(live) {
                connection.prepare_cached(EVICT)?.execute(params![user, device])?;
            }
            // An identifier that another device of the user holds breaks a constraint, which undoes it all.
            connection.prepare_cached(INSERT)?.query_row(
                params![user, session_id, device, series, episode, self.now, self.expires_at],
                |row| session(row, 0),
            )
        };
        claimed.map(ClaimOutcome::Claimed)
    }

    /// The devices whose leases it takes to leave one place free: those renewed longest ago.
    fn evicted(&self, mut live: Vec<Session>) -> impl Iterator<Item = String> {
        live.sort_by(|one, other| {
            let age = |lease: &Session| (lease.renewed_at, lease.started_at);
            age(one).cmp(&age(other)).then_with(|| one.id.cmp(&other.id))
        });
        let places = usize::try_from(self.request.max_devices).unwrap_or(usize::MAX);
        let surplus = (live.len() + 1).saturating_sub(places);
        live.into_iter().take(surplus).map(|lease| lease.device)
    }
}

/// Without an order: sorting makes SQLite compile the statement anew for each user.
pub(super) const LIVE: &str = "
    SELECT id, device, series, episode, started_at, renewed_at, expires_at
    FROM sessions WHERE user = ?1 AND expires_at > ?2";

pub(super) const RENEW: &str = "
    UPDATE sessions SET
        series = coalesce(?4, series),
        episode = coalesce(?5, episode),
        renewed_at = max(renewed_at, ?6),
        expires_at = max(expires_at, ?7)
    WHERE user = ?1 AND id = ?2 AND device = ?3 AND expires_at > ?6
    RETURNING id, device, series, episode, started_at, renewed_at, expires_at";

/// The device's own lease, which lives.
pub(super) const PROLONG: &str = "
    UPDATE sessions SET
        series = ?3,
        episode = ?4,
        renewed_at = max(renewed_at, ?5),
        expires_at = max(expires_at, ?6)
    WHERE user = ?1 AND device = ?2
    RETURNING id, device, series, episode, started_at, renewed_at, expires_at";

pub(super) const FORGET: &str = "DELETE FROM sessions WHERE user = ?1 AND expires_at <= ?2";

pub(super) const EVICT: &str = "DELETE FROM sessions WHERE user = ?1 AND device = ?2";

pub(super) const INSERT: &str = "
    INSERT INTO sessions (user, id, device, series, episode, started_at, renewed_at, expires_at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7)
    RETURNING id, device, series, episode, started_at, renewed_at, expires_at";

pub(super) const RELEASE: &str =
    "DELETE FROM sessions WHERE user = ?1 AND id = ?2 AND expires_at > ?3";
