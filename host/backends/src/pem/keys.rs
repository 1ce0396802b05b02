//! The signing-keys port on PEM files, which are read again when they change.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use tokio::sync::Mutex;

use super::{Entry, Table, file, file::Stamp};
use crate::{
    ports::{Answer, Key, PortError, SigningKeys},
    private_key::PrivateKey,
    section::Mistake,
};

/// How often the files are looked at, at the most.
const INTERVAL: Duration = Duration::from_secs(3);

pub(super) struct PemKeys {
    table: Arc<Table>,
    keys: RwLock<Arc<BTreeMap<String, Key>>>,
    looked: Mutex<Looked>,
    interval: Duration,
}

/// When the files were last looked at, and what was seen.
struct Looked {
    at: Instant,
    stamps: Vec<Option<Stamp>>,
}

impl PemKeys {
    pub(super) async fn open(table: Table) -> Result<Self, Vec<Mistake>> {
        Self::open_looking_every(table, INTERVAL).await
    }

    pub(super) async fn open_looking_every(
        table: Table,
        interval: Duration,
    ) -> Result<Self, Vec<Mistake>> {
        let table = Arc::new(table);
        let loading = Arc::clone(&table);
        let loaded = tokio::task::spawn_blocking(move || {
            // Looked at first: a change during the reading is then seen as one afterwards.
            let stamps = stamps(&loading);
            load(&loading).map(|keys| (keys, stamps))
        });
        let (keys, stamps) = loaded.await.map_err(|_| {
            let key = "signing-keys".to_owned();
            vec![Mistake { key, rule: "reading was cut off".to_owned() }]
        })??;
        Ok(Self {
            table,
            keys: RwLock::new(Arc::new(keys)),
            looked: Mutex::new(Looked { at: Instant::now(), stamps }),
            interval,
        })
    }

    fn keys(&self) -> Arc<BTreeMap<String, Key>> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Looks at the files if it is time to. Those who come while somebody looks do not wait.
    async fn refresh(&self) {
        let Ok(mut looked) = self.looked.try_lock() else { return };
        if looked.at.elapsed() < self.interval {
            return;
        }
        looked.at = Instant::now();
        let (table, before) = (Arc::clone(&self.table), looked.stamps.clone());
        let task = tokio::task::spawn_blocking(move || {
            let now = stamps(&table);
            (now != before).then(|| (load(&table), now))
        });
        match task.await {
            Ok(Some((Ok(keys), stamps))) => {
                *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
                looked.stamps = stamps;
                tracing::info!(current = self.table.current, "signing keys were read again");
            }
            Ok(Some((Err(mistakes), stamps))) => {
                // Remembered all the same, so that one bad file warns once and not for ever.
                looked.stamps = stamps;
                for mistake in mistakes {
                    tracing::warn!(%mistake, "signing keys changed and cannot be used; the last good ones stay");
                }
            }
            Ok(None) | Err(_) => {}
        }
    }
}

impl SigningKeys for PemKeys {
    fn current(&self) -> Answer<'_, Key> {
        Box::pin(async move {
            self.refresh().await;
            let key = self.keys().get(&self.table.current).cloned();
            key.ok_or_else(|| PortError::Other("the current signing key is not there".to_owned()))
        })
    }

    fn by_id<'a>(&'a self, key_pair_id: &'a str) -> Answer<'a, Option<Key>> {
        Box::pin(async move {
            self.refresh().await;
            Ok(self.keys().get(key_pair_id).cloned())
        })
    }
}

fn stamps(table: &Table) -> Vec<Option<Stamp>> {
    table.entries.iter().map(|entry| file::stamp(&entry.path)).collect()
}

/// Reads every file; all or nothing, and every mistake.
fn load(table: &Table) -> Result<BTreeMap<String, Key>, Vec<Mistake>> {
    let mut keys = BTreeMap::new();
    let mut mistakes = Vec::new();
    for entry in &table.entries {
        match load_one(table, entry) {
            Ok(key) => {
                keys.insert(entry.key_pair_id.clone(), key);
            }
            Err(rule) => mistakes.push(Mistake { key: entry.key.clone(), rule }),
        }
    }
    if mistakes.is_empty() { Ok(keys) } else { Err(mistakes) }
}

fn load_one(table: &Table, entry: &Entry) -> Result<Key, String> {
    let text = file::read(&entry.path, table.allow_open_permissions)?;
    let key =
        PrivateKey::parse(&text).map_err(|rule| format!("{}: {rule}", entry.path.display()))?;
    Ok(key.under(entry.key_pair_id.clone(), table.mode))
}
