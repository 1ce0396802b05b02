//! Places on the threads of instances, for connections whose requests are to meet an instance without changing threads.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::runtime::Handle;

/// A thread of a gate, and how many are seated there.
#[derive(Clone)]
pub(super) struct Chair {
    runtime: Handle,
    taken: Arc<AtomicUsize>,
}

impl Chair {
    pub(super) fn new(runtime: Handle) -> Self {
        Self { runtime, taken: Arc::default() }
    }

    pub(super) fn taken(&self) -> usize {
        self.taken.load(Ordering::Relaxed)
    }

    pub(super) fn take(&self) -> Seat {
        self.taken.fetch_add(1, Ordering::Relaxed);
        Seat(self.clone())
    }
}

/// A place on the thread of an instance, taken until it is dropped. Whatever is spawned there ends with the gate.
pub struct Seat(Chair);

impl Seat {
    /// Does `work` on this thread, as a task of its own.
    pub fn spawn(self, work: impl Future<Output = ()> + Send + 'static) {
        self.0.runtime.clone().spawn(async move {
            let _taken = self;
            work.await;
        });
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.taken.fetch_sub(1, Ordering::Relaxed);
    }
}
