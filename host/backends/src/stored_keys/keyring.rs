//! The keys at hand: replaced when newer ones come, kept when none do, asked for by one at a time.

use std::{
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard},
    time::{SystemTime, UNIX_EPOCH},
};

use tokio::{
    sync::{Mutex, Notify},
    time::Instant,
};

use super::{
    Failure, Fetched, Settings, Vault, Version,
    contents::{self, Stored, Unusable},
    pace::Pace,
};
use crate::{
    administration::{Freshness, Stale},
    ports::{Key, PortError},
};

/// The keys at hand and the one way to newer ones.
pub(super) struct Keyring {
    vault: Box<dyn Vault>,
    settings: Settings,
    pace: Pace,
    state: RwLock<State>,
    /// Held while keys are fetched. It holds when a request last caused a fetch; scheduled ones do not count, or a
    /// key that is promoted right after one would have to wait.
    flight: Mutex<Option<Instant>>,
    /// Says that a request caused a fetch, so that the next one is due at another time.
    rescheduled: Notify,
}

struct State {
    current: Option<Stored>,
    previous: Option<Stored>,
    /// When `current` was fetched; the start, until it was.
    fetched: Instant,
    /// Fetches that have ended, and those among them that failed.
    fetches: u64,
    failed: u64,
    /// Those that failed since one worked.
    failed_in_a_row: u32,
    trouble: Option<Trouble>,
    /// What was last said of a previous version that cannot be used.
    complaint: Option<String>,
    due: Instant,
}

/// What keeps newer keys away.
struct Trouble {
    failure: Failure,
    /// Seconds since 1970.
    since: u64,
}

/// What a fetch brought.
struct News {
    current: Stored,
    previous: Result<Option<Stored>, Failure>,
    complaint: Option<String>,
}

impl Keyring {
    pub(super) fn new(vault: Box<dyn Vault>, settings: Settings, pace: Pace) -> Self {
        let now = Instant::now();
        let state = State {
            current: None,
            previous: None,
            fetched: now,
            fetches: 0,
            failed: 0,
            failed_in_a_row: 0,
            trouble: None,
            complaint: None,
            due: now,
        };
        let (state, flight, rescheduled) = (RwLock::new(state), Mutex::default(), Notify::new());
        Self { vault, settings, pace, state, flight, rescheduled }
    }

    /// Fetches for the first time; what is wrong, if something is.
    pub(super) async fn start(&self) -> Option<Failure> {
        let _flight = self.flight.lock().await;
        let failure = self.fetch().await;
        // Whatever else is wrong is a mistake, and is said as one.
        if let Some(failure @ Failure::Unavailable(_)) = &failure {
            self.warn(failure);
        }
        failure
    }

    /// Keeps the keys fresh until the task it runs in is aborted.
    pub(super) async fn keep_fresh(self: Arc<Self>) {
        loop {
            let due = self.state().due;
            tokio::select! {
                () = tokio::time::sleep_until(due) => {}
                () = self.rescheduled.notified() => continue,
            }
            let _flight = self.flight.lock().await;
            // A request may have caused a fetch while the flight was waited for.
            if self.state().due <= Instant::now() {
                self.fetch_and_report().await;
            }
        }
    }

    /// Fetches now, if that is allowed again by now. Whoever calls while somebody fetches shares that answer.
    pub(super) async fn ask_again(self: &Arc<Self>) {
        let seen = self.state().fetches;
        let keyring = Arc::clone(self);
        // A task of its own: a viewer who hangs up must not take the answer from those who wait.
        let task = tokio::spawn(async move {
            let mut asked = keyring.flight.lock().await;
            let (fetches, nothing_there) = {
                let state = keyring.state();
                (state.fetches, state.current.is_none())
            };
            if fetches != seen {
                return;
            }
            // Without any key nobody can be served, so then it is tried more often.
            let Pace { gap, first_retry, .. } = keyring.pace;
            let gap = if nothing_there { gap.min(first_retry) } else { gap };
            if asked.is_some_and(|asked| asked.elapsed() < gap) {
                return;
            }
            *asked = Some(Instant::now());
            keyring.fetch_and_report().await;
            keyring.rescheduled.notify_one();
        });
        if let Err(error) = task.await {
            tracing::warn!(%error, "fetching signing keys was given up");
        }
    }

    pub(super) fn current(&self) -> Option<Key> {
        self.state().current.as_ref().map(|stored| stored.key.clone())
    }

    pub(super) fn by_id(&self, id: &str) -> Option<Key> {
        let state = self.state();
        let mut known = state.current.iter().chain(&state.previous);
        known.find(|stored| stored.id == id).map(|stored| stored.key.clone())
    }

    /// Whether there may be keys that were not heard of.
    pub(super) fn is_unsure(&self) -> bool {
        let state = self.state();
        state.current.is_none() || state.trouble.is_some()
    }

