//! How a lease is kept, given back and listed.

use super::{Columns, Database, Row, StoreError, to_column};

/// A lease as it is on record; see `wit/sessions.wit`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lease {
    pub(crate) id: String,
    pub(crate) device: String,
    pub(crate) series: String,
    pub(crate) episode: String,
    pub(crate) started_at: u64,
    pub(crate) renewed_at: u64,
    pub(crate) expires_at: u64,
}

impl Lease {
    /// Reads `id, device, series, episode, started_at, renewed_at, expires_at`.
    pub(super) fn of(row: Row) -> Result<Self, StoreError> {
        let mut columns = Columns::of(row);
        Ok(Self {
            id: columns.text()?,
            device: columns.text()?,
            series: columns.text()?,
            episode: columns.text()?,
            started_at: columns.number()?,
            renewed_at: columns.number()?,
            expires_at: columns.number()?,
        })
    }
}

/// Both instants as columns, once they make sense.
pub(super) fn instants(now: u64, expires_at: u64) -> Result<(i64, i64), StoreError> {
    if expires_at <= now {
        return Err(StoreError::Argument("expires-at must be after now"));
    }
    let expires_at = to_column(expires_at, "expires-at is out of range")?;
    Ok((to_column(now, "now is out of range")?, expires_at))
}

/// A request to keep a place.
pub(crate) struct Renewal<'a> {
    pub(crate) user: &'a str,
    pub(crate) session_id: &'a str,
    pub(crate) device: &'a str,
    pub(crate) watching: Option<(&'a str, &'a str)>,
    pub(crate) now: u64,
    pub(crate) expires_at: u64,
}

const RENEW: &str = "
UPDATE sessions SET
    series = coalesce(?4, series),
    episode = coalesce(?5, episode),
    renewed_at = max(renewed_at, ?6),
    expires_at = max(expires_at, ?7)
WHERE user = ?1 AND id = ?2 AND device = ?3 AND expires_at > ?6
RETURNING id, device, series, episode, started_at, renewed_at, expires_at";

/// Renews a live lease of this device; `None` if there is no such lease.
pub(crate) async fn renew(
    database: &impl Database,
    renewal: &Renewal<'_>,
) -> Result<Option<Lease>, StoreError> {
    let (now, expires_at) = instants(renewal.now, renewal.expires_at)?;
    let parameters = vec![
        renewal.user.into(),
        renewal.session_id.into(),
        renewal.device.into(),
        renewal.watching.map(|(series, _)| series).into(),
        renewal.watching.map(|(_, episode)| episode).into(),
        now.into(),
        expires_at.into(),
    ];
    let rows = database.run(RENEW, parameters).await?;
    rows.into_iter().next().map(Lease::of).transpose()
}

/// Ends a lease; `false` if there was none that lives.
pub(crate) async fn release(
    database: &impl Database,
    user: &str,
    session_id: &str,
    now: u64,
) -> Result<bool, StoreError> {
    let now = to_column(now, "now is out of range")?;
    let statement =
        "DELETE FROM sessions WHERE user = ?1 AND id = ?2 AND expires_at > ?3 RETURNING id";
    let rows = database.run(statement, vec![user.into(), session_id.into(), now.into()]).await?;
    Ok(!rows.is_empty())
}

const ACTIVE: &str = "
SELECT id, device, series, episode, started_at, renewed_at, expires_at
FROM sessions WHERE user = ?1 AND expires_at > ?2
ORDER BY started_at, id";

/// The live leases of a user, the oldest first.
pub(crate) async fn active(
    database: &impl Database,
    user: &str,
    now: u64,
) -> Result<Vec<Lease>, StoreError> {
    let now = to_column(now, "now is out of range")?;
    let rows = database.run(ACTIVE, vec![user.into(), now.into()]).await?;
    rows.into_iter().map(Lease::of).collect()
}
