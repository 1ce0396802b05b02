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
    /// Requests without an answer yet.
    in_flight: usize,
    /// Answers that are being sent.
    sending: usize,
    /// Whether the last answer was more than one piece, so that the end of it may wait for its viewer.
    long: bool,
    served: bool,
    /// Whether somebody waits for [`Activity::changed`].
    draining: bool,
    /// Since when nothing has happened.
    since: Instant,
}

impl Activity {
    /// A connection that was just taken.
    pub(super) fn new(since: Instant) -> Self {
        let state =
            State { in_flight: 0, sending: 0, long: false, served: false, draining: false, since };
        Self { state: Mutex::new(state), changed: Notify::new() }
    }

    /// A request is being answered until the guard is dropped.
    pub(super) fn begin(self: &Arc<Self>) -> Busy {
        self.update(|state| {
            state.in_flight += 1;
            state.long = false;
            state.served = true;
        });
        Busy(Arc::clone(self))
    }

    /// An answer is being sent until the guard is dropped.
    pub(super) fn send(self: &Arc<Self>) -> Sending {
        self.update(|state| state.sending += 1);
        Sending { activity: Arc::clone(self), pieces: 0 }
    }

    /// From now on [`Activity::changed`] tells of every change.
    pub(super) fn drain(&self) {
        self.touch(|state| state.draining = true);
    }

    /// When to look again whether the connection is quiet: at its deadline, which may be later when it comes, or
    /// while it has none, so soon that no deadline is missed.
    pub(super) fn next_look(
        &self,
        settings: &ServerSettings,
        draining_since: Option<Instant>,
    ) -> Instant {
        let busy = || Instant::now() + settings.idle_timeout;
        self.deadline(settings, draining_since).unwrap_or_else(busy)
    }

    /// When the connection has been quiet for too long. `None` while it answers a request. While it sends
    /// an answer it is quiet when the viewer takes nothing of it.
    ///
    /// The moment may be later when it comes: requests and what is sent piece by piece move it without a word.
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
        if state.sending > 0 || state.long {
            return Some(state.since + patience);
        }
        let drained = draining_since.map(|drain| state.since.max(drain) + FLUSH);
        let quiet = state.since + patience;
        Some(drained.map_or(quiet, |drained| drained.min(quiet)))
    }

    /// Resolves when [`Activity::deadline`] may have changed. Only once the server is to stop, when a deadline may
    /// come nearer: a word for each request would cost each of them.
    pub(super) async fn changed(&self) {
        self.changed.notified().await;
    }

    fn update(&self, change: impl FnOnce(&mut State)) {
        if self.touch(change) {
            self.changed.notify_one();
        }
    }

    /// Answers whether somebody waits to hear of it.
    fn touch(&self, change: impl FnOnce(&mut State)) -> bool {
        let now = Instant::now();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut state);
        state.since = now;
        state.draining
    }
}

/// A request being answered.
pub(super) struct Busy(Arc<Activity>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.update(|state| state.in_flight -= 1);
    }
}

/// An answer being sent.
pub(super) struct Sending {
    activity: Arc<Activity>,
    pieces: u64,
}

impl Sending {
    /// The connection has taken a piece of it.
    pub(super) fn piece(&mut self) {
        self.pieces += 1;
        let long = self.pieces > 1;
        self.activity.touch(|state| state.long |= long);
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        self.activity.update(|state| state.sending -= 1);
    }
}

/// How long the last answer may take to leave once the server is to stop, if it is in one piece.
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

    #[test]
    fn an_answer_being_sent_is_quiet_when_its_viewer_takes_nothing_draining_or_not() {
        let settings = ServerSettings::default();
        let start = Instant::now();
        let activity = Arc::new(Activity::new(start));
        drop(activity.begin());
        let mut sending = activity.send();
        for _ in 0..2 {
            let before = Instant::now();
            sending.piece();
            let taken = before..=Instant::now();
            for drain in [None, Some(start)] {
                let quiet = activity.deadline(&settings, drain).unwrap() - settings.idle_timeout;
                assert!(taken.contains(&quiet), "{quiet:?} is not in {taken:?}");
            }
        }
        // The end of a long answer may be in the sockets still; that of a short one leaves at once.
        drop(sending);
        let patience = |activity: &Activity| {
            activity.deadline(&settings, Some(start)).unwrap() > Instant::now() + FLUSH
        };
        assert!(patience(&activity));
        drop(activity.begin());
        let mut sending = activity.send();
        sending.piece();
        drop(sending);
        assert!(!patience(&activity));
    }
}
