//! What people and the demo do to a store, beside what the gate asks of it.

#[cfg(any(feature = "aws", feature = "embedded"))]
pub(crate) mod rules;

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
    /// What readiness calls it.
    fn name(&self) -> &'static str {
        "store"
    }
    /// Deletes what nobody can see any more; how many rows went.
    fn purge(&self, now: u64) -> Answer<'_, u64>;
    /// Whether the backend answers at all.
    fn check(&self) -> Answer<'_, ()>;
}
