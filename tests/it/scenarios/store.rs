//! What the Spin app stands on, wherever it runs: a database, and an object store that is asked by HTTP.

use std::{path::Path, sync::Mutex};

use super::{
    database::Database,
    format::{Before, Dependency, Installation, Manner},
    objects::Objects,
};

/// What both ways to run the app stand on.
pub struct Store {
    pub database: Database,
    pub objects: Objects,
    broken: Installation,
    held: Mutex<Option<rusqlite::Connection>>,
}

impl Store {
    /// Makes the database, and an object store that is broken from the start if it is to be.
    pub async fn make(path: &Path, installation: &Installation) -> Self {
        Self::around(Database::make(path), installation).await
    }

    /// The same with a database that is there, or will be.
    pub async fn around(database: Database, installation: &Installation) -> Self {
        Self {
            database,
            objects: Objects::start(installation.broken.get(&Dependency::Objects).copied()).await,
            broken: installation.clone(),
            held: Mutex::default(),
        }
    }

    /// The same, with another object store.
    #[cfg(feature = "spin")]
    pub fn asking(self, objects: Objects) -> Self {
        Self { objects, ..self }
    }

    pub fn fill(&self, before: &Before, now: u64) {
        self.database.fill(before, now);
        self.objects.put(&before.objects);
    }

    pub fn interrupt(&self) {
        for (dependency, manner) in &self.broken.broken {
            match manner {
                Manner::Fails => self.database.hide(*dependency),
                Manner::Hangs if *dependency == Dependency::Sessions => {
                    *self.held.lock().unwrap() = Some(self.database.hold());
                }
                Manner::Hangs => {}
            }
        }
    }

    pub fn resume(&self) {
        *self.held.lock().unwrap() = None;
        for dependency in self.broken.broken.keys() {
            self.database.show(*dependency);
        }
    }
}
