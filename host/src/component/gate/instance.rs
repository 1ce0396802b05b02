//! Instances on threads of their own, replaced when lost.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use futures::stream::{FuturesUnordered, StreamExt as _};
use tokio::{runtime::Handle, sync::mpsc};
use tollgate_backends::ports::Ports;
use wasmtime::{
    Store, UpdateDeadline,
    component::{Component, Linker, ResourceTable},
};

use super::{GateOptions, job::Job};
use crate::component::{
    Runtime, RuntimeError,
    bindings::gate::{Gate as Instance, GatePre},
    ports::{self, State},
    runtime::{limits, ticks},
};

/// Requests one instance works on at once. The rest waits its turn under its own deadline. So few that all of them
/// together compute for less than the hang limit, and enough to keep a core busy while ports answer.
const MOST_AT_ONCE: usize = 64;

/// Requests that may wait for one instance before callers themselves have to wait.
const QUEUE: usize = 256;

/// Pause before a replacement after an instance could not even be made, so that a broken host does not spin.
const PAUSE: Duration = Duration::from_millis(100);

/// Everything needed to make an instance.
pub(super) struct Blueprint {
    runtime: Runtime,
    prepared: GatePre<State>,
    ports: Ports,
    options: GateOptions,
    handle: Handle,
}

impl Blueprint {
    pub(super) fn new(
        runtime: &Runtime,
        ports: Ports,
        options: GateOptions,
    ) -> Result<Self, RuntimeError> {
        let component = runtime.gate_component()?;
        let prepared = prepare(runtime, &component).map_err(super::instantiation)?;
        Ok(Self { runtime: runtime.clone(), prepared, ports, options, handle: Handle::current() })
    }

    pub(super) async fn instantiate(&self) -> wasmtime::Result<(Store<State>, Instance)> {
        let state = State {
            ports: self.ports.clone(),
            observer: Arc::clone(&self.options.observer),
            port_timeout: self.options.port_timeout,
            limits: limits(self.options.memory),
            table: ResourceTable::new(),
            last_progress: Instant::now(),
        };
        let mut store = self.runtime.store(state, |state| &mut state.limits);
        let hang_limit = self.options.hang_limit;
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(move |context| {
            if context.data().last_progress.elapsed() > hang_limit {
                return Err(wasmtime::Error::msg(
                    "hang: computed past the limit without waiting for anything",
                ));
            }
            Ok(UpdateDeadline::Continue(ticks(hang_limit / 20)))
        });
        let instance = self.prepared.instantiate_async(&mut store).await?;
        Ok((store, instance))
    }
}

fn prepare(runtime: &Runtime, component: &Component) -> wasmtime::Result<GatePre<State>> {
    let mut linker = Linker::new(runtime.engine());
    ports::add_to_linker(&mut linker)?;
    GatePre::new(linker.instantiate_pre(component)?)
}

/// One thread with one instance at a time.
pub(super) struct Worker {
    jobs: mpsc::Sender<Job>,
    running: Arc<AtomicUsize>,
}

impl Worker {
    pub(super) fn start(
        number: usize,
        blueprint: Arc<Blueprint>,
        lost: Arc<AtomicU64>,
    ) -> Result<Self, RuntimeError> {
        let (jobs, mut queue) = mpsc::channel(QUEUE);
        let running = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&running);
        let work = move || {
            // The thread lends itself to the runtime, whose timers and sockets the ports use. A hang blocks this
            // thread and no other.
            while let Err(error) =
                blueprint.handle.block_on(serve(&blueprint, &mut queue, &counter))
            {
                lost.fetch_add(1, Ordering::Relaxed);
                tracing::error!(
                    instance = number,
                    error = format!("{error:#}"),
                    "instance lost, replacing it"
                );
            }
        };
        thread::Builder::new()
            .name(format!("gate-{number}"))
            .spawn(work)
            .map_err(RuntimeError::Thread)?;
        Ok(Self { jobs, running })
    }

    /// Requests that wait for this instance or are in it.
    pub(super) fn load(&self) -> usize {
        let waiting = self.jobs.max_capacity() - self.jobs.capacity();
        waiting + self.running.load(Ordering::Relaxed)
    }

    pub(super) async fn submit(&self, job: Job) -> Result<(), mpsc::error::SendError<Job>> {
        self.jobs.send(job).await
    }
}

/// Serves until nobody can ask any more; an error means that the instance is lost.
async fn serve(
    blueprint: &Blueprint,
    queue: &mut mpsc::Receiver<Job>,
    count: &AtomicUsize,
) -> wasmtime::Result<()> {
    let (mut store, instance) = match blueprint.instantiate().await {
        Ok(made) => made,
        Err(error) => {
            tokio::time::sleep(PAUSE).await;
            return Err(error);
        }
    };
    store
        .run_concurrent(async |accessor| -> wasmtime::Result<()> {
            let mut running = FuturesUnordered::new();
            loop {
                count.store(running.len(), Ordering::Relaxed);
                tokio::select! {
                    Some(finished) = running.next() => finished?,
                    job = queue.recv(), if running.len() < MOST_AT_ONCE => match job {
                        // While it waited for its turn. To begin it now would delay those who still wait, and
                        // might claim a place for a device that is gone.
                        Some(job) if job.is_abandoned() => {}
                        Some(job) => {
                            accessor.with(|mut access| access.data_mut().last_progress = Instant::now());
                            running.push(job.run(&instance, accessor));
                        }
                        None if running.is_empty() => return Ok(()),
                        None => {
                            while let Some(finished) = running.next().await { finished?; }
                            return Ok(());
                        }
                    },
                }
            }
        })
        .await?
}

/// Runs one job in an instance of its own and drops the instance afterwards.
pub(super) fn run_alone(blueprint: Arc<Blueprint>, job: Job, lost: Arc<AtomicU64>) {
    let handle = blueprint.handle.clone();
    handle.clone().spawn_blocking(move || {
        // A thread may have been long in coming.
        if job.is_abandoned() {
            return;
        }
        let outcome: wasmtime::Result<()> = handle.block_on(async {
            let (mut store, instance) = blueprint.instantiate().await?;
            store.run_concurrent(async |accessor| job.run(&instance, accessor).await).await?
        });
        if let Err(error) = outcome {
            lost.fetch_add(1, Ordering::Relaxed);
            tracing::error!(
                error = format!("{error:#}"),
                "instance lost again by one request alone, which fails"
            );
        }
    });
}
