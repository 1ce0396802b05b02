//! Port `entitlements`.

use wasmtime::component::Accessor;

use super::{HasState, ObservedPort, State, ask, types::PortError};
use crate::component::bindings::gate::tollgate::gate::entitlements::{
    Entitlement, Host, HostWithStore,
};

impl Host for State {}

impl<T: Send + 'static> HostWithStore<T> for HasState {
    async fn lookup(
        accessor: &Accessor<T, Self>,
        user: String,
        series: String,
    ) -> wasmtime::Result<Result<Option<Entitlement>, PortError>> {
        let answer = ask(accessor, ObservedPort::Entitlements, async move |ports| {
            // Whoever is looked up is about to claim a place, or to keep one.
            ports.sessions.expect(&user);
            ports.entitlements.lookup(&user, &series).await
        });
        let export = |found: tollgate_backends::ports::Entitlement| Entitlement {
            status: found.status,
            valid_until: found.valid_until,
        };
        Ok(answer.await.map(|found| found.map(export)))
    }
}
