//! What every store of objects does alike: equal questions that are asked at once are one question, and its answer
//! is remembered for a while.
//!
//! A backend implements [`Store`]; [`Shared`] makes the port of it.

mod answers;
#[cfg(any(feature = "aws", feature = "http-origin"))]
mod body;
mod flights;
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
pub(crate) use self::flights::Flights;
use self::{
    answers::Answers,
    playlists::{Asked, Playlists},
};
use crate::{
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
    /// Takes `found-for`, `missing-for` and `playlists-for`.
    #[cfg(any(feature = "aws", feature = "http-origin"))]
    pub(crate) fn take(section: &mut Section) -> Self {
        Self {
            found: Duration::from_secs(section.seconds("found-for", 0..=3600, 60)),
            missing: Duration::from_secs(section.seconds("missing-for", 0..=3600, 5)),
            ..Self::of_playlists(section)
        }
    }

    /// Takes `playlists-for` alone: a store at hand is asked each time whether something is there.
    pub(crate) fn of_playlists(section: &mut Section) -> Self {
        let playlists = Duration::from_secs(section.seconds("playlists-for", 0..=60, 1));
        Self { playlists, ..Self::default() }
    }
}

/// A store with what is known of it, shared by all who ask.
pub(crate) struct Shared<S> {
    store: Arc<S>,
    answers: Arc<Answers>,
    looks: Flights<String, Result<bool, PortError>>,
    playlists: Arc<Playlists>,
    reads: Flights<(Asked, u32), Result<Option<Bytes>, PortError>>,
}

impl<S: Store> Shared<S> {
    pub(crate) fn new(store: Arc<S>, lifetimes: Lifetimes) -> Self {
        let Lifetimes { found, missing, playlists } = lifetimes;
        Self {
            store,
            answers: Arc::new(Answers::new(found, missing)),
            looks: Flights::default(),
            playlists: Arc::new(Playlists::new(playlists)),
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
            let asked = Instant::now();
            if let Some(found) = self.answers.get(key, asked) {
                return Ok(found);
            }
            let (store, answers) = (Arc::clone(&self.store), Arc::clone(&self.answers));
            let name = key.to_owned();
            let question = {
                let key = name.clone();
                async move {
                    let found = store.look(&key).await?;
                    answers.put(key, found, asked);
                    Ok(found)
                }
            };
            self.looks.join(name, question).await
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
