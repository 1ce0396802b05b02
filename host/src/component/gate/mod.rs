//! The gate component: long-lived instances, each serving many requests at once.
//!
//! An instance that traps, or computes for longer than the hang limit without waiting for anything, is lost: it is
//! logged and replaced. So is one whose ports panic, or in which a request asks them without end. Every request that
//! was in it is run again, once, alone in a fresh instance; only the one that loses that instance too has failed.
//! Claims are idempotent per device, so running again is safe.

mod builder;
mod grant;
mod instance;
mod job;
mod seat;
mod turns;
mod worker;

use std::{
    num::NonZero,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use tokio::sync::{Semaphore, SemaphorePermit, oneshot};
use tollgate_backends::ports::Ports;

pub use super::bindings::gate::{
    exports::tollgate::gate::playback::{
        Delivery, Denial, DependencyFailure, Device, DeviceLimit, LinkedRequest, Manifest,
        PlaybackRequest, Playlist, Redirect, Role, SessionEnd, Viewer,
    },
    tollgate::gate::types::InvalidField,
};
use super::{
    Runtime, RuntimeError,
    ports::{PortObserver, Unobserved},
};
pub use builder::{BuildError, GateBuilder};
pub use grant::Grant;
use instance::Blueprint;
use job::{Job, Renewal};
pub use seat::Seat;
use worker::{MOST_AT_ONCE, Worker, here, run_alone};

/// Why the gate gave no answer at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GateError {
    /// The component trapped or hung on this very request, twice.
    #[error("the component failed on this request")]
    Failed,
    /// The gate is shutting down.
    #[error("the gate is shutting down")]
    Stopped,
}

/// Playlists one instance works on at once: texts of 2 MiB at the most, and one that is written at 8 MiB, fit into its
/// memory, and plain grants find room beside them.
const PLAYLISTS_AT_ONCE: usize = 12;

/// Sizes and limits of the instances.
#[derive(Clone)]
pub struct GateOptions {
    /// How many instances run side by side, each on a thread of its own.
    pub instances: usize,
    /// The most memory one instance may use, in bytes.
    pub memory: usize,
    /// How long an instance may compute without waiting for anything.
    pub hang_limit: Duration,
    /// How long one call of a port may take.
    pub port_timeout: Duration,
    /// Hears of every call of a port.
    pub observer: Arc<dyn PortObserver>,
}

impl std::fmt::Debug for GateOptions {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("GateOptions")
            .field("instances", &self.instances)
            .field("memory", &self.memory)
            .field("hang_limit", &self.hang_limit)
            .field("port_timeout", &self.port_timeout)
            .finish_non_exhaustive()
    }
}

impl Default for GateOptions {
    /// One instance per core; 64 MiB each, sixty times what one uses; a second to compute, seventy times
    /// what the slowest signature takes; three seconds for a port, so that both waits fit a request's ten.
    fn default() -> Self {
        Self {
            instances: thread::available_parallelism().map_or(1, NonZero::get),
            memory: 64 << 20,
            hang_limit: Duration::from_secs(1),
            port_timeout: Duration::from_secs(3),
            observer: Arc::new(Unobserved),
        }
    }
}

/// May this viewer watch this, now, on this device? The component `gate.wasm`, running. Cheap to clone; its instances
/// end when the last clone is dropped.
///
/// Each call has two kinds of failure. A [`Denial`] is an answer and names the rule. A [`GateError`] is none, and means
/// no to whoever asked.
#[derive(Clone)]
pub struct Gate {
    shared: Arc<Shared>,
}

struct Shared {
    blueprint: Arc<Blueprint>,
    workers: Vec<Worker>,
    lost: Arc<AtomicU64>,
    /// Places for requests that are run again: each takes a thread and an instance of its own.
    alone: Arc<Semaphore>,
    /// Places for playlists, whose texts an instance has to hold.
    playlists: Semaphore,
}

impl Gate {
    /// Puts a gate together; the example of this crate shows how.
    pub fn builder() -> GateBuilder {
        GateBuilder::default()
    }

    /// Starts the instances on ports that are all there. Must be called within a tokio runtime, which their ports then use.
    #[doc(hidden)]
    pub async fn start(
        runtime: &Runtime,
        ports: Ports,
        options: GateOptions,
    ) -> Result<Self, RuntimeError> {
        let count = options.instances.max(1);
        let blueprint = Arc::new(Blueprint::new(runtime, ports, options)?);
        // One trial, so that a component that cannot be instantiated is known now and not at the first request.
        blueprint.instantiate().await.map_err(instantiation)?;
        let lost = Arc::new(AtomicU64::new(0));
        let workers: Result<Vec<Worker>, RuntimeError> = (0..count)
            .map(|number| Worker::start(number, Arc::clone(&blueprint), Arc::clone(&lost)))
            .collect();
        // As many as were in all instances, should all be lost at once.
        let alone = Arc::new(Semaphore::new(count * MOST_AT_ONCE));
        let playlists = Semaphore::new(count * PLAYLISTS_AT_ONCE);
        Ok(Self {
            shared: Arc::new(Shared { blueprint, workers: workers?, lost, alone, playlists }),
        })
    }

