//! What every store of objects does alike: equal questions that are asked at once are one question, and its answer
//! is remembered for a while.
//!
//! A backend implements [`Store`]; [`Shared`] makes the port of it.

#[cfg(any(feature = "aws", feature = "http-origin"))]
mod body;
mod playlists;
#[cfg(test)]
mod tests;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;

#[cfg(any(feature = "aws", feature = "http-origin"))]
pub(crate) use self::body::{Gathered, check_encoding};
use self::playlists::{Asked, Playlists};
use crate::{
    cache::{Cache, Flights},
    ports::{Answer, Objects, PortError},
    section::Section,
};

/// The longest key a store is asked for, in bytes: S3's limit.
pub(crate) const LONGEST_KEY: usize = 1024;

/// The longest query that is passed on, in bytes. CloudFront takes no URL beyond 8 KiB.
const LONGEST_QUERY: usize = 4096;

/// Something that is asked afresh each time.
pub(crate) trait Store: Send + Sync + 'static {
    /// Whether there can be an object under this key. `false` is as good as asking for what is not there; a key that
    /// leads out of the store is an error.
    fn admits(&self, key: &str) -> Result<bool, PortError>;

    /// Whether an object depends on the query it is asked for with.
    fn takes_queries(&self) -> bool {
        false
    }

    /// Whether there is an object under a key that is admitted.
    fn look<'a>(&'a self, key: &'a str) -> Answer<'a, bool>;

    /// What is in it, at most so many bytes. See [`Objects::read`].
    fn fetch<'a>(
        &'a self,
        key: &'a str,
        query: Option<&'a str>,
        most: u32,
    ) -> Answer<'a, Option<Bytes>>;
}

/// How long it is believed that an object is there: somebody who takes one away has viewers with signatures for it
/// for longer than that.
const FOUND_FOR: u64 = 60;

/// How long it is believed that one is not, of a store that is far away.
#[cfg(any(feature = "aws", feature = "http-origin"))]
pub(crate) const MISSING_FAR_AWAY: u64 = 5;

/// The same of a store at hand.
#[cfg(feature = "embedded")]
pub(crate) const MISSING_AT_HAND: u64 = 1;

/// How long answers are believed.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Lifetimes {
    /// That an object is there.
    pub(crate) found: Duration,
    /// That it is not.
    pub(crate) missing: Duration,
    /// What is in a playlist.
    pub(crate) playlists: Duration,
}

impl Lifetimes {
    /// Takes `found-for`, `missing-for` and `playlists-for`. Asking a store that is far away costs time and money for
    /// what is not there as well; one at hand is asked again soon (`missing_for`).
    pub(crate) fn take(section: &mut Section, missing_for: u64) -> Self {
        Self {
            found: Duration::from_secs(section.seconds("found-for", 0..=3600, FOUND_FOR)),
            missing: Duration::from_secs(section.seconds("missing-for", 0..=3600, missing_for)),
            playlists: Duration::from_secs(section.seconds("playlists-for", 0..=60, 1)),
        }
    }
}

/// A store with what is known of it, shared by all who ask.
pub(crate) struct Shared<S> {
    store: Arc<S>,
    lifetimes: Lifetimes,
    looks: Cache<1, bool>,
    playlists: Arc<Playlists>,
    reads: Flights<(Asked, u32), Result<Option<Bytes>, PortError>>,
}

impl<S: Store> Shared<S> {
    pub(crate) fn new(store: Arc<S>, lifetimes: Lifetimes) -> Self {
        Self {
            store,
            lifetimes,
            looks: Cache::default(),
            playlists: Arc::new(Playlists::new(lifetimes.playlists)),
            reads: Flights::default(),
        }
    }

    /// The query as far as the store cares about it: what it ignores must not tell equal questions apart.
    fn relevant(&self, query: Option<&str>) -> Result<Option<String>, PortError> {
        let Some(query) = query.filter(|query| self.store.takes_queries() && !query.is_empty())
        else {
            return Ok(None);
        };
        let plain = query.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#');
        if plain && query.len() <= LONGEST_QUERY {
            return Ok(Some(query.to_owned()));
        }
        Err(PortError::InvalidArgument("the query cannot be part of a URL".to_owned()))
    }
}

impl<S: Store> Objects for Shared<S> {
    fn exists<'a>(&'a self, key: &'a str) -> Answer<'a, bool> {
        Box::pin(async move {
            if !self.store.admits(key)? {
                return Ok(false);
            }
            let Lifetimes { found, missing, .. } = self.lifetimes;
            let store = Arc::clone(&self.store);
            let question = |[key]: [String; 1]| async move { store.look(&key).await };
            let lifetime = move |is_there: &bool| if *is_there { found } else { missing };
            self.looks.ask([key], lifetime, question).await
        })
    }

    fn read<'a>(
        &'a self,
        key: &'a str,
        query: Option<&'a str>,
        most: u32,
    ) -> Answer<'a, Option<Bytes>> {
        Box::pin(async move {
            if !self.store.admits(key)? {
                return Ok(None);
            }
            let name = Asked { key: key.to_owned(), query: self.relevant(query)? };
            let asked = Instant::now();
            if let Some(answer) = self.playlists.get(&name, asked) {
                return match answer {
                    Some(bytes) if bytes.len() > most as usize => Err(too_large(most)),
                    answer => Ok(answer),
                };
            }
            let (store, playlists) = (Arc::clone(&self.store), Arc::clone(&self.playlists));
            let question = {
                let name = name.clone();
                async move {
                    let answer = store.fetch(&name.key, name.query.as_deref(), most).await?;
                    playlists.put(name, answer.clone(), asked);
                    Ok(answer)
                }
            };
            self.reads.join((name, most), question).await
        })
    }
}

/// What a reader says who asked for at most so many bytes.
pub(crate) fn too_large(most: u32) -> PortError {
    PortError::Other(format!("the playlist is larger than {most} bytes"))
}
