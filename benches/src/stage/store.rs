//! Fills the embedded store: users, episodes and leases, in one transaction.

use std::{fs, path::Path, time::Duration};

use anyhow::{Context as _, Result};
use rusqlite::{Connection, params};
use tollgate_backends::sqlite::SqliteStore;
use tollgate_bench::tokens::now;

use super::SERIES;

/// How much is in a store.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    pub(crate) users: usize,
    pub(crate) episodes: usize,
    /// Leases of each user on other devices than the one that plays.
    pub(crate) leases: usize,
}

/// Makes the file with the gateway's own code, so that its schema is the gateway's, and fills it.
pub(crate) fn fill(path: &Path, size: Size) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)
            .with_context(|| format!("{} cannot be made", folder.display()))?;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().build().context("no runtime")?;
    runtime
        .block_on(SqliteStore::open(path, Duration::from_secs(5)))
        .context("the store cannot be made")?;
    let mut connection = Connection::open(path).context("the store cannot be opened")?;
    let transaction = connection.transaction()?;
    let now = i64::try_from(now()?)?;
    {
        let mut entitlement =
            transaction.prepare("INSERT INTO entitlements VALUES (?1, ?2, 'Active', NULL)")?;
        let mut episode = transaction.prepare("INSERT INTO episodes VALUES (?1, ?2, NULL, ?3)")?;
        let mut lease = transaction
            .prepare("INSERT INTO sessions VALUES (?1, ?2, ?3, ?4, 'ep0', ?5, ?5, ?6)")?;
        for user in 0..size.users {
            let name = user_name(user);
            entitlement.execute(params![name, SERIES])?;
            for device in 0..size.leases {
                // As long as hex SHA-256, as the gateway's fingerprints are.
                let fingerprint = format!("{user:032x}{device:032x}");
                let id = format!("{user:024x}{device:08x}");
                // No run takes a day, so none of them ends while it is measured.
                lease.execute(params![name, fingerprint, id, SERIES, now, now + 86_400])?;
            }
        }
        for number in 0..size.episodes {
            let name = episode_name(number);
            let poster = format!("{}/poster.jpg", folder_of(&name));
            episode.execute(params![SERIES, name, poster])?;
        }
    }
    transaction.commit().context("the store cannot be filled")
}

pub(crate) fn user_name(number: usize) -> String {
    format!("user-{number}")
}

pub(crate) fn episode_name(number: usize) -> String {
    format!("ep{number}")
}

/// The object key everything of an episode is below.
pub(crate) fn folder_of(episode: &str) -> String {
    format!("content/series/{SERIES}/video/{episode}")
}
