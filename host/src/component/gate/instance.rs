//! What an instance is made of, and when it counts as hung.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::runtime::Handle;
use tollgate_backends::ports::Ports;
use wasmtime::{
    Store, UpdateDeadline,
    component::{Component, Linker, ResourceTable},
};

use super::GateOptions;
use crate::component::{
    Runtime, RuntimeError,
    bindings::gate::{Gate as Instance, GatePre},
    ports::{self, State},
    runtime::{limits, ticks},
};

/// Waits for ports that one request may need, one after another. A renewal has most: policy, lease, lookups, the
/// signatures of video and poster, renewal.
const MOST_WAITS: u32 = 6;

/// Everything needed to make an instance.
pub(super) struct Blueprint {
    runtime: Runtime,
    prepared: GatePre<State>,
    ports: Ports,
    options: GateOptions,
    /// Lent to the threads of instances, for the timers and sockets that ports use.
    pub(super) handle: Handle,
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

    /// How long a request may stay in an instance: longer than all its waits together, so that only a component that
    /// asks its ports over and over gets there.
    pub(super) fn job_limit(&self) -> Duration {
        self.options.port_timeout * MOST_WAITS + self.options.hang_limit
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
