//! From tables of the configuration to ports at work.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Arc,
};

use super::{
    Adapter, Commons, Configured, Port, Service, choices, find,
    memory::{self, Memory},
};
use crate::{
    administration::{Administration, Upkeep},
    examination::Finding,
    ports::Ports,
    section::{Mistake, Section},
};

/// The tables that wire the ports, as they stand in the configuration.
#[derive(Debug, Default)]
pub struct PortTables {
    /// `[store]`: stands in for `[entitlements]`, `[catalog]` and `[sessions]` where they are missing.
    pub store: Option<Section>,
    /// The table of each port.
    pub ports: BTreeMap<Port, Section>,
}

impl PortTables {
    /// Takes every table that wires a port out of the file.
    pub fn take_from(file: &mut Section) -> Self {
        let store = file.section("store");
        let ports = Port::ALL
            .into_iter()
            .filter_map(|port| Some((port, file.section(port.section())?)))
            .collect();
        Self { store, ports }
    }
}

/// Reads the tables without touching anything they name.
///
/// # Errors
/// Every mistake in every table.
pub fn configure(tables: PortTables) -> Result<Wiring, Vec<Mistake>> {
    let PortTables { store, mut ports } = tables;
    let mut mistakes = Vec::new();
    let mut configured = BTreeMap::new();
    let mut store_is_used = false;
    for port in Port::ALL {
        let own = ports.remove(&port).map(|mut table| (memory::of_own(port, &mut table), table));
        let table = own.or_else(|| {
            let mut stand_in = store.clone().filter(|_| port.kept_in_store())?;
            store_is_used = true;
            Some((memory::of_store(port, &mut stand_in), stand_in))
        });
        let Some((memory, table)) = table else {
            mistakes.push(missing(port));
            continue;
        };
        match one(port, table) {
            Ok(backend) => {
                configured.insert(port, Wired { backend, memory });
            }
            Err(found) => mistakes.extend(found),
        }
    }
    if let Some(store) = store.filter(|_| !store_is_used) {
        mistakes.push(Mistake {
            key: store.path().to_owned(),
            rule: "is not used, because each of its ports has a table of its own".to_owned(),
        });
    }
    if mistakes.is_empty() { Ok(Wiring { configured }) } else { Err(without_repeats(mistakes)) }
}

fn one(port: Port, mut table: Section) -> Result<Box<dyn Configured>, Vec<Mistake>> {
    let name = match port.usual() {
        Some(usual) if !table.contains("type") => usual.to_owned(),
        _ => table.text("type").unwrap_or_default(),
    };
    match find(&name, port) {
        Some(backend) => (backend.configure)(port, table),
        None => {
            let rule = format!("must name a backend that can serve {port}: {}", choices(port));
            Err(vec![Mistake { key: format!("{}.type", table.path()), rule }])
        }
    }
}

fn missing(port: Port) -> Mistake {
    let rule = match port {
        Port::Policy => "is required: a table with `domain`, or with `file`".to_owned(),
        port if port.kept_in_store() => format!(
            "is required: a table with `type`, one of {}; a `[store]` table serves as well",
            choices(port)
        ),
        port => format!("is required: a table with `type`, one of {}", choices(port)),
    };
    Mistake { key: port.section().to_owned(), rule }
}

/// A `[store]` table is read once per port, so its mistakes come back several times.
fn without_repeats(mistakes: Vec<Mistake>) -> Vec<Mistake> {
    let mut seen = BTreeSet::new();
    mistakes
        .into_iter()
        .filter(|mistake| seen.insert((mistake.key.clone(), mistake.rule.clone())))
        .collect()
}

/// Every port with the backend that will serve it. Nothing is open yet.
pub struct Wiring {
    configured: BTreeMap<Port, Wired>,
}

struct Wired {
    backend: Box<dyn Configured>,
    memory: Memory,
}

impl fmt::Debug for Wiring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.summary()).finish()
    }
}

/// Why a backend could not be opened.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct OpenError(pub Vec<Mistake>);

