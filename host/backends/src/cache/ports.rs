//! The catalogue and the entitlements as a store had them a moment ago, whatever store that is.

use std::{sync::Arc, time::Duration};

use super::Cache;
use crate::ports::{Answer, Catalog, Entitlement, Entitlements, Media};

/// A store with what is known of it. What was found is believed for a while; that there is nothing never is, so that what
/// somebody adds counts at once.
pub(crate) struct Remembering<S: ?Sized, V: Clone> {
    store: Arc<S>,
    lifetime: Duration,
    known: Cache<2, Option<V>>,
}

impl<S: ?Sized, V: Clone> Remembering<S, V> {
    pub(crate) fn new(store: Arc<S>, lifetime: Duration) -> Self {
        Self { store, lifetime, known: Cache::default() }
    }
}

/// How long an answer is believed.
fn if_found<V>(lifetime: Duration) -> impl Fn(&Option<V>) -> Duration {
    move |answer| if answer.is_some() { lifetime } else { Duration::ZERO }
}

impl Catalog for Remembering<dyn Catalog, Media> {
    fn episode<'a>(&'a self, series: &'a str, episode: &'a str) -> Answer<'a, Option<Media>> {
        let store = Arc::clone(&self.store);
        let question =
            |[series, episode]: [String; 2]| async move { store.episode(&series, &episode).await };
        Box::pin(self.known.ask([series, episode], if_found(self.lifetime), question))
    }
}

impl Entitlements for Remembering<dyn Entitlements, Entitlement> {
    fn lookup<'a>(&'a self, user: &'a str, series: &'a str) -> Answer<'a, Option<Entitlement>> {
        let store = Arc::clone(&self.store);
        let question =
            |[user, series]: [String; 2]| async move { store.lookup(&user, &series).await };
        Box::pin(self.known.ask([user, series], if_found(self.lifetime), question))
    }
}
