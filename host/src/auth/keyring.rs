//! The keys in use: replaced when newer ones come, kept when none do, asked for by one at a time.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tollgate_api::KeySet;
use tracing::{info, warn};

use super::clock::Clock;
use super::source::Source;

/// The keys in use and the one way to newer ones.
pub(super) struct Keyring {
    source: Source,
    clock: Arc<dyn Clock>,
    /// Where keys are fetched, whoever asks: that is not to end with the thread of an instance.
    home: Handle,
    current: RwLock<Snapshot>,
    /// Held while keys are loaded, so that there is one load at a time. It holds when a request
    /// last caused one; scheduled loads do not count, or a key that is new right after one would wait.
    flight: tokio::sync::Mutex<Option<Instant>>,
    failures: AtomicU64,
}

/// The keys, and after how many loads they are the newest.
#[derive(Clone)]
pub(super) struct Snapshot {
    pub(super) keys: Option<Arc<KeySet>>,
    /// How often they were replaced. What was verified with other keys has to be verified again.
    pub(super) generation: u64,
    loads: u64,
}

impl Keyring {
    pub(super) fn new(source: Source, keys: Option<KeySet>, clock: Arc<dyn Clock>) -> Self {
        keys.iter().for_each(report_skipped);
        Self {
            source,
            clock,
            home: Handle::current(),
            current: RwLock::new(Snapshot { keys: keys.map(Arc::new), generation: 0, loads: 0 }),
            flight: tokio::sync::Mutex::new(None),
            failures: AtomicU64::new(0),
        }
    }

    pub(super) fn snapshot(&self) -> Snapshot {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn failures(&self) -> u64 {
        self.failures.load(Ordering::Relaxed)
    }

    pub(super) fn loads(&self) -> u64 {
        self.snapshot().loads
    }

    pub(super) fn summary(&self) -> String {
        self.source.summary()
    }

    /// Sees to it that keys newer than `seen` were asked for, if that is allowed by now, and returns
    /// what there is then. Whoever calls while somebody else asks shares that answer.
    pub(super) async fn newer_than(self: &Arc<Self>, seen: Snapshot) -> Snapshot {
        let keyring = Arc::clone(self);
        // A task of its own: a viewer who hangs up must not take the answer from those who wait.
        let task = self.home.spawn(async move {
            let mut last = keyring.flight.lock().await;
            if keyring.loads() != seen.loads {
                return;
            }
            let gap = keyring.source.min_gap();
            // Without any key nobody can be served, so then it is tried more often.
            let gap = if seen.keys.is_none() { gap.min(FIRST_RETRY) } else { gap };
            let now = keyring.clock.instant();
            if last.is_some_and(|last| now.saturating_duration_since(last) < gap) {
                return;
            }
            *last = Some(now);
            keyring.load().await;
        });
        if let Err(error) = task.await {
            warn!(%error, "loading keys was given up");
        }
        self.snapshot()
    }

    /// Keeps the keys fresh until the task it runs in is aborted.
    pub(super) async fn keep_fresh(self: Arc<Self>) {
        let mut retry = FIRST_RETRY;
        loop {
            // A file that did not change needs no second read, unless there are no keys yet.
            let due = self.source.may_have_changed() || self.snapshot().keys.is_none();
            let fresh = if due {
                let _flight = self.flight.lock().await;
                self.load().await
            } else {
                true
            };
            let pause =
                if fresh { self.source.refresh() } else { retry.min(self.source.refresh()) };
            retry = if fresh { FIRST_RETRY } else { LAST_RETRY.min(retry * 2) };
            tokio::time::sleep(pause).await;
        }
    }

    async fn load(&self) -> bool {
        let loaded = self.source.load().await;
        let fresh = loaded.is_ok();
        let keys = match loaded {
            Ok(keys) => {
                report_skipped(&keys);
                info!(source = self.source.summary(), keys = keys.len(), "keys of tokens loaded");
                Some(Arc::new(keys))
            }
            Err(error) => {
                self.failures.fetch_add(1, Ordering::Relaxed);
                let error: &dyn std::error::Error = &error;
                warn!(source = self.source.summary(), error, "keys of tokens not loaded");
                None
            }
        };
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        current.loads += 1;
        // The last good set stays: an issuer that is down must not lock out everybody.
        if keys.is_some() {
            current.keys = keys;
            current.generation += 1;
        }
        fresh
    }
}

fn report_skipped(keys: &KeySet) {
    for key in keys.skipped() {
        let kid = key.kid.as_deref().unwrap_or_default();
        warn!(position = key.position, ?kid, reason = key.reason, "a key of tokens is not used");
    }
}

/// How soon a failed load is tried again at first.
const FIRST_RETRY: Duration = Duration::from_secs(1);

/// How soon at the latest, after the time has doubled a few times.
const LAST_RETRY: Duration = Duration::from_secs(30);
