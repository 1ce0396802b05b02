//! Port `settings`.

use wasmtime::component::Accessor;

use super::{HasState, ObservedPort, State, ask, types::PortError};
use crate::component::bindings::gate::tollgate::gate::settings::{Host, HostWithStore};

impl Host for State {}

impl<T: Send + 'static> HostWithStore<T> for HasState {
    async fn policy(accessor: &Accessor<T, Self>) -> wasmtime::Result<Result<String, PortError>> {
        Ok(ask(accessor, ObservedPort::Settings, async move |ports| ports.settings.policy().await)
            .await)
    }
}
