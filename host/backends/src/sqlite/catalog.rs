//! The catalogue port on SQLite.

use rusqlite::OptionalExtension;

use super::SqliteStore;
use crate::ports::{Answer, Catalog, Media};

impl Catalog for SqliteStore {
    fn episode<'a>(&'a self, series: &'a str, episode: &'a str) -> Answer<'a, Option<Media>> {
        Box::pin(self.look_up(move |connection| {
            connection
                .prepare_cached(EPISODE)?
                .query_row([series, episode], |row| {
                    Ok(Media { video: row.get(0)?, poster: row.get(1)? })
                })
                .optional()
        }))
    }
}

pub(super) const EPISODE: &str =
    "SELECT video, poster FROM episodes WHERE series = ?1 AND episode = ?2";
