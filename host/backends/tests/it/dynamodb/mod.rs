//! What is particular to DynamoDB: failures of a service that is far away, and items that others wrote.

mod administration;
mod faults;
mod items;
mod races;
mod reads;

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use tollgate_backends::{
    administration::{Administration, Upkeep},
    dynamodb::BACKEND,
    ports::{Catalog, Entitlements, Sessions},
    registry::{Adapter, Commons, Port, Service},
    section::Section,
};
use tollgate_emulators::{Proxy, dynamodb, stage};

/// Tables of one test, with something in front of them that breaks calls.
pub struct Place {
    prefix: String,
    pub proxy: Proxy,
}

/// The backend at work for its three ports, as one gateway has it.
pub struct Gateway {
    pub entitlements: Arc<dyn Entitlements>,
    pub catalog: Arc<dyn Catalog>,
    pub sessions: Arc<dyn Sessions>,
    pub administration: Arc<dyn Administration>,
    pub upkeep: Arc<dyn Upkeep>,
}

impl Place {
    pub async fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let prefix = format!("place-{}-{number}", std::process::id());
        stage::make_tables(dynamodb(), &prefix);
        Self { prefix, proxy: Proxy::before(dynamodb()).await }
    }

    pub fn table(&self, name: &str) -> String {
        format!("{}-{name}", self.prefix)
    }

    /// A gateway whose calls may take so many seconds.
    pub async fn gateway(&self, timeout: u64) -> Gateway {
        let text = self.text(self.proxy.url(), timeout);
        gateway(&text).await
    }

    /// The table of the configuration.
    pub fn text(&self, url: &str, timeout: u64) -> String {
        let prefix = &self.prefix;
        format!(
            "type = 'dynamodb'\nendpoint-url = '{url}'\ntimeout = {timeout}\n\
             entitlements-table = '{prefix}-entitlements'\ncatalog-table = '{prefix}-catalog'\n\
             sessions-table = '{prefix}-sessions'"
        )
    }
}

pub async fn gateway(text: &str) -> Gateway {
    let commons = Commons::default();
    let open = async |port: Port| {
        let section = Section::new("store", toml::from_str(text).unwrap());
        let configured = (BACKEND.configure)(port, section).map_err(|_| "mistakes").unwrap();
        match configured.open(&commons).await {
            Ok(adapter) => adapter,
            Err(mistakes) => panic!("{mistakes:?}"),
        }
    };
    let Adapter { service: Service::Entitlements(entitlements), administration, upkeep } =
        open(Port::Entitlements).await
    else {
        panic!("another port")
    };
    let Service::Catalog(catalog) = open(Port::Catalog).await.service else {
        panic!("another port")
    };
    let Service::Sessions(sessions) = open(Port::Sessions).await.service else {
        panic!("another port")
    };
    let (administration, upkeep) = (administration.unwrap(), upkeep.unwrap());
    Gateway { entitlements, catalog, sessions, administration, upkeep }
}