    /// What to say in place of a key.
    pub(super) fn absence(&self) -> PortError {
        let state = self.state();
        PortError::Unavailable(match &state.trouble {
            Some(trouble) => trouble.failure.to_string(),
            None => "signing keys are not there yet".to_owned(),
        })
    }

    pub(super) fn freshness(&self) -> Freshness {
        let state = self.state();
        let stale = state.trouble.as_ref().filter(|_| state.current.is_some());
        Freshness {
            age: state.fetched.elapsed(),
            refreshes: state.fetches,
            failures: state.failed,
            stale: stale
                .map(|trouble| Stale { reason: trouble.failure.reason(), since: trouble.since }),
        }
    }

    fn state(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    async fn fetch_and_report(&self) {
        let before = self.state().trouble.as_ref().map(|trouble| trouble.failure.clone());
        let after = self.fetch().await;
        match &after {
            // Said once, however often it is tried: the metrics count.
            Some(failure) if before != after => self.warn(failure),
            None if before.is_some() => {
                tracing::info!(vault = self.vault.name(), "signing keys are fetched again");
            }
            _ => {}
        }
    }

    fn warn(&self, failure: &Failure) {
        let (vault, error) = (self.vault.name(), failure.to_string());
        if self.state().current.is_some() {
            tracing::warn!(vault, error, "signing keys not fetched; the last good ones stay");
        } else {
            tracing::warn!(vault, error, "signing keys not fetched, and there are none yet");
        }
    }

    /// One fetch, by whoever holds the flight; what went wrong, if something did.
    async fn fetch(&self) -> Option<Failure> {
        let news = match self.vault.fetch().await {
            Ok(fetched) => self.read(fetched),
            Err(failure) => Err(failure),
        };
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let failure = match news {
            Ok(news) => self.replace(&mut state, news),
            // The last good keys stay: a service that is down must not lock out everybody.
            Err(failure) => Some(failure),
        };
        state.fetches += 1;
        let now = Instant::now();
        if let Some(failure) = failure.clone() {
            state.failed += 1;
            state.failed_in_a_row = state.failed_in_a_row.saturating_add(1);
            state.due = now + self.pace.after_failures(state.failed_in_a_row);
            let since = state.trouble.as_ref().map_or_else(epoch, |trouble| trouble.since);
            state.trouble = Some(Trouble { failure, since });
        } else {
            state.failed_in_a_row = 0;
            state.due = now + self.pace.after_success();
            state.trouble = None;
        }
        failure
    }

    fn replace(&self, state: &mut State, news: News) -> Option<Failure> {
        let before = state.current.take();
        if before.as_ref().map(|stored| &stored.id) != Some(&news.current.id) {
            let (vault, key_pair_id) = (self.vault.name(), &news.current.id);
            tracing::info!(vault, key_pair_id, "this key signs from now on");
        }
        if news.complaint != state.complaint {
            if let Some(complaint) = &news.complaint {
                tracing::warn!(vault = self.vault.name(), complaint, "no previous signing key");
            }
            state.complaint = news.complaint;
        }
        let failure = match news.previous {
            Ok(previous) => {
                state.previous = previous;
                None
            }
            // What was current until now is the previous one; else the one that is known stays.
            Err(failure) => {
                if before.as_ref().is_some_and(|before| before.id != news.current.id) {
                    state.previous = before;
                }
                Some(failure)
            }
        };
        state.current = Some(news.current);
        state.fetched = Instant::now();
        failure
    }

    fn read(&self, fetched: Fetched) -> Result<News, Failure> {
        let configured = self.settings.key_pair_id.as_deref();
        let current = self.read_one(&fetched.current, configured)?;
        // A previous key stored without its id had the configured one only if the current key has another.
        let left = configured.filter(|_| !current.is_named_elsewhere);
        let (previous, complaint) = match fetched.previous {
            Ok(None) => (Ok(None), None),
            Ok(Some(version)) => match self.read_one(&version, left) {
                Ok(stored) => (Ok(Some(stored).filter(|stored| stored.id != current.id)), None),
                Err(failure) => (Ok(None), Some(failure.to_string())),
            },
            Err(failure @ Failure::Unavailable(_)) => (Err(failure), None),
            // Signing goes on without it, and it is gone some day anyhow.
            Err(failure) => (Ok(None), Some(failure.to_string())),
        };
        Ok(News { current, previous, complaint })
    }

    fn read_one(&self, version: &Version, id: Option<&str>) -> Result<Stored, Failure> {
        contents::read(&version.text, id, self.settings.mode).map_err(|unusable| match unusable {
            Unusable::Nameless => Failure::Unusable {
                key: "key-pair-id",
                rule: format!(
                    "is required: version {} is a key in PEM alone, which does not say under which id CloudFront \
                     knows it",
                    version.id
                ),
            },
            Unusable::Contents(rule) => Failure::Unusable {
                key: self.vault.key(),
                rule: format!("names what cannot be used: version {} {rule}", version.id),
            },
        })
    }
}

fn epoch() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}
