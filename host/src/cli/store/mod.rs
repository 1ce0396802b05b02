//! Commands that edit the store a configuration names.

pub(super) mod entitlements;
pub(super) mod episode;
pub(super) mod grant;
pub(super) mod revoke;
pub(super) mod sessions;

use std::{future::Future, sync::Arc};

use tollgate_api::Id;
use tollgate_backends::{
    administration::Administration,
    ports::PortError,
    registry::{Adapter, Port},
};

use super::{Exit, Failure, runtime, serve::ConfigArg};
use crate::config::{Config, Needs};

/// Opens the store behind `port` and does `work` with it.
fn with<F, W>(config: &ConfigArg, port: Port, work: W) -> Result<Exit, Failure>
where
    F: Future<Output = Result<Exit, Failure>>,
    W: FnOnce(Arc<dyn Administration>, Adapter) -> F,
{
    let config = Config::load(&config.file, Needs::Ports)?;
    let wiring = config.wiring.ok_or_else(|| Failure::Wrong(format!("{port}: is required")))?;
    runtime()?.block_on(async {
        let adapter =
            wiring.open_port(port).await.map_err(|error| Failure::Wrong(error.to_string()))?;
        let Some(store) = adapter.administration.clone() else {
            let rule = "this backend cannot be edited from here; use its own tools";
            return Err(Failure::Wrong(format!("{port}: {rule}")));
        };
        work(store, adapter).await
    })
}

/// A refused argument is the caller's; everything else is the store's.
fn failure(error: &PortError) -> Failure {
    match error {
        PortError::InvalidArgument(rule) => Failure::Wrong(rule.clone()),
        other => Failure::Failed(format!("the store: {other}")),
    }
}

/// Refuses what cannot be an identifier, by the flag's name and before a store is opened or made.
fn identifiers<const FLAGS: usize>(given: [(&str, Option<&str>); FLAGS]) -> Result<(), Failure> {
    for (flag, text) in given {
        if let Some(text) = text {
            Id::parse(flag, text).map_err(|error| Failure::argument(flag, error.rule))?;
        }
    }
    Ok(())
}

/// Epoch seconds for people, or a dash.
fn moment(epoch: Option<u64>) -> String {
    epoch.map_or_else(|| "-".to_owned(), super::time::format)
}
