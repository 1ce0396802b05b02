//! Threads with a runtime and an instance each; instances are replaced when lost.

use std::{
    cell::Cell,
    future::Future,
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use futures::{
    FutureExt as _,
    stream::{FuturesUnordered, StreamExt as _},
};
use tokio::{
    runtime,
    sync::{OwnedSemaphorePermit, mpsc, oneshot},
};

use super::{instance::Blueprint, job::Job, seat::Chair, turns::Turns};
use crate::component::RuntimeError;

/// Requests one instance works on at once. The rest waits its turn under its own deadline. So few that all of them
/// together compute for less than the hang limit, and enough to keep a core busy while ports answer.
pub(super) const MOST_AT_ONCE: usize = 64;

/// Requests that may wait for one instance before callers themselves have to wait.
const QUEUE: usize = 256;

/// How often in a row an instance may be lost before it has served anything. Then something is wrong that another
/// one does not mend, for example a runtime that is shutting down.
const MOST_FAILURES: u32 = 5;

/// Pause before a replacement after an instance could not even be made, so that a broken host does not spin.
const PAUSE: Duration = Duration::from_millis(100);

/// How often is looked for a request that stays in an instance for too long. One timer for all: one for each request
/// would cost each of them.
const LOOK: Duration = Duration::from_secs(1);

thread_local! {
    /// Which worker of which gate this thread is.
    static HERE: Cell<Option<(*const Blueprint, usize)>> = const { Cell::new(None) };
}

/// The number of the worker whose thread this is, if it is one of this gate.
pub(super) fn here(blueprint: &Arc<Blueprint>) -> Option<usize> {
    HERE.get().filter(|(gate, _)| *gate == Arc::as_ptr(blueprint)).map(|(_, number)| number)
}

/// One thread with a runtime of its own, and one instance at a time. Other tasks of the runtime, above all the
/// connections that are seated there, have their turn between those of the instance.
pub(super) struct Worker {
    jobs: mpsc::Sender<Job>,
    running: Arc<AtomicUsize>,
    chair: Chair,
    /// Dropped with the gate, and then the thread ends.
    _gate: oneshot::Sender<()>,
}

impl Worker {
    pub(super) fn start(
        number: usize,
        blueprint: Arc<Blueprint>,
        lost: Arc<AtomicU64>,
    ) -> Result<Self, RuntimeError> {
        let core = runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(RuntimeError::Thread)?;
        let (jobs, queue) = mpsc::channel(QUEUE);
        let running = Arc::new(AtomicUsize::new(0));
        let (gate, gone) = oneshot::channel();
        let chair = Chair::new(core.handle().clone());
        let counter = Arc::clone(&running);
        let work = move || {
            HERE.set(Some((Arc::as_ptr(&blueprint), number)));
            core.spawn(keep(number, blueprint, queue, counter, lost));
            // Without an instance as well: whoever is seated here asks others then. It only ever fails, when the gate
            // is gone and nobody can be seated here any more.
            let _ = core.block_on(gone);
        };
        thread::Builder::new()
            .name(format!("gate-{number}"))
            .spawn(work)
            .map_err(RuntimeError::Thread)?;
        Ok(Self { jobs, running, chair, _gate: gate })
    }

    /// Requests that wait for this instance or are in it; `None` if its thread has given up.
    pub(super) fn load(&self) -> Option<usize> {
        let waiting = self.jobs.max_capacity() - self.jobs.capacity();
        (!self.jobs.is_closed()).then(|| waiting + self.running.load(Ordering::Relaxed))
    }

    /// Whether a request that comes now is begun at once.
    pub(super) fn has_room(&self) -> bool {
        self.load().is_some_and(|load| load < MOST_AT_ONCE)
    }

    pub(super) fn chair(&self) -> &Chair {
        &self.chair
    }

    pub(super) async fn submit(&self, job: Job) -> Result<(), mpsc::error::SendError<Job>> {
        self.jobs.send(job).await
    }
}

/// Serves with one instance after another, until nobody can ask any more or it is of no use.
async fn keep(
    number: usize,
    blueprint: Arc<Blueprint>,
    mut queue: mpsc::Receiver<Job>,
    count: Arc<AtomicUsize>,
    lost: Arc<AtomicU64>,
) {
    let mut failures = 0;
    while failures < MOST_FAILURES {
        let mut served = false;
        let serving = Turns::of(serve(&blueprint, &mut queue, &count, &mut served));
        let Err(error) = contained(serving).await else { return };
        lost.fetch_add(1, Ordering::Relaxed);
        tracing::error!(instance = number, error, "instance lost, replacing it");
        failures = if served { 0 } else { failures + 1 };
        if !served {
            tokio::time::sleep(PAUSE).await;
        }
    }
    tracing::error!(instance = number, "instances are lost again and again; giving up");
}

/// Serves until nobody can ask any more; an error means that the instance is lost.
async fn serve(
    blueprint: &Blueprint,
    queue: &mut mpsc::Receiver<Job>,
    count: &AtomicUsize,
    served: &mut bool,
) -> wasmtime::Result<()> {
    count.store(0, Ordering::Relaxed);
    let (mut store, instance) = blueprint.instantiate().await?;
    let limit = blueprint.job_limit();
    store
        .run_concurrent(async |accessor| -> wasmtime::Result<()> {
            let mut running = FuturesUnordered::new();
            let mut begun = Begun::default();
            let mut look = tokio::time::interval(LOOK);
            loop {
                count.store(running.len(), Ordering::Relaxed);
                tokio::select! {
                    biased;
                    Some((number, finished)) = running.next() => {
                        begun.end(number);
                        finished?;
                    }
                    job = queue.recv(), if running.len() < MOST_AT_ONCE => match job {
                        // While it waited for its turn. To begin it now would delay those who still wait, and
                        // might claim a place for a device that is gone.
                        Some(job) if job.is_abandoned() => {}
                        Some(job) => {
                            *served = true;
                            let now = Instant::now();
                            accessor.with(|mut access| access.data_mut().computed = 0);
                            let number = begun.begin(now);
                            let work = job.run(&instance, accessor);
                            running.push(async move { (number, work.await) });
                        }
                        None => return Ok(()),
                    },
                    _ = look.tick() => begun.within(limit)?,
                }
            }
        })
        .await?
}

/// When the requests in an instance came into it.
#[derive(Default)]
struct Begun {
    next: u64,
    at: Vec<(u64, Instant)>,
}

impl Begun {
    fn begin(&mut self, now: Instant) -> u64 {
        self.next += 1;
        self.at.push((self.next, now));
        self.next
    }

    fn end(&mut self, number: u64) {
        self.at.retain(|(other, _)| *other != number);
    }

    /// Fails if one has been there for longer than `limit`.
    fn within(&self, limit: Duration) -> wasmtime::Result<()> {
        if self.at.iter().any(|(_, at)| at.elapsed() > limit) { Err(endless()) } else { Ok(()) }
    }
}

/// Runs one job in an instance of its own and drops the instance afterwards. `place` limits how many do so at once.
///
/// On a thread of its own as well: those of the runtime's pool are for ports, which this job waits for. A job that gets
/// no thread is dropped, and has failed.
pub(super) fn run_alone(
    blueprint: Arc<Blueprint>,
    job: Job,
    lost: Arc<AtomicU64>,
    place: OwnedSemaphorePermit,
) {
    let work = move || {
        let _place = place;
        // A thread may have been long in coming.
        if job.is_abandoned() {
            return;
        }
        let limit = blueprint.job_limit();
        let outcome = blueprint.home.block_on(contained(async {
            let (mut store, instance) = blueprint.instantiate().await?;
            let run = store.run_concurrent(async |accessor| {
                let run = tokio::time::timeout(limit, job.run(&instance, accessor));
                run.await.unwrap_or_else(|_| Err(endless()))
            });
            run.await?
        }));
        if let Err(error) = outcome {
            lost.fetch_add(1, Ordering::Relaxed);
            tracing::error!(error, "instance lost again by one request alone, which fails");
        }
    };
    if let Err(error) = thread::Builder::new().name("gate-alone".to_owned()).spawn(work) {
        tracing::error!(%error, "no thread to run a request again");
    }
}

fn endless() -> wasmtime::Error {
    wasmtime::Error::msg("a request asked its ports without end")
}

/// Does `work` and turns a panic into an error. The panic hook has printed where; the message may hold anything and
/// is not repeated. Whatever the work was at is thrown away with the instance.
async fn contained(work: impl Future<Output = wasmtime::Result<()>>) -> Result<(), String> {
    match AssertUnwindSafe(work).catch_unwind().await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(format!("{error:#}")),
        Err(_panic) => Err("a port or the engine panicked".to_owned()),
    }
}