/// Every port at work.
pub struct Opened {
    /// For the gate.
    pub ports: Ports,
    /// How to edit what is behind a port, where that makes sense.
    pub administration: BTreeMap<Port, Arc<dyn Administration>>,
    /// What the gateway must do now and then, each backend once.
    pub upkeep: Vec<Arc<dyn Upkeep>>,
}

impl Wiring {
    /// One line per port for the log, without secrets.
    pub fn summary(&self) -> Vec<(Port, String)> {
        let line = |wired: &Wired| format!("{}{}", wired.backend.summary(), wired.memory);
        self.configured.iter().map(|(port, wired)| (*port, line(wired))).collect()
    }

    /// Opens one port alone, as a command does that needs no other.
    ///
    /// # Errors
    /// What the table names cannot be used.
    pub async fn open_port(&self, port: Port) -> Result<Adapter, OpenError> {
        self.adapter(port, &Commons::default()).await.map_err(OpenError)
    }

    /// Looks at everything the tables name, and changes nothing. What several ports share is looked at once.
    pub async fn examine(&self) -> Vec<Finding> {
        let commons = Commons::default();
        let examined =
            self.configured.iter().map(|(port, wired)| wired.backend.examine(*port, &commons));
        let findings = futures::future::join_all(examined).await.into_iter().flatten();
        let mut seen: Vec<Finding> = Vec::new();
        for finding in findings {
            if !seen.contains(&finding) {
                seen.push(finding);
            }
        }
        seen
    }

    /// Opens everything.
    ///
    /// # Errors
    /// Everything that could not be opened.
    pub async fn open(&self) -> Result<Opened, OpenError> {
        let commons = Commons::default();
        let mut failures = Vec::new();
        let mut adapters = BTreeMap::new();
        for port in Port::ALL {
            match self.adapter(port, &commons).await {
                Ok(adapter) => {
                    adapters.insert(port, adapter);
                }
                Err(found) => failures.extend(found),
            }
        }
        if !failures.is_empty() {
            return Err(OpenError(without_repeats(failures)));
        }
        assemble(adapters).map_err(|port| OpenError(vec![misfit(port)]))
    }

    async fn adapter(&self, port: Port, commons: &Commons) -> Result<Adapter, Vec<Mistake>> {
        match self.configured.get(&port) {
            Some(wired) => {
                let adapter = wired.backend.open(commons).await?;
                Ok(Adapter { service: wired.memory.before(adapter.service), ..adapter })
            }
            None => Err(vec![missing(port)]),
        }
    }
}

fn assemble(adapters: BTreeMap<Port, Adapter>) -> Result<Opened, Port> {
    let mut administration = BTreeMap::new();
    let mut upkeep: Vec<Arc<dyn Upkeep>> = Vec::new();
    let mut services = BTreeMap::new();
    for (port, adapter) in adapters {
        if let Some(editor) = adapter.administration {
            administration.insert(port, editor);
        }
        if let Some(care) = adapter.upkeep
            && !upkeep.iter().any(|known| Arc::ptr_eq(known, &care))
        {
            upkeep.push(care);
        }
        services.insert(port, adapter.service);
    }
    macro_rules! serve {
        ($port:ident) => {
            match services.remove(&Port::$port) {
                Some(Service::$port(service)) => service,
                _ => return Err(Port::$port),
            }
        };
    }
    let ports = Ports {
        entitlements: serve!(Entitlements),
        catalog: serve!(Catalog),
        objects: serve!(Objects),
        sessions: serve!(Sessions),
        signing_keys: serve!(SigningKeys),
        settings: serve!(Policy),
    };
    Ok(Opened { ports, administration, upkeep })
}

/// A backend that registered for a port and then served another: our fault, not the reader's.
fn misfit(port: Port) -> Mistake {
    Mistake {
        key: port.section().to_owned(),
        rule: "is served by a backend with a defect: it opened another port; please report this"
            .to_owned(),
    }
}
