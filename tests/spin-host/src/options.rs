//! What a component is given, and how many requests its instances take.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use crate::interference::{Interference, Undisturbed};

/// What a component is given.
#[derive(Clone)]
pub struct Options {
    /// The variables the component may ask for, by name.
    pub variables: BTreeMap<String, String>,
    /// The file of the database `default`; without one the component has no database.
    pub database: Option<PathBuf>,
    /// Where the component may send requests.
    pub allowed_hosts: Allowed,
    /// Folders the component may read, as a path here and the path it sees.
    pub folders: Vec<(PathBuf, String)>,
    /// Requests one instance takes at once. Spin's default.
    pub concurrent: usize,
    /// Requests one instance takes in all. Spin's default.
    pub reuse: usize,
    /// Stands in front of whatever the component asks for.
    pub interference: Arc<dyn Interference>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            variables: BTreeMap::new(),
            database: None,
            allowed_hosts: Allowed::nothing(),
            folders: Vec::new(),
            concurrent: 16,
            reuse: 128,
            interference: Arc::new(Undisturbed),
        }
    }
}

/// Where a component may send requests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allowed {
    everything: bool,
    authorities: Vec<String>,
}

impl Allowed {
    /// Nowhere.
    pub fn nothing() -> Self {
        Self::default()
    }

    /// Anywhere.
    pub fn everything() -> Self {
        Self { everything: true, authorities: Vec::new() }
    }

    /// To these hosts with their ports, for example `127.0.0.1:8080`.
    pub fn authorities<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let authorities = texts.into_iter().map(str::to_owned).collect();
        Self { everything: false, authorities }
    }

    pub(crate) fn permits(&self, authority: &str) -> bool {
        self.everything || self.authorities.iter().any(|allowed| allowed == authority)
    }
}
