//! Entitlements, catalogue and sessions in one SQLite file, shared by as many processes as like.

mod administration;
mod catalog;
mod connect;
mod entitlements;
mod error;
mod readers;
mod sessions;
#[cfg(test)]
mod statements;
mod store;
mod writer;

use std::{path::PathBuf, sync::Arc, time::Duration};

use futures::future::BoxFuture;

pub use self::store::SqliteStore;
use crate::{
    examination::{Finding, asked},
    registry::{Adapter, Backend, Commons, Configured, Configuring, Port, Service},
    section::{Mistake, Section},
};

/// For the registry.
pub const BACKEND: Backend = Backend {
    name: "sqlite",
    ports: &[Port::Entitlements, Port::Catalog, Port::Sessions],
    configure,
};

struct Table {
    port: Port,
    key: String,
    path: PathBuf,
    busy_timeout: Duration,
}

fn configure(port: Port, mut section: Section) -> Configuring {
    section.text("type");
    let path = section.required_path("path");
    // How long a call waits for another process that writes, before it is `unavailable`.
    let busy_timeout = Duration::from_secs(section.seconds("busy-timeout", 0..=60, 5));
    let key = format!("{}.path", section.path());
    let mistakes = section.finish();
    if mistakes.is_empty() {
        Ok(Box::new(Table { port, key, path, busy_timeout }))
    } else {
        Err(mistakes)
    }
}

impl Configured for Table {
    fn summary(&self) -> String {
        format!("sqlite {}", self.path.display())
    }

    fn open<'a>(&'a self, commons: &'a Commons) -> BoxFuture<'a, Result<Adapter, Vec<Mistake>>> {
        Box::pin(async move {
            let name = self.path.to_string_lossy();
            let open = async {
                SqliteStore::open(&self.path, self.busy_timeout)
                    .await
                    .map_err(|rule| vec![Mistake { key: self.key.clone(), rule: rule.to_string() }])
            };
            let store = commons.shared(&name, open).await?;
            let service = match self.port {
                Port::Entitlements => Service::Entitlements(Arc::<SqliteStore>::clone(&store)),
                Port::Catalog => Service::Catalog(Arc::<SqliteStore>::clone(&store)),
                _ => Service::Sessions(Arc::<SqliteStore>::clone(&store)),
            };
            Ok(Adapter {
                service,
                administration: Some(Arc::<SqliteStore>::clone(&store)),
                upkeep: Some(store),
            })
        })
    }

    fn examine<'a>(&'a self, port: Port, commons: &'a Commons) -> BoxFuture<'a, Vec<Finding>> {
        Box::pin(async move {
            // Opening it would make it.
            if !self.path.exists() {
                let text = format!("{} is not there yet", self.path.display());
                return vec![Finding::warn(
                    &self.key,
                    text,
                    "the first `tollgate grant` or `serve` makes it",
                )];
            }
            let (mut findings, adapter) = asked(port, self, commons).await;
            if let Some(upkeep) = adapter.and_then(|adapter| adapter.upkeep) {
                // Nothing ended before 1970, so this writes and changes nothing.
                findings.push(match upkeep.purge(0).await {
                    Ok(_) => {
                        Finding::ok(&self.key, format!("{} can be written", self.path.display()))
                    }
                    Err(error) => Finding::of(&self.key, &error),
                });
            }
            findings
        })
    }
}
