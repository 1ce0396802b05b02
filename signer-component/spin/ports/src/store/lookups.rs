//! What a user has paid for, and what there is to watch.

use super::{Columns, Database, StoreError};

/// Status, and the first second in which it no longer holds.
pub(crate) async fn entitlement(
    database: &impl Database,
    user: &str,
    series: &str,
) -> Result<Option<(String, Option<u64>)>, StoreError> {
    let statement = "SELECT status, valid_until FROM entitlements WHERE user = ?1 AND series = ?2";
    let rows = database.run(statement, vec![user.into(), series.into()]).await?;
    let Some(row) = rows.into_iter().next() else { return Ok(None) };
    let mut columns = Columns::of(row);
    Ok(Some((columns.text()?, columns.optional_number()?)))
}

/// Object keys of video and poster.
pub(crate) async fn episode(
    database: &impl Database,
    series: &str,
    episode: &str,
) -> Result<Option<(Option<String>, Option<String>)>, StoreError> {
    let statement = "SELECT video, poster FROM episodes WHERE series = ?1 AND episode = ?2";
    let rows = database.run(statement, vec![series.into(), episode.into()]).await?;
    let Some(row) = rows.into_iter().next() else { return Ok(None) };
    let mut columns = Columns::of(row);
    Ok(Some((columns.optional_text()?, columns.optional_text()?)))
}
