//! Who gets a place. No statement here can bring more leases to life than a user may have, whoever else runs what.

use super::{Columns, Database, Lease, StoreError, leases::instants};

/// A request for a place; see `wit/sessions.wit`.
pub(crate) struct Claim<'a> {
    pub(crate) user: &'a str,
    pub(crate) device: &'a str,
    pub(crate) session_id: &'a str,
    pub(crate) series: &'a str,
    pub(crate) episode: &'a str,
    pub(crate) now: u64,
    pub(crate) expires_at: u64,
    pub(crate) max_devices: u32,
    /// Whether the lease renewed longest ago makes room.
    pub(crate) evict_oldest: bool,
}

/// What a claim led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Claimed(Lease),
    LimitReached { active: u32, next_free_at: u64 },
}

/// Renews the device's own live lease, or makes one where a place is free, over its expired one if there is one.
/// No row means that every place is taken.
const TAKE: &str = "
INSERT INTO sessions (user, device, id, series, episode, started_at, renewed_at, expires_at)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7
WHERE (SELECT count(*) FROM sessions WHERE user = ?1 AND device <> ?2 AND expires_at > ?6) < ?8
    OR EXISTS (SELECT 1 FROM sessions WHERE user = ?1 AND device = ?2 AND expires_at > ?6)
ON CONFLICT (user, device) DO UPDATE SET
    id = CASE WHEN sessions.expires_at > ?6 THEN sessions.id ELSE excluded.id END,
    series = excluded.series,
    episode = excluded.episode,
    started_at = CASE WHEN sessions.expires_at > ?6 THEN sessions.started_at ELSE ?6 END,
    renewed_at = CASE WHEN sessions.expires_at > ?6 THEN max(sessions.renewed_at, ?6) ELSE ?6 END,
    expires_at = max(sessions.expires_at, ?7)
RETURNING id, device, series, episode, started_at, renewed_at, expires_at";

/// Ends what a lowered limit leaves no place for, the lease renewed longest ago first, and removes what is over.
/// Below zero a limit would be none.
const CLEAR: &str = "
DELETE FROM sessions WHERE user = ?1 AND (expires_at <= ?2 OR device IN (
    SELECT device FROM sessions WHERE user = ?1 AND expires_at > ?2
    ORDER BY renewed_at, started_at, id
    LIMIT max(0, (SELECT count(*) FROM sessions WHERE user = ?1 AND expires_at > ?2) - ?3)))";

/// Hands the place renewed longest ago to another device, one for one, while exactly every place is taken and the
/// device has none itself.
const TAKE_OVER: &str = "
UPDATE sessions SET
    device = ?2, id = ?3, series = ?4, episode = ?5,
    started_at = ?6, renewed_at = ?6, expires_at = ?7
WHERE user = ?1
    AND device = (
        SELECT device FROM sessions WHERE user = ?1 AND expires_at > ?6
        ORDER BY renewed_at, started_at, id LIMIT 1)
    AND (SELECT count(*) FROM sessions WHERE user = ?1 AND expires_at > ?6) = ?8
    AND NOT EXISTS (SELECT 1 FROM sessions WHERE user = ?1 AND device = ?2 AND expires_at > ?6)
RETURNING id, device, series, episode, started_at, renewed_at, expires_at";

/// The places that others hold.
const OCCUPANCY: &str = "
SELECT count(*), min(expires_at) FROM sessions
WHERE user = ?1 AND device <> ?2 AND expires_at > ?3";

/// Some of what has been over for the longest time, of whomever: every new lease takes more away than it adds, so
/// that nobody has to come by to clean up.
const SWEEP: &str = "
DELETE FROM sessions WHERE (user, device) IN (
    SELECT user, device FROM sessions WHERE expires_at <= ?1 ORDER BY expires_at LIMIT 16)";

/// How often a claim starts again because somebody else was in between.
const ATTEMPTS: u32 = 8;

/// Claims a place for a device. Idempotent per device.
pub(crate) async fn claim(
    database: &impl Database,
    claim: &Claim<'_>,
) -> Result<Outcome, StoreError> {
    let (now, expires_at) = instants(claim.now, claim.expires_at)?;
    if claim.max_devices == 0 {
        return Err(StoreError::Argument("max-devices must be at least 1"));
    }
    let places = i64::from(claim.max_devices);
    let lease = || {
        vec![
            claim.user.into(),
            claim.device.into(),
            claim.session_id.into(),
            claim.series.into(),
            claim.episode.into(),
            now.into(),
            expires_at.into(),
            places.into(),
        ]
    };
    let clear = || vec![claim.user.into(), now.into(), places.into()];

    let mut in_conflict = false;
    for _ in 0..ATTEMPTS {
        match taken(database.run(TAKE, lease()).await) {
            Ok(Some(taken)) => {
                if taken.id == claim.session_id {
                    // Whatever becomes of it, the place is claimed.
                    let _ = database.run(SWEEP, vec![now.into()]).await;
                }
                return Ok(Outcome::Claimed(taken));
            }
            Ok(None) => {}
            // A lease that is over may still hold the identifier; one that lives is never handed over.
            Err(StoreError::Conflict) if !in_conflict => {
                in_conflict = true;
                database.run(CLEAR, vec![claim.user.into(), now.into(), i64::MAX.into()]).await?;
                continue;
            }
            Err(error) => return Err(error),
        }
        if !claim.evict_oldest {
            let (active, next_free_at) = occupancy(database, claim, now).await?;
            if active >= claim.max_devices {
                return Ok(Outcome::LimitReached { active, next_free_at });
            }
            // Somebody left in between.
            continue;
        }
        database.run(CLEAR, clear()).await?;
        if let Some(taken) = taken(database.run(TAKE_OVER, lease()).await)? {
            return Ok(Outcome::Claimed(taken));
        }
    }
    Err(StoreError::Unavailable("the leases of the user change too fast".to_owned()))
}

fn taken(answer: Result<Vec<super::Row>, StoreError>) -> Result<Option<Lease>, StoreError> {
    answer?.into_iter().next().map(Lease::of).transpose()
}

async fn occupancy(
    database: &impl Database,
    claim: &Claim<'_>,
    now: i64,
) -> Result<(u32, u64), StoreError> {
    let parameters = vec![claim.user.into(), claim.device.into(), now.into()];
    let rows = database.run(OCCUPANCY, parameters).await?;
    let Some(row) = rows.into_iter().next() else { return Ok((0, 0)) };
    let mut columns = Columns::of(row);
    let active = u32::try_from(columns.number()?).unwrap_or(u32::MAX);
    Ok((active, columns.optional_number()?.unwrap_or_default()))
}
