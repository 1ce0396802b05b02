//! How long answers of a port are believed, as its table says, whatever backend it names.

use std::{fmt, sync::Arc, time::Duration};

use super::{Port, Service};
use crate::{cache::Remembering, section::Section};

/// How long an episode that was found is believed to be as it was. It spares most lookups of what many watch, and is
/// short against the time for which signatures hold.
const CATALOG_FOR: u64 = 10;

/// The longest that is allowed for episodes.
const LONGEST_CATALOG: u64 = 3600;

/// Entitlements are looked up each time, unless somebody says that they may be taken away with a delay.
const ENTITLEMENTS_FOR: u64 = 0;

/// The longest such delay.
const LONGEST_ENTITLEMENTS: u64 = 300;

/// How long what a port answered is believed; zero, if it is asked each time.
pub(super) struct Memory {
    port: Port,
    lifetime: Duration,
}

/// Takes `cache-ttl` out of the port's own table, if the port has it.
pub(super) fn of_own(port: Port, table: &mut Section) -> Memory {
    take(port, table, |_| "cache-ttl")
}

/// Takes the key of each port out of `[store]`, which stands for several.
pub(super) fn of_store(port: Port, table: &mut Section) -> Memory {
    let key = |port| match port {
        Port::Catalog => "catalog-cache-ttl",
        _ => "entitlements-cache-ttl",
    };
    for other in [Port::Catalog, Port::Entitlements] {
        if other != port {
            take(other, table, key);
        }
    }
    take(port, table, key)
}

fn take(port: Port, table: &mut Section, key: fn(Port) -> &'static str) -> Memory {
    let seconds = match port {
        Port::Catalog => table.seconds(key(port), 0..=LONGEST_CATALOG, CATALOG_FOR),
        Port::Entitlements => table.seconds(key(port), 0..=LONGEST_ENTITLEMENTS, ENTITLEMENTS_FOR),
        _ => 0,
    };
    Memory { port, lifetime: Duration::from_secs(seconds) }
}

impl Memory {
    /// The same service, with what it said a moment ago.
    pub(super) fn before(&self, service: Service) -> Service {
        match service {
            service if self.lifetime.is_zero() => service,
            Service::Catalog(store) => {
                Service::Catalog(Arc::new(Remembering::new(store, self.lifetime)))
            }
            Service::Entitlements(store) => {
                Service::Entitlements(Arc::new(Remembering::new(store, self.lifetime)))
            }
            service => service,
        }
    }
}

/// For the log, after what the backend says of itself: that somebody may watch on for a while is worth a word.
impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.port == Port::Entitlements && !self.lifetime.is_zero() {
            write!(f, ", believed for {} s", self.lifetime.as_secs())?;
        }
        Ok(())
    }
}
