//! Signing keys that a service keeps: what they look like there, and how they are fetched and kept at hand.
//!
//! A fetched set is used for `refresh` and fetched again before that ends, in the background, so that no viewer
//! waits. One fetch is under way at a time, however many ask. While the service fails, or holds something that is no
//! key, the last good set stays in use, and [`Upkeep::freshness`](crate::administration::Upkeep::freshness) says so.

mod contents;
mod failure;
mod keyring;
mod pace;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use futures::future::BoxFuture;
use tokio::task::AbortHandle;
use zeroize::Zeroizing;

pub(crate) use self::contents::{Contents, Unusable};
pub(crate) use self::failure::{Asked, Failure};
use self::{keyring::Keyring, pace::Pace};
use crate::{
    administration::{Freshness, Upkeep},
    ports::{Answer, Key, PortError, SigningKeys},
    private_key::{Mode, is_key_pair_id},
    registry::{Adapter, Port, Service},
    section::{Mistake, Section},
};

/// How long a fetched set is used, in seconds.
const REFRESH: u64 = 300;

/// The keys that every table of stored keys takes.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// Where the table stands in the configuration.
    path: String,
    /// The id of a key that is stored without one.
    key_pair_id: Option<String>,
    mode: Mode,
    refresh: Duration,
}

impl Settings {
    /// Takes the keys; mistakes stay in the section.
    pub(crate) fn take(section: &mut Section) -> Self {
        let key_pair_id = section.text("key-pair-id");
        if key_pair_id.as_deref().is_some_and(|id| !is_key_pair_id(id)) {
            section.mistake("key-pair-id", "must be letters and digits, as CloudFront gives it");
        }
        let mode = Mode::take(section);
        let refresh = Duration::from_secs(section.seconds("refresh", 10..=3_600, REFRESH));
        Self { path: section.path().to_owned(), key_pair_id, mode, refresh }
    }

    /// The id of a key that is stored without one.
    pub(crate) fn key_pair_id(&self) -> Option<&str> {
        self.key_pair_id.as_deref()
    }

    /// How long a fetched key is used before it is fetched again.
    pub(crate) fn refresh(&self) -> Duration {
        self.refresh
    }

    /// For the line in the log.
    pub(crate) fn summary(&self) -> String {
        format!("{}, refreshed within {} s", self.mode, self.refresh.as_secs())
    }
}

/// A place where one signing key and its predecessor are kept.
pub(crate) trait Vault: Send + Sync {
    /// For the log: which place it is.
    fn name(&self) -> String;
    /// The key of the table that names it.
    fn key(&self) -> &'static str;
    /// Both as they are now.
    fn fetch(&self) -> BoxFuture<'_, Result<Fetched, Failure>>;
}

/// What a vault holds.
pub(crate) struct Fetched {
    /// The version to sign with.
    pub(crate) current: Version,
    /// The one before it, if there is one.
    pub(crate) previous: Result<Option<Version>, Failure>,
}

/// One version as it is stored.
pub(crate) struct Version {
    /// What the service calls it.
    pub(crate) id: String,
    /// Its contents: a key in PEM, or JSON with one.
    pub(crate) text: Zeroizing<String>,
}

/// Fetches the keys and keeps them fresh until the adapter is dropped. A service that does not answer is no
/// mistake: it may be back in a second.
///
/// # Errors
/// The service says no, or what it holds is no key.
pub(crate) async fn open(
    vault: impl Vault + 'static,
    settings: &Settings,
) -> Result<Adapter, Vec<Mistake>> {
    let keys = Arc::new(StoredKeys::open(vault, settings, Pace::of(settings.refresh)).await?);
    let service = Service::SigningKeys(Arc::<StoredKeys>::clone(&keys));
    Ok(Adapter { service, administration: None, upkeep: Some(keys) })
}

/// The signing-keys port on a vault.
struct StoredKeys {
    keyring: Arc<Keyring>,
    refresher: AbortHandle,
}

impl StoredKeys {
    async fn open(
        vault: impl Vault + 'static,
        settings: &Settings,
        pace: Pace,
    ) -> Result<Self, Vec<Mistake>> {
        let keyring = Arc::new(Keyring::new(Box::new(vault), settings.clone(), pace));
        if let Some(Failure::Refused { key, rule } | Failure::Unusable { key, rule }) =
            keyring.start().await
        {
            return Err(vec![Mistake { key: format!("{}.{key}", settings.path), rule }]);
        }
        let refresher = tokio::spawn(Arc::clone(&keyring).keep_fresh()).abort_handle();
        Ok(Self { keyring, refresher })
    }
}

impl Drop for StoredKeys {
    fn drop(&mut self) {
        self.refresher.abort();
    }
}

impl SigningKeys for StoredKeys {
    fn current(&self) -> Answer<'_, Key> {
        Box::pin(async move {
            if let Some(key) = self.keyring.current() {
                return Ok(key);
            }
            self.keyring.ask_again().await;
            self.keyring.current().ok_or_else(|| self.keyring.absence())
        })
    }

    fn by_id<'a>(&'a self, key_pair_id: &'a str) -> Answer<'a, Option<Key>> {
        Box::pin(async move {
            if let Some(key) = self.keyring.by_id(key_pair_id) {
                return Ok(Some(key));
            }
            // A key that was promoted a moment ago may be pinned already. What is no id need not be looked for.
            if is_key_pair_id(key_pair_id) {
                self.keyring.ask_again().await;
            }
            match self.keyring.by_id(key_pair_id) {
                Some(key) => Ok(Some(key)),
                // What was not heard of cannot be said not to be there.
                None if self.keyring.is_unsure() => Err(self.keyring.absence()),
                None => Ok(None),
            }
        })
    }
}

impl Upkeep for StoredKeys {
    fn part(&self) -> &'static str {
        Port::SigningKeys.section()
    }

    fn purge(&self, _: u64) -> Answer<'_, u64> {
        Box::pin(async { Ok(0) })
    }

    /// Whether there is a key to sign with; nothing is fetched for it.
    fn check(&self) -> Answer<'_, ()> {
        Box::pin(async move {
            let there = self.keyring.current().map(drop);
            there.ok_or_else(|| -> PortError { self.keyring.absence() })
        })
    }

    fn freshness(&self) -> Option<Freshness> {
        Some(self.keyring.freshness())
    }
}
