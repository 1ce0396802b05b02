//! What is particular to keys that a service keeps: how it is asked, what is kept while it fails, how keys change.

mod changes;
mod faults;
mod requests;
mod start;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use tollgate_backends::{
    administration::Upkeep,
    parameter_store,
    ports::{Key, SigningKeys},
    registry::{Adapter, Backend, Commons, Port, Service},
    secrets_manager,
    section::{Mistake, Section},
};
use tollgate_emulators::{Proxy, services, stage};

/// How long anything may take before it counts as hung.
const PATIENCE: Duration = Duration::from_secs(60);

/// A name in one of the services that no other test has, with something in front that breaks calls.
struct Place {
    backend: Backend,
    key: &'static str,
    operation: &'static str,
    name: String,
    proxy: Proxy,
}

/// The backend at work, as one gateway has it.
struct Gateway {
    keys: Arc<dyn SigningKeys>,
    upkeep: Arc<dyn Upkeep>,
}

impl Place {
    /// A secret with this as its only version.
    async fn secret(text: &str) -> Self {
        let place =
            Self::new(secrets_manager::BACKEND, "secret-id", "GetSecretValue", "tests").await;
        stage::make_secret(services(), &place.name, text);
        place
    }

    /// A parameter with this as its only version.
    async fn parameter(text: &str) -> Self {
        let place = Self::new(parameter_store::BACKEND, "name", "GetParameter", "/tests").await;
        stage::put_parameter(services(), &place.name, text, "SecureString");
        place
    }

    async fn new(
        backend: Backend,
        key: &'static str,
        operation: &'static str,
        folder: &str,
    ) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("{folder}/{}-{number}/signing-key", std::process::id());
        Self { backend, key, operation, name, proxy: Proxy::before(services()).await }
    }

    /// A new version, which is current from now on.
    fn put(&self, text: &str) {
        if self.key == "secret-id" {
            stage::put_secret(services(), &self.name, text, &["AWSCURRENT"]);
        } else {
            stage::put_parameter(services(), &self.name, text, "SecureString");
        }
    }

    /// What comes of the table with these lines more. Calls may take as long as a busy
    /// emulator needs, or what the lines say.
    async fn try_open(&self, more: &str) -> Result<Gateway, String> {
        let Self { backend, key, name, proxy, .. } = self;
        let timeout = if more.contains("timeout") { "" } else { "timeout = 20\n" };
        let more = format!("{timeout}{more}");
        let table = format!(
            "type = '{}'\n{key} = '{name}'\nendpoint-url = '{}'\n{more}",
            backend.name,
            proxy.url()
        );
        let section = Section::new("signing-keys", toml::from_str(&table).unwrap());
        let configured = (backend.configure)(Port::SigningKeys, section).map_err(said)?;
        let adapter = configured.open(&Commons::default()).await.map_err(said)?;
        let Adapter { service: Service::SigningKeys(keys), upkeep, .. } = adapter else {
            panic!("another port")
        };
        Ok(Gateway { keys, upkeep: upkeep.unwrap() })
    }

    async fn open(&self, more: &str) -> Gateway {
        self.try_open(more).await.unwrap_or_else(|mistakes| panic!("{mistakes}"))
    }
}

impl Gateway {
    async fn signs(&self) -> String {
        id(&self.keys.current().await.unwrap()).to_owned()
    }

    async fn knows(&self, key_pair_id: &str) -> bool {
        let found = self.keys.by_id(key_pair_id).await.unwrap();
        found.is_some_and(|key| id(&key) == key_pair_id)
    }

    /// Why old keys are in use, if they are.
    fn stale(&self) -> Option<&'static str> {
        self.upkeep.freshness().unwrap().stale.map(|stale| stale.reason)
    }
}

fn id(key: &Key) -> &str {
    match key {
        Key::Held(key) => key.key_pair_id(),
        Key::Revealed { key_pair_id, .. } => key_pair_id,
    }
}

fn said(mistakes: Vec<Mistake>) -> String {
    mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

async fn until(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let started = Instant::now();
    while !condition().await {
        assert!(started.elapsed() < PATIENCE, "{what} did not happen");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
