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

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use futures::future::{join, join_all};

    use super::*;

    #[tokio::test]
    async fn what_else_is_ready_runs_between_any_two() {
        let (rounds, done) = (Cell::new(0), RefCell::new(Vec::new()));
        let work = || done.borrow_mut().push(rounds.get());
        // Parts of one task, as the calls of one component are.
        let all = join_all((0..20).map(|_| in_turn(work)));
        let others = async {
            while done.borrow().len() < 20 {
                rounds.set(rounds.get() + 1);
                yield_now().await;
            }
        };
        join(all, others).await;
        let done = done.into_inner();
        assert!(done.is_sorted_by(|one, next| one < next), "{done:?}");
    }

    #[tokio::test]
    async fn who_gives_up_leaves_the_turn_to_the_next() {
        let mut given_up = Box::pin(in_turn(|| ()));
        assert!(futures::poll!(&mut given_up).is_pending(), "others go first");
        drop(given_up);
        assert_eq!(in_turn(|| 7).await, 7);
    }
}
