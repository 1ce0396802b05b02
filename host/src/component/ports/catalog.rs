//! Port `catalog`: what should be there from the catalogue, what is there from the object store.

use wasmtime::component::Accessor;

use super::{HasState, ObservedPort, State, ask, types::PortError};
use crate::component::bindings::gate::tollgate::gate::catalog::{Host, HostWithStore, Media};

impl Host for State {}

impl<T: Send + 'static> HostWithStore<T> for HasState {
    async fn episode(
        accessor: &Accessor<T, Self>,
        series: String,
        episode: String,
    ) -> wasmtime::Result<Result<Option<Media>, PortError>> {
        let answer = ask(accessor, ObservedPort::Catalog, async move |ports| {
            ports.catalog.episode(&series, &episode).await
        });
        let export = |found: tollgate_backends::ports::Media| Media {
            video: found.video,
            poster: found.poster,
        };
        Ok(answer.await.map(|found| found.map(export)))
    }

    async fn exists(
        accessor: &Accessor<T, Self>,
        object_key: String,
    ) -> wasmtime::Result<Result<bool, PortError>> {
        Ok(ask(accessor, ObservedPort::Objects, async move |ports| {
            ports.objects.exists(&object_key).await
        })
        .await)
    }

    async fn read(
        accessor: &Accessor<T, Self>,
        object_key: String,
        query: Option<String>,
        most: u32,
    ) -> wasmtime::Result<Result<Option<Vec<u8>>, PortError>> {
        let answer = ask(accessor, ObservedPort::Objects, async move |ports| {
            ports.objects.read(&object_key, query.as_deref(), most).await
        });
        Ok(answer.await.map(|found| found.map(Into::into)))
    }
}
