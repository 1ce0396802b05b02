//! Which backends there are, which ports each can serve, and how a configuration picks one.
//!
//! Wiring has two stages: [`configure`] reads tables and touches nothing, so that every mistake is
//! known before anything happens; [`Wiring::open`] then reaches for files and services.

mod commons;
mod memory;
mod wiring;

use std::{fmt, sync::Arc};

use futures::future::BoxFuture;

pub use self::{
    commons::Commons,
    wiring::{OpenError, Opened, PortTables, Wiring, configure},
};
use crate::{
    administration::{Administration, Upkeep},
    examination::{Finding, asked},
    ports::{Catalog, Entitlements, Objects, Sessions, Settings, SigningKeys},
    section::{Mistake, Section},
};

/// Every backend of this build.
pub const BACKENDS: &[Backend] = &[
    crate::policy::BACKEND,
    #[cfg(feature = "aws")]
    crate::dynamodb::BACKEND,
    #[cfg(feature = "aws")]
    crate::secrets_manager::BACKEND,
    #[cfg(feature = "aws")]
    crate::parameter_store::BACKEND,
    #[cfg(feature = "aws")]
    crate::s3::BACKEND,
    #[cfg(feature = "http-origin")]
    crate::http_origin::BACKEND,
    #[cfg(feature = "embedded")]
    crate::folder::BACKEND,
    #[cfg(feature = "embedded")]
    crate::pem::BACKEND,
    #[cfg(feature = "embedded")]
    crate::sqlite::BACKEND,
];

/// A need of the gate that a backend serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Port {
    /// What a user has paid for.
    Entitlements,
    /// What exists to be watched.
    Catalog,
    /// On how many devices a user watches.
    Sessions,
    /// What the object store holds.
    Objects,
    /// The private keys CloudFront trusts.
    SigningKeys,
    /// The playback policy document.
    Policy,
}

impl Port {
    /// Every port, in the order of the configuration.
    pub const ALL: [Self; 6] = [
        Self::Policy,
        Self::Entitlements,
        Self::Catalog,
        Self::Sessions,
        Self::Objects,
        Self::SigningKeys,
    ];

    /// Its table in the configuration.
    pub const fn section(self) -> &'static str {
        match self {
            Self::Entitlements => "entitlements",
            Self::Catalog => "catalog",
            Self::Sessions => "sessions",
            Self::Objects => "objects",
            Self::SigningKeys => "signing-keys",
            Self::Policy => "policy",
        }
    }

    /// The backend of a table that does not name one.
    const fn usual(self) -> Option<&'static str> {
        match self {
            Self::Policy => Some(crate::policy::BACKEND.name),
            _ => None,
        }
    }

    /// Whether a `[store]` table stands in for a missing table of this port.
    const fn kept_in_store(self) -> bool {
        matches!(self, Self::Entitlements | Self::Catalog | Self::Sessions)
    }
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.section())
    }
}

/// A backend as the registry knows it.
#[derive(Clone, Copy, Debug)]
pub struct Backend {
    /// What `type` says.
    pub name: &'static str,
    /// The ports it can serve.
    pub ports: &'static [Port],
    /// Reads its table. Touches no file and no network.
    pub configure: fn(Port, Section) -> Configuring,
}

/// What reading the table of a backend gives: the backend, or every mistake.
pub type Configuring = Result<Box<dyn Configured>, Vec<Mistake>>;

/// A backend whose table was read and found right.
pub trait Configured: Send + Sync {
    /// One line for the log, without secrets.
    fn summary(&self) -> String;
    /// Reaches for what the table names. A mistake here names the table's key.
    fn open<'a>(&'a self, commons: &'a Commons) -> BoxFuture<'a, Result<Adapter, Vec<Mistake>>>;
    /// Looks whether what the table names is there and as it should be, and changes nothing. Unless a backend knows
    /// more to look at, its port is asked one question.
    fn examine<'a>(&'a self, port: Port, commons: &'a Commons) -> BoxFuture<'a, Vec<Finding>> {
        Box::pin(async move { asked(port, self, commons).await.0 })
    }
}

/// A backend at work for one port.
pub struct Adapter {
    /// The port it serves.
    pub service: Service,
    /// How to edit what is behind it, where that makes sense.
    pub administration: Option<Arc<dyn Administration>>,
    /// What must be done for it now and then.
    pub upkeep: Option<Arc<dyn Upkeep>>,
}

impl Adapter {
    /// An adapter that needs no care and cannot be edited.
    pub fn plain(service: Service) -> Self {
        Self { service, administration: None, upkeep: None }
    }
}

/// One port, served.
pub enum Service {
    /// For [`Port::Entitlements`].
    Entitlements(Arc<dyn Entitlements>),
    /// For [`Port::Catalog`].
    Catalog(Arc<dyn Catalog>),
    /// For [`Port::Sessions`].
    Sessions(Arc<dyn Sessions>),
    /// For [`Port::Objects`].
    Objects(Arc<dyn Objects>),
    /// For [`Port::SigningKeys`].
    SigningKeys(Arc<dyn SigningKeys>),
    /// For [`Port::Policy`].
    Policy(Arc<dyn Settings>),
}

/// The backend called `name`, if this build has it and it can serve `port`.
fn find(name: &str, port: Port) -> Option<&'static Backend> {
    BACKENDS.iter().find(|backend| backend.name == name && backend.ports.contains(&port))
}

/// The names that `type` may hold for `port`, for people.
fn choices(port: Port) -> String {
    let names: Vec<_> = BACKENDS
        .iter()
        .filter(|backend| backend.ports.contains(&port))
        .map(|backend| format!("`{}`", backend.name))
        .collect();
    if names.is_empty() { "none in this build".to_owned() } else { names.join(", ") }
}
