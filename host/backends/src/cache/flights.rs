//! One question at a time: whoever asks what is being asked already gets the same answer.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use futures::{
    FutureExt,
    future::{BoxFuture, WeakShared},
};

/// By what is asked. Weak, so that a question nobody waits for any more ends, and is asked afresh.
type UnderWay<N, T> = Mutex<HashMap<N, WeakShared<BoxFuture<'static, T>>>>;

/// Questions that are under way, by name.
pub(crate) struct Flights<N: Eq + Hash, T: Clone>(Arc<UnderWay<N, T>>);

impl<N: Eq + Hash, T: Clone> Clone for Flights<N, T> {
    /// The same questions.
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<N: Eq + Hash, T: Clone> Default for Flights<N, T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<N, T> Flights<N, T>
where
    N: Clone + Eq + Hash + Send + 'static,
    T: Clone + Send + Sync + 'static,
{
    /// The answer to `question`, or to the one that is under way under the same name. Whoever joins may leave: the
    /// question goes on for the others.
    pub(crate) async fn join(
        &self,
        name: N,
        question: impl Future<Output = T> + Send + 'static,
    ) -> T {
        let answer = {
            let mut under_way = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            match under_way.get(&name).and_then(WeakShared::upgrade) {
                Some(answer) => answer,
                None => {
                    let landing = Landing { flights: Arc::clone(&self.0), name: name.clone() };
                    let asked = async move {
                        let _landing = landing;
                        question.await
                    };
                    let answer = asked.boxed().shared();
                    under_way.extend(answer.downgrade().map(|weak| (name, weak)));
                    answer
                }
            }
        };
        answer.await
    }
}

/// Takes a question off the list, whether it was answered or given up.
struct Landing<N: Eq + Hash, T: Clone> {
    flights: Arc<UnderWay<N, T>>,
    name: N,
}

impl<N: Eq + Hash, T: Clone> Drop for Landing<N, T> {
    fn drop(&mut self) {
        self.flights.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.name);
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicUsize, Ordering},
        time::Duration,
    };

    use futures::future::{join_all, pending};

    use super::*;

    #[tokio::test]
    async fn those_who_ask_at_once_are_one_question_and_others_are_not() {
        let (flights, asked) = (Flights::default(), Arc::new(AtomicUsize::new(0)));
        let ask = |name: &'static str| {
            let asked = Arc::clone(&asked);
            flights.join(name, async move {
                tokio::time::sleep(Duration::from_millis(20)).await;
                asked.fetch_add(1, Ordering::SeqCst)
            })
        };
        assert_eq!(join_all(["a", "a", "b", "a"].map(ask)).await, [0, 0, 1, 0]);
        // What was answered is asked again.
        assert_eq!(ask("a").await, 2);
        assert!(flights.0.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_question_that_nobody_waits_for_is_given_up() {
        let flights = Flights::<&str, u8>::default();
        assert!(flights.join("a", pending()).now_or_never().is_none());
        assert!(flights.0.lock().unwrap().is_empty());
        assert_eq!(flights.join("a", async { 7 }).await, 7);
    }
}
