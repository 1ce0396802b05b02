//! What an instance is made of, and when it counts as hung.

use std::{sync::Arc, time::Duration};

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
    ports::{self, State, Surroundings},
    runtime::{limits, ticks},
};

/// Waits for ports that one request may need, one after another. A renewal has most: policy, lease, lookups, the
/// signatures of video and poster, renewal.
const MOST_WAITS: u32 = 6;

/// Everything needed to make an instance.
pub(super) struct Blueprint {
    runtime: Runtime,
    prepared: GatePre<State>,
    surroundings: Arc<Surroundings>,
    options: GateOptions,
    /// The runtime the gate was started in, whose timers and sockets the ports use.
    pub(super) home: Handle,
}

impl Blueprint {
    pub(super) fn new(
        runtime: &Runtime,
        ports: Ports,
        options: GateOptions,
    ) -> Result<Self, RuntimeError> {
        let component = runtime.gate_component()?;
        let prepared = prepare(runtime, &component).map_err(super::instantiation)?;
        let home = Handle::current();
        let surroundings = Arc::new(Surroundings {
            ports,
            observer: Arc::clone(&options.observer),
            port_timeout: options.port_timeout,
            home: home.clone(),
        });
        Ok(Self { runtime: runtime.clone(), prepared, surroundings, options, home })
    }

    /// How long a request may stay in an instance: longer than all its waits together, so that only a component that
    /// asks its ports over and over gets there.
    pub(super) fn job_limit(&self) -> Duration {
        self.options.port_timeout * MOST_WAITS + self.options.hang_limit
    }

    pub(super) async fn instantiate(&self) -> wasmtime::Result<(Store<State>, Instance)> {
        let state = State {
            surroundings: Arc::clone(&self.surroundings),
            limits: limits(self.options.memory),
            table: ResourceTable::new(),
            computed: 0,
        };
        let mut store = self.runtime.store(state, |state| &mut state.limits);
        // Counted in ticks the component has seen and not by a clock: while others have their turn, it computes nothing.
        let most = ticks(self.options.hang_limit);
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(move |mut context| {
            let state = context.data_mut();
            state.computed += 1;
            if state.computed > most {
                return Err(wasmtime::Error::msg(
                    "hang: computed past the limit without waiting for anything",
                ));
            }
            // Whoever computes for so long lets the connections of the same thread have a turn.
            Ok(UpdateDeadline::Yield(1))
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
