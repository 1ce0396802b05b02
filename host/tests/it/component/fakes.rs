//! Ports that answer when the test says so.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::sync::watch;
use tollgate_backends::ports::{
    Answer, Catalog, ClaimOutcome, ClaimRequest, Entitlement, Entitlements, Key, Media, Objects,
    PortError, Ports, RenewRequest, Session, Sessions, Settings, SigningKeys,
};

use crate::patience::until;

/// Counts the calls of `objects` and holds them back until [`Fakes::open`].
pub struct Fakes {
    pub calls: AtomicUsize,
    gate: watch::Sender<bool>,
}

impl Default for Fakes {
    fn default() -> Self {
        Self { calls: AtomicUsize::new(0), gate: watch::Sender::new(false) }
    }
}

impl Fakes {
    pub fn open(&self) {
        self.gate.send_replace(true);
    }

    pub async fn wait_for_calls(&self, count: usize) {
        let what = format!("call number {count} of `objects`");
        until(&what, async || self.calls.load(Ordering::SeqCst) >= count).await;
    }
}

pub fn ports(fakes: &Arc<Fakes>) -> Ports {
    Ports {
        entitlements: fakes.clone(),
        catalog: fakes.clone(),
        objects: fakes.clone(),
        sessions: fakes.clone(),
        signing_keys: fakes.clone(),
        settings: fakes.clone(),
    }
}

impl Objects for Fakes {
    fn exists<'a>(&'a self, key: &'a str) -> Answer<'a, bool> {
        Box::pin(async move {
            assert_ne!(key, "panic", "a port with a defect");
            self.calls.fetch_add(1, Ordering::SeqCst);
            let _ = self.gate.subscribe().wait_for(|open| *open).await;
            Ok(true)
        })
    }
}

fn unused<'a, T: 'a>() -> Answer<'a, T> {
    Box::pin(async { Err(PortError::Other("a faulty gate does not ask this".to_owned())) })
}

impl Entitlements for Fakes {
    fn lookup<'a>(&'a self, _: &'a str, _: &'a str) -> Answer<'a, Option<Entitlement>> {
        unused()
    }
}

impl Catalog for Fakes {
    fn episode<'a>(&'a self, _: &'a str, _: &'a str) -> Answer<'a, Option<Media>> {
        unused()
    }
}

impl Sessions for Fakes {
    fn claim<'a>(&'a self, _: &'a ClaimRequest) -> Answer<'a, ClaimOutcome> {
        unused()
    }
    fn renew<'a>(&'a self, _: &'a RenewRequest) -> Answer<'a, Option<Session>> {
        unused()
    }
    fn release<'a>(&'a self, _: &'a str, _: &'a str, _: u64) -> Answer<'a, bool> {
        unused()
    }
    fn active<'a>(&'a self, _: &'a str, _: u64) -> Answer<'a, Vec<Session>> {
        unused()
    }
}

impl SigningKeys for Fakes {
    fn current(&self) -> Answer<'_, Key> {
        unused()
    }
    fn by_id<'a>(&'a self, _: &'a str) -> Answer<'a, Option<Key>> {
        unused()
    }
}

impl Settings for Fakes {
    fn policy(&self) -> Answer<'_, String> {
        unused()
    }
}
