//! The shapes of paths: which call it would be, before method, identifiers and query are judged.

use super::{Format, Link, LinkTarget, Route, query};
use crate::field::{FieldError, Id};

/// A path that exists, before method, identifiers and query are looked at.
pub(super) enum Shape<'a> {
    SignedUrls {
        user: &'a str,
        series: &'a str,
        episode: &'a str,
    },
    Heartbeat {
        user: &'a str,
        session: &'a str,
    },
    Playlist {
        user: &'a str,
        series: &'a str,
        episode: &'a str,
        format: Format,
    },
    Linked {
        user: &'a str,
        series: &'a str,
        episode: &'a str,
        session: &'a str,
        target: LinkTarget,
    },
    Sessions {
        user: &'a str,
    },
    Session {
        user: &'a str,
        session: &'a str,
    },
    Plain(Route),
}

impl<'a> Shape<'a> {
    pub(super) fn of(segments: &[&'a str]) -> Option<Self> {
        Some(match *segments {
            ["users", user, "series", series, "episodes", episode, "signed-urls"] => {
                Self::SignedUrls { user, series, episode }
            }
            ["users", user, "series", series, "episodes", episode, name] => {
                Self::Playlist { user, series, episode, format: format(name)? }
            }
            [
                "users",
                user,
                "series",
                series,
                "episodes",
                episode,
                "sessions",
                session,
                ref rest @ ..,
            ] => Self::Linked { user, series, episode, session, target: target(rest)? },
            ["users", user, "sessions", session, "heartbeat"] => Self::Heartbeat { user, session },
            // A trailing slash is another path, not a session without a name.
            ["users", _, "sessions", ""] => return None,
            ["users", user, "sessions", session] => Self::Session { user, session },
            ["users", user, "sessions"] => Self::Sessions { user },
            ["healthz"] => Self::Plain(Route::Health),
            ["readyz"] => Self::Plain(Route::Ready),
            ["metrics"] => Self::Plain(Route::Metrics),
            ["openapi.json"] => Self::Plain(Route::OpenApi),
            _ => return None,
        })
    }

    pub(super) fn allow(&self) -> &'static str {
        match self {
            Self::Heartbeat { .. } => "POST",
            Self::Session { .. } => "DELETE",
            Self::SignedUrls { .. }
            | Self::Playlist { .. }
            | Self::Linked { .. }
            | Self::Sessions { .. }
            | Self::Plain(_) => "GET, HEAD",
        }
    }

    pub(super) fn check(self, query: &str) -> Result<Route, Vec<FieldError>> {
        let mut errors = Vec::new();
        let mut id = |field: &str, text: &str| match Id::parse(field, text) {
            Ok(id) => Some(id),
            Err(error) => {
                errors.push(error);
                None
            }
        };
        match self {
            Self::SignedUrls { user, series, episode } => {
                let user = id("userId", user);
                let series = id("seriesId", series);
                let episode = id("episodeId", episode);
                let delivery = query::delivery(query, &mut errors);
                match (user, series, episode) {
                    (Some(user), Some(series), Some(episode)) if errors.is_empty() => {
                        Ok(Route::SignedUrls { user, series, episode, delivery })
                    }
                    _ => Err(errors),
                }
            }
            Self::Heartbeat { user, session } => {
                let user = id("userId", user);
                let session = id("sessionId", session);
                let (watching, delivery) = query::heartbeat(query, &mut errors);
                match (user, session) {
                    (Some(user), Some(session)) if errors.is_empty() => {
                        Ok(Route::Heartbeat { user, session, watching, delivery })
                    }
                    _ => Err(errors),
                }
            }
            Self::Playlist { user, series, episode, format } => {
                let user = id("userId", user);
                let series = id("seriesId", series);
                let episode = id("episodeId", episode);
                query::none(query, &mut errors);
                match (user, series, episode) {
                    (Some(user), Some(series), Some(episode)) if errors.is_empty() => {
                        Ok(Route::Playlist { user, series, episode, format })
                    }
                    _ => Err(errors),
                }
            }
            // Its query is the link's signature and what the playlist's own URL had; the gate tells them apart.
            Self::Linked { user, series, episode, session, target } => {
                let user = id("userId", user);
                let series = id("seriesId", series);
                let episode = id("episodeId", episode);
                let session = id("sessionId", session);
                match (user, series, episode, session) {
                    (Some(user), Some(series), Some(episode), Some(session)) => {
                        Ok(Route::Linked(Link { user, series, episode, session, target }))
                    }
                    _ => Err(errors),
                }
            }
            Self::Sessions { user } => {
                let user = id("userId", user);
                query::none(query, &mut errors);
                user.filter(|_| errors.is_empty())
                    .map(|user| Route::Sessions { user })
                    .ok_or(errors)
            }
            Self::Session { user, session } => {
                let user = id("userId", user);
                let session = id("sessionId", session);
                query::none(query, &mut errors);
                match (user, session) {
                    (Some(user), Some(session)) if errors.is_empty() => {
                        Ok(Route::Session { user, session })
                    }
                    _ => Err(errors),
                }
            }
            // Probes and scrapers may add what they like; nothing reads it.
            Self::Plain(route) => Ok(route),
        }
    }
}

fn format(name: &str) -> Option<Format> {
    match name {
        "playlist.m3u8" => Some(Format::Hls),
        "manifest.mpd" => Some(Format::Dash),
        _ => None,
    }
}

/// Where a link leads, by what stands behind its lease.
fn target(rest: &[&str]) -> Option<LinkTarget> {
    match rest {
        ["cookies"] => Some(LinkTarget::Cookies),
        ["media", key @ ..] if !key.is_empty() => Some(LinkTarget::Nested(key.join("/"))),
        [name] => format(name).map(LinkTarget::Playlist),
        _ => None,
    }
}