    /// Grants playback or names the rule that denies it.
    pub async fn authorize(
        &self,
        request: PlaybackRequest,
    ) -> Result<Result<Grant, Denial>, GateError> {
        let answer = self.call(|reply| Job::Authorize(request.clone(), reply)).await?;
        Ok(answer.map(Grant::from))
    }

    /// Renews lease and signature. `watching` is a series and an episode.
    pub async fn renew(
        &self,
        viewer: Viewer,
        session_id: String,
        watching: Option<(String, String)>,
        delivery: Option<Delivery>,
    ) -> Result<Result<Grant, Denial>, GateError> {
        let renewal = Renewal { viewer, session_id, watching, delivery };
        let answer = self.call(|reply| Job::Renew(renewal.clone(), reply)).await?;
        Ok(answer.map(Grant::from))
    }

    /// Authorizes as [`Gate::authorize`] does, with delivery by playlist, and answers the playlist.
    pub async fn authorize_playlist(
        &self,
        request: PlaybackRequest,
        wanted: Manifest,
    ) -> Result<Result<Playlist, Denial>, GateError> {
        let _place = self.place_for_playlist().await?;
        self.call(|reply| Job::AuthorizePlaylist(request.clone(), wanted.clone(), reply)).await
    }

    /// The playlist a link of a grant leads to.
    pub async fn linked_playlist(
        &self,
        request: LinkedRequest,
        wanted: Manifest,
    ) -> Result<Result<Playlist, Denial>, GateError> {
        let _place = self.place_for_playlist().await?;
        self.call(|reply| Job::LinkedPlaylist(request.clone(), wanted.clone(), reply)).await
    }

    /// The cookies a link of a grant leads to, and the video they open.
    pub async fn linked_cookies(
        &self,
        request: LinkedRequest,
    ) -> Result<Result<Redirect, Denial>, GateError> {
        self.call(|reply| Job::LinkedCookies(request.clone(), reply)).await
    }

    /// Ends a lease.
    pub async fn release(
        &self,
        viewer: Viewer,
        session_id: String,
    ) -> Result<Result<bool, Denial>, GateError> {
        self.call(|reply| Job::Release(viewer.clone(), session_id.clone(), reply)).await
    }

    /// Lists the live leases of the viewer's user.
    pub async fn devices(&self, viewer: Viewer) -> Result<Result<Vec<Device>, Denial>, GateError> {
        self.call(|reply| Job::Devices(viewer.clone(), reply)).await
    }

    /// Says what keeps the installation from granting anything: its policy or its key, or the way to them.
    /// `None` if requests can be served.
    pub async fn trouble(&self) -> Result<Option<Denial>, GateError> {
        Ok(self.call(Job::Ready).await?.err())
    }

    /// Instances that run side by side.
    pub fn instances(&self) -> usize {
        self.shared.workers.len()
    }

    /// Instances lost to a trap or a hang since the start.
    pub fn lost_instances(&self) -> u64 {
        self.shared.lost.load(Ordering::Relaxed)
    }

    async fn place_for_playlist(&self) -> Result<SemaphorePermit<'_>, GateError> {
        self.shared.playlists.acquire().await.map_err(|_| GateError::Stopped)
    }

    /// A place on the thread of an instance where the fewest are seated. A request that is asked there meets that
    /// instance without changing threads.
    #[doc(hidden)]
    pub fn seat(&self) -> Option<Seat> {
        let workers = self.shared.workers.iter();
        // A thread whose instance is of no use serves whom it has, and gets nobody new unless all are like that.
        let chairs = workers.map(|worker| (worker.load().is_none(), worker.chair()));
        let (_, chair) = chairs.min_by_key(|(useless, chair)| (*useless, chair.taken()))?;
        Some(chair.take())
    }

    /// The instance of this thread if it has room, or the one with the least to do.
    fn worker(&self) -> Option<&Worker> {
        let workers = &self.shared.workers;
        let own = here(&self.shared.blueprint).and_then(|number| workers.get(number));
        own.filter(|worker| worker.has_room()).or_else(|| {
            let loads = workers.iter().filter_map(|worker| Some((worker.load()?, worker)));
            loads.min_by_key(|(load, _)| *load).map(|(_, worker)| worker)
        })
    }

    async fn call<R>(&self, job: impl Fn(oneshot::Sender<R>) -> Job) -> Result<R, GateError> {
        let worker = self.worker().ok_or(GateError::Stopped)?;
        let (reply, answer) = oneshot::channel();
        worker.submit(job(reply)).await.map_err(|_| GateError::Stopped)?;
        if let Ok(answer) = answer.await {
            return Ok(answer);
        }
        // The instance was lost with this request in it: guilty or not, it is tried once more, alone.
        let place = Arc::clone(&self.shared.alone).acquire_owned().await;
        let place = place.map_err(|_| GateError::Stopped)?;
        let (reply, answer) = oneshot::channel();
        let (blueprint, lost) = (Arc::clone(&self.shared.blueprint), Arc::clone(&self.shared.lost));
        run_alone(blueprint, job(reply), lost, place);
        answer.await.map_err(|_| GateError::Failed)
    }
}

fn instantiation(source: wasmtime::Error) -> RuntimeError {
    RuntimeError::Instantiate { name: "gate", source: source.into() }
}
