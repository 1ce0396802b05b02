//! Instances of one component: made when there is need, used again, dropped after a trap.
//!
//! Who gets which request is decided by `wasmtime-wasi-http`, which Spin's server is built on as well.

use std::{
    future::pending,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::{Duration, Instant},
};

use tokio::time::Sleep;
use wasmtime::{Store, StoreContextMut, component::GuestTaskId};
use wasmtime_wasi_http::{
    WasiHttpView as _,
    handler::{
        HandlerState, Instance, ProxyPre, ShouldAccept, WorkerExpiration, WorkerState, WorkerStatus,
    },
};

use crate::{Options, engine::engine, outbound::Outbound, state::State};

/// How long an instance without a request is kept. Spin's default.
const IDLE: Duration = Duration::from_secs(1);

/// Makes instances.
pub(crate) struct Instances {
    pub(crate) prepared: ProxyPre<State>,
    pub(crate) options: Arc<Options>,
    pub(crate) outbound: Outbound,
    /// Instances made so far.
    pub(crate) made: Arc<AtomicUsize>,
    /// Instances that were lost to a trap.
    pub(crate) lost: Arc<AtomicUsize>,
    /// The most requests that any instance had at once.
    pub(crate) most: Arc<AtomicUsize>,
}

impl HandlerState for Instances {
    type StoreData = State;
    type WorkerExpiration = Expiration;
    type WorkerState = Worker;

    async fn instantiate(&self) -> wasmtime::Result<Instance<State, Expiration, Worker>> {
        let state = State::new(&self.options, self.outbound.clone())?;
        let mut store = Store::new(engine(), state);
        let proxy = self.prepared.instantiate_async(&mut store).await?;
        self.made.fetch_add(1, Ordering::SeqCst);
        Ok(Instance {
            store,
            proxy,
            view: State::http,
            expiration: Expiration { asleep: None },
            state: Worker {
                options: Arc::clone(&self.options),
                lost: Arc::clone(&self.lost),
                most: Arc::clone(&self.most),
                busy: Arc::default(),
            },
        })
    }
}

/// When an instance is too old to be kept.
pub(crate) struct Expiration {
    asleep: Option<Pin<Box<Sleep>>>,
}

impl WorkerExpiration for Expiration {
    fn poll(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        status: WorkerStatus,
        since: Instant,
    ) -> Poll<()> {
        if status != WorkerStatus::Idle {
            // Requests have no limit here, as by default in Spin; the component has its own.
            self.asleep = None;
            return Poll::Pending;
        }
        let end = tokio::time::Instant::from_std(since + IDLE);
        let asleep = self.asleep.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(end)));
        if asleep.deadline() != end {
            asleep.as_mut().reset(end);
        }
        asleep.as_mut().poll(context)
    }
}

/// How many requests an instance takes.
pub(crate) struct Worker {
    options: Arc<Options>,
    lost: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
    /// Requests of this instance without an answer yet.
    busy: Arc<AtomicUsize>,
}

/// One request, until it is answered.
struct Busy(Arc<AtomicUsize>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl WorkerState for Worker {
    type StoreData = State;
    type RequestData = ();

    fn should_accept_request(&self, at_once: usize, in_all: usize) -> ShouldAccept {
        if in_all >= self.options.reuse {
            ShouldAccept::Never
        } else if at_once >= self.options.concurrent {
            ShouldAccept::No
        } else {
            ShouldAccept::Yes
        }
    }

    fn on_request_start(
        &self,
        _: StoreContextMut<'_, State>,
        (): (),
        _: GuestTaskId,
    ) -> Pin<Box<dyn Future<Output = ()> + Send + Sync>> {
        let busy = self.busy.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(busy, Ordering::SeqCst);
        let busy = Busy(Arc::clone(&self.busy));
        // Dropped with the answer. It never ends by itself, because that would be the end of the request's time.
        Box::pin(async move {
            let _busy = busy;
            pending().await
        })
    }

    fn drop(&self, store: Store<State>, result: wasmtime::Result<()>) {
        drop(store);
        if let Err(error) = result {
            self.lost.fetch_add(1, Ordering::SeqCst);
            // The end of a test's runtime is told as a panic of all its instances; a real one is printed anyhow.
            if error.to_string() != "worker panicked" {
                report(&error);
            }
        }
    }
}

#[expect(clippy::print_stderr, reason = "for whoever reads a test that failed")]
fn report(error: &wasmtime::Error) {
    eprintln!("the test host lost an instance: {error:?}");
}
