//! Editing the store from the command line.

use rusqlite::params;

use super::{SqliteStore, entitlements::entitlement, error::to_column, sessions::session};
use crate::{
    administration::{Administration, Granted, Listed, Watching, rules},
    ports::{Answer, Media},
};

impl Administration for SqliteStore {
    fn grant<'a>(
        &'a self,
        user: &'a str,
        series: &'a str,
        status: &'a str,
        valid_until: Option<u64>,
    ) -> Answer<'a, ()> {
        Box::pin(async move {
            rules::grant(user, series, status, valid_until)?;
            let [user, series, status] = [user, series, status].map(str::to_owned);
            let valid_until = valid_until.map(|time| to_column(time, "valid-until")).transpose()?;
            self.write_durably(move |transaction| {
                transaction.execute(
                    "INSERT INTO entitlements (user, series, status, valid_until)
                     VALUES (?1, ?2, ?3, ?4)
                     ON CONFLICT (user, series) DO UPDATE
                     SET status = excluded.status, valid_until = excluded.valid_until",
                    params![user, series, status, valid_until],
                )?;
                Ok(())
            })
            .await
        })
    }

    fn revoke<'a>(&'a self, user: &'a str, series: &'a str) -> Answer<'a, bool> {
        Box::pin(async move {
            rules::identifiers([("user", user), ("series", series)])?;
            let keys = [user, series].map(str::to_owned);
            self.write_durably(move |transaction| {
                let gone = transaction
                    .execute("DELETE FROM entitlements WHERE user = ?1 AND series = ?2", keys)?;
                Ok(gone > 0)
            })
            .await
        })
    }

    fn entitlements<'a>(&'a self, user: Option<&'a str>) -> Answer<'a, Vec<Granted>> {
        let user = user.map(str::to_owned);
        Box::pin(self.read(move |connection| {
            connection
                .prepare(
                    "SELECT user, series, status, valid_until FROM entitlements
                     WHERE ?1 IS NULL OR user = ?1 ORDER BY user, series",
                )?
                .query_map([user], |row| {
                    Ok(Granted {
                        user: row.get(0)?,
                        series: row.get(1)?,
                        entitlement: entitlement(row, 2)?,
                    })
                })?
                .collect()
        }))
    }

    fn put_episode<'a>(
        &'a self,
        series: &'a str,
        episode: &'a str,
        media: &'a Media,
    ) -> Answer<'a, ()> {
        Box::pin(async move {
            rules::episode(series, episode, media)?;
            let [series, episode] = [series, episode].map(str::to_owned);
            let Media { video, poster } = media.clone();
            self.write_durably(move |transaction| {
                transaction.execute(
                    "INSERT INTO episodes (series, episode, video, poster)
                     VALUES (?1, ?2, ?3, ?4)
                     ON CONFLICT (series, episode) DO UPDATE
                     SET video = excluded.video, poster = excluded.poster",
                    params![series, episode, video, poster],
                )?;
                Ok(())
            })
            .await
        })
    }

    fn remove_episode<'a>(&'a self, series: &'a str, episode: &'a str) -> Answer<'a, bool> {
        Box::pin(async move {
            rules::identifiers([("series", series), ("episode", episode)])?;
            let keys = [series, episode].map(str::to_owned);
            self.write_durably(move |transaction| {
                let gone = transaction
                    .execute("DELETE FROM episodes WHERE series = ?1 AND episode = ?2", keys)?;
                Ok(gone > 0)
            })
            .await
        })
    }

    fn episodes<'a>(&'a self, series: Option<&'a str>) -> Answer<'a, Vec<Listed>> {
        let series = series.map(str::to_owned);
        Box::pin(self.read(move |connection| {
            connection
                .prepare(
                    "SELECT series, episode, video, poster FROM episodes
                     WHERE ?1 IS NULL OR series = ?1 ORDER BY series, episode",
                )?
                .query_map([series], |row| {
                    Ok(Listed {
                        series: row.get(0)?,
                        episode: row.get(1)?,
                        media: Media { video: row.get(2)?, poster: row.get(3)? },
                    })
                })?
                .collect()
        }))
    }

    fn sessions<'a>(&'a self, user: Option<&'a str>, now: u64) -> Answer<'a, Vec<Watching>> {
        Box::pin(async move {
            let now = to_column(now, "now")?;
            let user = user.map(str::to_owned);
            self.read(move |connection| {
                connection
                    .prepare(
                        "SELECT user, id, device, series, episode, started_at, renewed_at, expires_at
                         FROM sessions WHERE (?1 IS NULL OR user = ?1) AND expires_at > ?2
                         ORDER BY user, started_at, id",
                    )?
                    .query_map(params![user, now], |row| {
                        Ok(Watching { user: row.get(0)?, session: session(row, 1)? })
                    })?
                    .collect()
            })
            .await
        })
    }
}
