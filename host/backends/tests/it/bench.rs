//! Sets up one registered backend for one port, as often as a test likes.

use std::sync::Arc;

use tempfile::TempDir;
use tollgate_backends::{
    ports::{Catalog, Entitlements, Objects, Sessions, Settings, SigningKeys},
    registry::{Adapter, BACKENDS, Backend, Commons, Port, Service},
    section::Section,
};

use crate::fixtures::{FIXTURES, Fixture, Seed, memory};

/// A backend with data of its own.
pub struct Bench {
    backend: &'static Backend,
    fixture: &'static dyn Fixture,
    port: Port,
    table: String,
    folder: TempDir,
}

/// A bench for every backend that is registered for `port`, and for each way to configure it.
pub fn serving(port: Port) -> Vec<Bench> {
    let others = [&crate::spin::BACKEND, &memory::BACKEND];
    let backends = BACKENDS.iter().chain(others).filter(|backend| backend.ports.contains(&port));
    let benches: Vec<_> = backends
        .flat_map(|backend| {
            let fixture = *FIXTURES
                .iter()
                .find(|fixture| fixture.backend() == backend.name)
                .unwrap_or_else(|| panic!("`{}` has no fixture: add one", backend.name));
            fixture.tables(port).iter().map(move |table| {
                let folder = tempfile::tempdir().unwrap();
                fixture.prepare(folder.path());
                let table = fixture.filled(table, folder.path());
                Bench { backend, fixture, port, table, folder }
            })
        })
        .collect();
    assert!(!benches.is_empty(), "nothing serves {port}");
    benches
}

impl Bench {
    /// What a failed assertion names.
    pub fn name(&self) -> String {
        format!("{} for {}: {}", self.backend.name, self.port, self.table)
    }

    /// The same with another word in its table.
    pub fn with(self, old: &str, new: &str) -> Self {
        assert!(self.table.contains(old), "{}", self.table);
        Self { table: self.table.replace(old, new), ..self }
    }

    /// Opens the backend by itself; a second call opens the same data a second time.
    pub async fn adapter(&self) -> Adapter {
        let table = toml::from_str(&self.table).unwrap();
        let section = Section::new(self.port.section(), table).based_on(self.folder.path());
        let configured = (self.backend.configure)(self.port, section)
            .unwrap_or_else(|mistakes| panic!("{}: {mistakes:?}", self.name()));
        let summary = configured.summary();
        assert!(!summary.contains('\n') && !summary.contains("PRIVATE"), "{summary}");
        match configured.open(&Commons::default()).await {
            Ok(adapter) => adapter,
            Err(mistakes) => panic!("{}: {mistakes:?}", self.name()),
        }
    }

    /// Whether a text can be a key of the store; if not, there is nothing under it.
    pub fn takes(&self, text: &str) -> bool {
        self.fixture.takes(text)
    }

    /// Whether expired rows go without anybody asking.
    pub fn deletes_by_itself(&self) -> bool {
        self.fixture.deletes_by_itself()
    }

    /// Puts something behind the port, past the port.
    pub fn seed(&self, seed: Seed<'_>) {
        self.fixture.seed(self.folder.path(), seed);
    }
}

macro_rules! opening {
    ($($function:ident $service:ident),*) => {
        impl Bench {
            $(pub async fn $function(&self) -> Arc<dyn $service> {
                match self.adapter().await.service {
                    Service::$service(service) => service,
                    _ => panic!("{}: opened another port", self.name()),
                }
            })*

            pub async fn settings(&self) -> Arc<dyn Settings> {
                match self.adapter().await.service {
                    Service::Policy(service) => service,
                    _ => panic!("{}: opened another port", self.name()),
                }
            }
        }
    };
}

opening!(
    entitlements Entitlements, catalog Catalog, objects Objects, sessions Sessions,
    signing_keys SigningKeys
);
