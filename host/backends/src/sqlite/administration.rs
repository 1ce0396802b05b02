//! Editing the store from the command line.

use rusqlite::params;

use super::{SqliteStore, entitlements::entitlement, error::to_column, sessions::session};
use crate::{
    administration::{Administration, Granted, Listed, Watching},
    ports::{Answer, Media, PortError},
};

/// No time of Tollgate is later: values above are milliseconds that somebody took for seconds.
const LATEST: u64 = 9_223_372_036;

impl Administration for SqliteStore {
    fn grant<'a>(
        &'a self,
        user: &'a str,
        series: &'a str,
        status: &'a str,
        valid_until: Option<u64>,
    ) -> Answer<'a, ()> {
        Box::pin(async move {
            let (user, series) = (identifier("user", user)?, identifier("series", series)?);
            let status = word("status", status)?;
            if valid_until.is_some_and(|time| time > LATEST) {
                return Err(invalid("valid-until", "must be in seconds, not milliseconds"));
            }
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
            let keys = [identifier("user", user)?, identifier("series", series)?];
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
            let (series, episode) =
                (identifier("series", series)?, identifier("episode", episode)?);
            let video = media.video.as_deref().map(|key| object_key("video", key)).transpose()?;
            let poster =
                media.poster.as_deref().map(|key| object_key("poster", key)).transpose()?;
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
            let keys = [identifier("series", series)?, identifier("episode", episode)?];
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

fn invalid(field: &str, rule: &str) -> PortError {
    PortError::InvalidArgument(format!("{field} {rule}"))
}

/// The rule of the HTTP interface for identifiers; `.` and `..` would not survive a path.
fn identifier(field: &str, text: &str) -> Result<String, PortError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._~-".contains(&byte);
    let fits = (1..=128).contains(&text.len()) && text.bytes().all(allowed);
    if fits && text != "." && text != ".." {
        Ok(text.to_owned())
    } else {
        Err(invalid(field, "must be 1 to 128 of A-Z a-z 0-9 . _ ~ - and neither . nor .."))
    }
}

fn word(field: &str, text: &str) -> Result<String, PortError> {
    let fits = (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    if fits {
        Ok(text.to_owned())
    } else {
        Err(invalid(field, "must be one word of 1 to 64 letters"))
    }
}

fn object_key(field: &str, text: &str) -> Result<String, PortError> {
    let fits = (1..=1024).contains(&text.len()) && !text.chars().any(char::is_control);
    if !fits {
        Err(invalid(field, "must be 1 to 1024 bytes without control characters"))
    } else if text.starts_with('/') {
        Err(invalid(field, "must be an object key, without a leading slash"))
    } else {
        Ok(text.to_owned())
    }
}
