//! What one connection is doing, and by when it has to do something else.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{sync::Notify, time::Instant};

use super::ServerSettings;

/// What one connection is doing.
#[derive(Debug)]
pub(super) struct Activity {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Clone, Copy, Debug)]
struct State {
    in_flight: usize,
    served: bool,
    since: Instant,
}

impl Activity {
    /// A connection that was just taken.
    pub(super) fn new(since: Instant) -> Self {
        let state = State { in_flight: 0, served: false, since };
        Self { state: Mutex::new(state), changed: Notify::new() }
    }

    /// A request is being answered until the guard is dropped.
    pub(super) fn begin(self: &Arc<Self>) -> Busy {
        self.update(|state| {
            state.in_flight += 1;
            state.served = true;
        });
        Busy(Arc::clone(self))
    }

    /// When the connection has been quiet for too long. `None` while it answers a request.
    pub(super) fn deadline(
        &self,
        settings: &ServerSettings,
        draining_since: Option<Instant>,
    ) -> Option<Instant> {
        let state = *self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.in_flight > 0 {
            return None;
        }
        let patience =
            if state.served { settings.idle_timeout } else { settings.first_request_timeout };
        let drained = draining_since.map(|drain| state.since.max(drain) + FLUSH);
        let quiet = state.since + patience;
        Some(drained.map_or(quiet, |drained| drained.min(quiet)))
    }

    /// Resolves when [`Activity::deadline`] may have changed.
    pub(super) async fn changed(&self) {
        self.changed.notified().await;
    }

    fn update(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut state);
        state.since = Instant::now();
        self.changed.notify_one();
    }
}

/// A request being answered.
pub(super) struct Busy(Arc<Activity>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.update(|state| state.in_flight -= 1);
    }
}

/// How long the last answer may take to leave once the gateway is to stop. Answers are small.
const FLUSH: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quiet_connections_have_deadlines_and_busy_ones_none() {
        let settings = ServerSettings::default();
        let start = Instant::now();
        let activity = Arc::new(Activity::new(start));
        let first = start + settings.first_request_timeout;
        assert_eq!(activity.deadline(&settings, None), Some(first));
        assert_eq!(activity.deadline(&settings, Some(start)), Some(start + FLUSH));

        let one = activity.begin();
        let two = activity.begin();
        drop(one);
        assert_eq!(activity.deadline(&settings, Some(start)), None);
        let before = Instant::now();
        drop(two);
        let done = before..=Instant::now();
        let idle = activity.deadline(&settings, None).unwrap() - settings.idle_timeout;
        assert!(done.contains(&idle), "{idle:?} is not in {done:?}");
        let flushed = activity.deadline(&settings, Some(start)).unwrap() - FLUSH;
        assert!(done.contains(&flushed), "{flushed:?} is not in {done:?}");
    }
}
