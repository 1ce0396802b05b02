//! What the edge did so far.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use http::StatusCode;

/// How a request ended, as counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Result {
    Hit,
    Miss,
    Denied,
    Error,
}

/// Counts of requests by result. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct EdgeCounters(Arc<[AtomicU64; 4]>);

const NAMES: [&str; 4] = ["hit", "miss", "denied", "error"];

impl EdgeCounters {
    pub(super) fn count(&self, result: Result) {
        if let Some(counter) = self.0.get(result as usize) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Every result with its count.
    pub fn snapshot(&self) -> Vec<(String, u64)> {
        let counts = self.0.iter().map(|counter| counter.load(Ordering::Relaxed));
        NAMES.iter().map(|name| (*name).to_owned()).zip(counts).collect()
    }
}

impl Result {
    /// What it comes to with the status of the answer: a failure is one, wherever it came from.
    pub(super) fn with(self, status: StatusCode) -> Self {
        let failed = status.is_client_error() || status.is_server_error();
        if failed { Self::Error } else { self }
    }

    pub(super) fn name(self) -> &'static str {
        NAMES.get(self as usize).copied().unwrap_or_default()
    }
}
