//! What the component says of policy and key before anybody asks for a grant.

use std::sync::Arc;

use tollgate_backends::{
    ports::{
        Answer, Catalog, ClaimOutcome, ClaimRequest, Entitlement, Entitlements, Key, Media,
        Objects, PortError, Ports, RenewRequest, Session, Sessions, SigningKeys,
    },
    registry::{Port, Service, Wiring},
    section::Mistake,
};

use super::mistake;
use crate::component::{Gate, GateOptions, Runtime, gate::Denial};

/// What is wrong with policy or key is a mistake of whoever started this. A store that does not answer yet is
/// not: it may come, and until then readiness says no.
pub(super) async fn trouble(gate: &Gate) -> Vec<Mistake> {
    match gate.trouble().await {
        Ok(Some(Denial::Misconfigured(wrong))) => {
            wrong.into_iter().map(|wrong| mistake(&wrong.field, wrong.rule)).collect()
        }
        Ok(Some(denial)) => {
            tracing::warn!(?denial, "not ready");
            Vec::new()
        }
        Ok(None) | Err(_) => Vec::new(),
    }
}

/// The same for the policy alone, when something else could not be opened: all mistakes are to be said at once.
pub(super) async fn mistakes(runtime: &Runtime, wiring: &Wiring) -> Vec<Mistake> {
    let Ok(adapter) = wiring.open_port(Port::Policy).await else { return Vec::new() };
    let Service::Policy(settings) = adapter.service else { return Vec::new() };
    let absent = Arc::new(Absent);
    let ports = Ports {
        entitlements: Arc::<Absent>::clone(&absent),
        catalog: Arc::<Absent>::clone(&absent),
        objects: Arc::<Absent>::clone(&absent),
        sessions: Arc::<Absent>::clone(&absent),
        signing_keys: absent,
        settings,
    };
    let options = GateOptions { instances: 1, ..GateOptions::default() };
    let Ok(gate) = Gate::start(runtime, ports, options).await else { return Vec::new() };
    trouble(&gate).await
}

/// Every port that is not there.
struct Absent;

fn absent<'a, T: Send + 'a>() -> Answer<'a, T> {
    Box::pin(async { Err(PortError::Unavailable("it could not be opened".to_owned())) })
}

impl Entitlements for Absent {
    fn lookup<'a>(&'a self, _: &'a str, _: &'a str) -> Answer<'a, Option<Entitlement>> {
        absent()
    }
}

impl Catalog for Absent {
    fn episode<'a>(&'a self, _: &'a str, _: &'a str) -> Answer<'a, Option<Media>> {
        absent()
    }
}

impl Objects for Absent {
    fn exists<'a>(&'a self, _: &'a str) -> Answer<'a, bool> {
        absent()
    }
}

impl Sessions for Absent {
    fn claim<'a>(&'a self, _: &'a ClaimRequest) -> Answer<'a, ClaimOutcome> {
        absent()
    }

    fn renew<'a>(&'a self, _: &'a RenewRequest) -> Answer<'a, Option<Session>> {
        absent()
    }

    fn release<'a>(&'a self, _: &'a str, _: &'a str, _: u64) -> Answer<'a, bool> {
        absent()
    }

    fn active<'a>(&'a self, _: &'a str, _: u64) -> Answer<'a, Vec<Session>> {
        absent()
    }
}

impl SigningKeys for Absent {
    fn current(&self) -> Answer<'_, Key> {
        absent()
    }

    fn by_id<'a>(&'a self, _: &'a str) -> Answer<'a, Option<Key>> {
        absent()
    }
}
