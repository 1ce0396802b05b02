//! Where scenarios are played: something that can be set up, filled, asked and looked into.

use std::net::SocketAddr;

use futures::future::BoxFuture;
use sha2::{Digest as _, Sha256};

use super::format::{Before, Dependency, Device, Installation, Manner};

/// A kind of host.
pub trait Place: Sync {
    /// For people.
    fn name(&self) -> &'static str;
    /// Why this dependency cannot be broken here, if it cannot.
    fn cannot_break(&self, dependency: Dependency, manner: Manner) -> Option<&'static str>;
    /// Sets one up. What is to be broken works until [`Open::interrupt`].
    fn open<'a>(&'a self, installation: &'a Installation) -> BoxFuture<'a, Box<dyn Open>>;
}

/// A host that answers. It ends when it is dropped.
pub trait Open: Send + Sync {
    /// Where it listens.
    fn address(&self) -> SocketAddr;
    /// Records what a scenario has before its first request. `now` is what times count from.
    fn fill<'a>(&'a self, before: &'a Before, now: u64) -> BoxFuture<'a, ()>;
    /// Breaks what is to be broken and was not from the start.
    fn interrupt(&self) -> BoxFuture<'_, ()>;
    /// Mends it again, as far as that is needed to look into the store.
    fn resume(&self) -> BoxFuture<'_, ()>;
    /// The live leases of a user, the oldest first.
    fn leases<'a>(&'a self, user: &'a str, now: u64) -> BoxFuture<'a, Vec<Recorded>>;
}

/// A lease as the store has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    pub id: String,
    pub device: String,
    pub series: String,
    pub episode: String,
    pub started_at: u64,
    pub renewed_at: u64,
    pub expires_at: u64,
}

impl Device {
    /// Hex SHA-256 of `user:address:agent`, or of `user:address` when there is no user agent.
    pub fn fingerprint(&self, user: &str) -> String {
        let agent = Some(&self.agent).filter(|agent| !agent.is_empty());
        let agent = agent.map(|agent| format!(":{agent}")).unwrap_or_default();
        let digest = Sha256::digest(format!("{user}:{}{agent}", self.from));
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
