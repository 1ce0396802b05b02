//! Instances on threads of their own, replaced when lost.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use futures::stream::{FuturesUnordered, StreamExt as _};
use tokio::sync::{OwnedSemaphorePermit, mpsc};

use super::{instance::Blueprint, job::Job};
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
            let mut failures = 0;
            // The thread lends itself to the runtime, whose timers and sockets the ports use. A hang blocks this
            // thread and no other.
            while failures < MOST_FAILURES {
                let mut served = false;
                let serving = serve(&blueprint, &mut queue, &counter, &mut served);
                let Err(error) = contained(|| blueprint.handle.block_on(serving)) else { return };
                lost.fetch_add(1, Ordering::Relaxed);
                tracing::error!(instance = number, error, "instance lost, replacing it");
                failures = if served { 0 } else { failures + 1 };
                if !served {
                    thread::sleep(PAUSE);
                }
            }
            tracing::error!(instance = number, "instances are lost again and again; giving up");
        };
        thread::Builder::new()
            .name(format!("gate-{number}"))
            .spawn(work)
            .map_err(RuntimeError::Thread)?;
        Ok(Self { jobs, running })
    }

    /// Requests that wait for this instance or are in it; `None` if its thread has given up.
    pub(super) fn load(&self) -> Option<usize> {
        let waiting = self.jobs.max_capacity() - self.jobs.capacity();
        (!self.jobs.is_closed()).then(|| waiting + self.running.load(Ordering::Relaxed))
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
    served: &mut bool,
) -> wasmtime::Result<()> {
    count.store(0, Ordering::Relaxed);
    let (mut store, instance) = blueprint.instantiate().await?;
    let limit = blueprint.job_limit();
    store
        .run_concurrent(async |accessor| -> wasmtime::Result<()> {
            let mut running = FuturesUnordered::new();
            loop {
                count.store(running.len(), Ordering::Relaxed);
                tokio::select! {
                    Some(finished) = running.next() => within(finished)?,
                    job = queue.recv(), if running.len() < MOST_AT_ONCE => match job {
                        // While it waited for its turn. To begin it now would delay those who still wait, and
                        // might claim a place for a device that is gone.
                        Some(job) if job.is_abandoned() => {}
                        Some(job) => {
                            *served = true;
                            accessor.with(|mut access| access.data_mut().last_progress = Instant::now());
                            running.push(tokio::time::timeout(limit, job.run(&instance, accessor)));
                        }
                        None if running.is_empty() => return Ok(()),
                        None => {
                            while let Some(finished) = running.next().await { within(finished)?; }
                            return Ok(());
                        }
                    },
                }
            }
        })
        .await?
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
        let outcome = contained(|| {
            blueprint.handle.block_on(async {
                let (mut store, instance) = blueprint.instantiate().await?;
                let run = store.run_concurrent(async |accessor| {
                    within(tokio::time::timeout(limit, job.run(&instance, accessor)).await)
                });
                run.await?
            })
        });
        if let Err(error) = outcome {
            lost.fetch_add(1, Ordering::Relaxed);
            tracing::error!(error, "instance lost again by one request alone, which fails");
        }
    };
    if let Err(error) = thread::Builder::new().name("gate-alone".to_owned()).spawn(work) {
        tracing::error!(%error, "no thread to run a request again");
    }
}

fn within(
    finished: Result<wasmtime::Result<()>, tokio::time::error::Elapsed>,
) -> wasmtime::Result<()> {
    finished.map_err(|_| wasmtime::Error::msg("a request asked its ports without end"))?
}

/// Runs `work` and turns a panic into an error. The panic hook has printed where; the message may hold anything and
/// is not repeated. Whatever the work was at is thrown away with the instance.
fn contained(work: impl FnOnce() -> wasmtime::Result<()>) -> Result<(), String> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(format!("{error:#}")),
        Err(_panic) => Err("a port or the engine panicked".to_owned()),
    }
}
