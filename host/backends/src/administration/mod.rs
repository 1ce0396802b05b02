//! What people and the demo do to a store, beside what the gate asks of it.

#[cfg(any(feature = "aws", feature = "embedded"))]
pub(crate) mod rules;

use std::time::Duration;

use crate::ports::{Answer, Entitlement, Media, Session};

/// One entitlement of one user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Granted {
    /// Whose.
    pub user: String,
    /// To what.
    pub series: String,
    /// In which state.
    pub entitlement: Entitlement,
}

/// One episode of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The series it belongs to.
    pub series: String,
    /// The episode.
    pub episode: String,
    /// Its media.
    pub media: Media,
}

/// One live lease and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watching {
    /// Whose.
    pub user: String,
    /// The lease.
    pub session: Session,
}

/// A store whose contents can be edited from the command line.
///
/// Identifiers are checked against the rule of the HTTP interface, so that nothing can be written
/// that could never be asked for.
pub trait Administration: Send + Sync {
    /// Records an entitlement, in place of one that is there.
    fn grant<'a>(
        &'a self,
        user: &'a str,
        series: &'a str,
        status: &'a str,
        valid_until: Option<u64>,
    ) -> Answer<'a, ()>;
    /// Deletes an entitlement; `false` if there was none.
    fn revoke<'a>(&'a self, user: &'a str, series: &'a str) -> Answer<'a, bool>;
    /// The entitlements of one user or of everybody, by user and series.
    fn entitlements<'a>(&'a self, user: Option<&'a str>) -> Answer<'a, Vec<Granted>>;
    /// Records an episode, in place of one that is there.
    fn put_episode<'a>(
        &'a self,
        series: &'a str,
        episode: &'a str,
        media: &'a Media,
    ) -> Answer<'a, ()>;
    /// Deletes an episode; `false` if there was none.
    fn remove_episode<'a>(&'a self, series: &'a str, episode: &'a str) -> Answer<'a, bool>;
    /// The episodes of one series or of all, by series and episode.
    fn episodes<'a>(&'a self, series: Option<&'a str>) -> Answer<'a, Vec<Listed>>;
    /// The live leases of one user or of everybody, by user, the oldest first.
    fn sessions<'a>(&'a self, user: Option<&'a str>, now: u64) -> Answer<'a, Vec<Watching>>;
}

/// What the gateway does for a backend now and then.
pub trait Upkeep: Send + Sync {
    /// What `/readyz` calls it.
    fn part(&self) -> &'static str {
        "store"
    }
    /// Deletes what nobody can see any more; how many rows went.
    fn purge(&self, now: u64) -> Answer<'_, u64>;
    /// Whether the backend answers at all.
    fn check(&self) -> Answer<'_, ()>;
    /// How old what it answers is, if that was fetched before anybody asked.
    fn freshness(&self) -> Option<Freshness> {
        None
    }
}

/// How it stands with what a backend fetched, and uses until it fetches again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Freshness {
    /// Since what is in use was fetched; since the start, until something was.
    pub age: Duration,
    /// Fetches since the start, failed ones included.
    pub refreshes: u64,
    /// Fetches since the start that failed.
    pub failures: u64,
    /// Why what is in use is not the newest, if it is not.
    pub stale: Option<Stale>,
}

/// Something old is in use, because nothing newer is to be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stale {
    /// Why, without names and secrets: viewers may see it.
    pub reason: &'static str,
    /// Since when; seconds since 1970.
    pub since: u64,
}
