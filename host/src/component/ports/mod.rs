//! The gate's imports, answered by the backends. One file per interface; this one is the single wiring point.

mod catalog;
mod entitlements;
mod observed;
mod sessions;
mod settings;
mod signing_keys;
mod wasi;

use std::{
    pin::pin,
    sync::Arc,
    task::Poll,
    time::{Duration, Instant},
};

use tokio::runtime::Handle;
use tollgate_backends::ports::{PortError, Ports};
use wasmtime::{
    StoreLimits,
    component::{Accessor, HasData, Linker, ResourceTable},
};

pub use observed::ObservedPort;
pub use signing_keys::HeldKey;

use super::bindings::gate::{Gate, tollgate::gate::types};
use crate::home;

/// Hears of every call of a port.
pub trait PortObserver: Send + Sync {
    /// `port` is the name of an [`ObservedPort`]; `outcome` is `ok`, or the kind of error: `access-denied`,
    /// `unavailable`, `timeout`, `invalid-argument`, `other`.
    fn observe(&self, port: &'static str, outcome: &'static str, elapsed: Duration);
}

/// Hears and forgets.
pub struct Unobserved;

impl PortObserver for Unobserved {
    fn observe(&self, _port: &'static str, _outcome: &'static str, _elapsed: Duration) {}
}

/// What all instances of a gate have around them.
pub(super) struct Surroundings {
    pub(super) ports: Ports,
    pub(super) observer: Arc<dyn PortObserver>,
    pub(super) port_timeout: Duration,
    /// The runtime whose timers, sockets and pool of threads ports use. Not the one of the instance's own thread: what
    /// one port keeps open, others may wait for, and an instance that computes must not be in their way.
    pub(super) home: Handle,
}

/// What one instance of the gate stands on.
pub struct State {
    pub(super) surroundings: Arc<Surroundings>,
    pub(super) limits: StoreLimits,
    pub(super) table: ResourceTable,
    /// Ticks of the engine in which the component computed since it last waited for something; see [`super::gate`] on
    /// hangs.
    pub(super) computed: u64,
}

/// Says that [`State`] is what the ports work on.
pub struct HasState;

impl HasData for HasState {
    type Data<'a> = &'a mut State;
}

/// Gives the component its ports, a clock and randomness, and nothing else.
pub(super) fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    Gate::add_to_linker::<_, HasState>(linker, |state| state)
}

impl types::Host for State {}

/// Asks a port, for no longer than allowed, and tells the observer.
async fn ask<T, R>(
    accessor: &Accessor<T, HasState>,
    port: ObservedPort,
    question: impl AsyncFnOnce(&Ports) -> Result<R, PortError>,
) -> Result<R, types::PortError>
where
    T: Send + 'static,
{
    let started = Instant::now();
    let around = accessor.with(|mut access| {
        let state: &mut State = access.get();
        state.computed = 0;
        Arc::clone(&state.surroundings)
    });
    let mut question = pin!(home::at(&around.home, question(&around.ports)));
    // Most answers are there at once, and then no timer is needed.
    let answer = match futures::poll!(question.as_mut()) {
        Poll::Ready(answer) => answer,
        Poll::Pending => tokio::time::timeout(around.port_timeout, question)
            .await
            .unwrap_or(Err(PortError::Timeout)),
    };
    let ended = Instant::now();
    around.observer.observe(port.name(), outcome(&answer), ended - started);
    accessor.with(|mut access| access.get().computed = 0);
    answer.map_err(|error| {
        tracing::warn!(port = port.name(), %error, "a port gave no answer");
        port_error(error)
    })
}

fn outcome<R>(answer: &Result<R, PortError>) -> &'static str {
    match answer {
        Ok(_) => "ok",
        Err(PortError::AccessDenied(_)) => "access-denied",
        Err(PortError::Unavailable(_)) => "unavailable",
        Err(PortError::Timeout) => "timeout",
        Err(PortError::InvalidArgument(_)) => "invalid-argument",
        Err(PortError::Other(_)) => "other",
    }
}

/// The only place where a backend's error becomes the contract's.
fn port_error(error: PortError) -> types::PortError {
    match error {
        PortError::AccessDenied(_) => types::PortError::AccessDenied,
        PortError::Unavailable(_) => types::PortError::Unavailable,
        PortError::Timeout => types::PortError::Timeout,
        PortError::InvalidArgument(text) => types::PortError::InvalidArgument(text),
        PortError::Other(text) => types::PortError::Other(text),
    }
}
