//! Behaviours at work: the first whose pattern matches decides whether a signature is needed, and whose.

use std::time::Duration;

use tollgate_api::edge::{self, PathPattern};

use super::{
    settings::EdgeSettings,
    trust::{Trust, Trusted},
};

/// What holds for the paths of one pattern.
pub(super) struct Behavior {
    pattern: PathPattern,
    /// The pattern as configured, for logs.
    pub(super) text: String,
    pub(super) origin: usize,
    /// `None` for a public behaviour.
    pub(super) trusted: Option<Trusted>,
    pub(super) ttl: Duration,
}

impl edge::Behavior for Behavior {
    fn matches(&self, path: &str) -> bool {
        self.pattern.matches(path)
    }
}

/// The behaviours of the settings, each with those it trusts.
pub(super) fn all(settings: &EdgeSettings, trust: &Trust) -> Vec<Behavior> {
    let rows = settings.behaviors.iter().enumerate();
    rows.map(|(place, row)| Behavior {
        pattern: row.pattern.clone(),
        text: row.text.clone(),
        origin: row.origin,
        trusted: trust.at(place),
        ttl: row.ttl,
    })
    .collect()
}
