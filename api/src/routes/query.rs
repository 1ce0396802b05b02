//! Query parameters: each known, each at most once.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::Delivery;
use crate::field::{FieldError, Id};

/// Reads `delivery`.
pub(super) fn delivery(query: &str, errors: &mut Vec<FieldError>) -> Option<Delivery> {
    let [delivery] = values(query, ["delivery"], errors);
    carried(delivery.as_deref(), errors)
}

/// Reads `seriesId` and `episodeId`, both or none, and `delivery`.
pub(super) fn heartbeat(
    query: &str,
    errors: &mut Vec<FieldError>,
) -> (Option<(Id, Id)>, Option<Delivery>) {
    let [series, episode, delivery] = values(query, ["seriesId", "episodeId", "delivery"], errors);
    let watching = watching(series.as_deref(), episode.as_deref(), errors);
    (watching, carried(delivery.as_deref(), errors))
}

fn carried(delivery: Option<&str>, errors: &mut Vec<FieldError>) -> Option<Delivery> {
    match delivery? {
        "url" => Some(Delivery::Url),
        "cookies" => Some(Delivery::Cookies),
        "playlist" => Some(Delivery::Playlist),
        _ => {
            errors.push(FieldError::new("delivery", "must be url, cookies or playlist"));
            None
        }
    }
}

fn watching(
    series: Option<&str>,
    episode: Option<&str>,
    errors: &mut Vec<FieldError>,
) -> Option<(Id, Id)> {
    let (series, episode) = match (series, episode) {
        (None, None) => return None,
        (Some(series), Some(episode)) => (series, episode),
        (None, Some(_)) => {
            errors.push(FieldError::new("seriesId", "must be given together with episodeId"));
            return None;
        }
        (Some(_), None) => {
            errors.push(FieldError::new("episodeId", "must be given together with seriesId"));
            return None;
        }
    };
    match (Id::parse("seriesId", series), Id::parse("episodeId", episode)) {
        (Ok(series), Ok(episode)) => Some((series, episode)),
        (series, episode) => {
            errors.extend(series.err());
            errors.extend(episode.err());
            None
        }
    }
}

/// Refuses every parameter.
pub(super) fn none(query: &str, errors: &mut Vec<FieldError>) {
    let [] = values(query, [], errors);
}

/// The values of `known`, in that order. Unknown and repeated parameters are errors.
fn values<'a, const N: usize>(
    query: &'a str,
    known: [&str; N],
    errors: &mut Vec<FieldError>,
) -> [Option<Cow<'a, str>>; N] {
    let mut values = [const { None }; N];
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = percent_decode_str(name).decode_utf8_lossy();
        let place = known.iter().zip(values.iter_mut()).find(|(known, _)| **known == name);
        match place {
            Some((_, place @ None)) => *place = Some(percent_decode_str(value).decode_utf8_lossy()),
            Some(_) => errors.push(FieldError::new(name, "must be given once")),
            None => {
                errors.push(FieldError::new(shown(&name), "is no query parameter of this call"))
            }
        }
        if errors.len() >= MAX_ERRORS {
            break;
        }
    }
    values
}

/// A name that somebody else chose, made fit for an answer and a log line.
fn shown(name: &str) -> String {
    name.chars().take(64).map(|c| if c.is_ascii_graphic() { c } else { '?' }).collect()
}

/// Enough to mend a request; a hostile query must not be answered with a page of errors.
const MAX_ERRORS: usize = 16;
