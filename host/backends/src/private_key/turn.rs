//! Signatures one at a time, so that whatever else a thread has to do comes in between.

use std::sync::Arc;

use tokio::{sync::Semaphore, task::yield_now};

thread_local! {
    /// One for each thread, so that threads never wait for each other.
    static TURN: Arc<Semaphore> = Arc::new(Semaphore::new(1));
}

/// Runs `work`, which takes longer than a task should without letting others run, on this thread, in its turn.
///
/// A signature takes a third of a millisecond. Another thread would have to share the cores with those that serve
/// requests and adds the way there and back, so it is made here; but many requests may want one at once, all of them
/// calls of one component and so parts of one task. Whoever has the turn lets everything run that is ready before it
/// works, and the others wait for it: never more than one signature stands between a request and its thread.
pub(super) async fn in_turn<R>(work: impl FnOnce() -> R) -> R {
    let turn = TURN.with(Arc::clone);
    // Nobody closes it; if somebody did, there would be no turns to keep to.
    let _held = turn.acquire().await;
    yield_now().await;
    work()
}
