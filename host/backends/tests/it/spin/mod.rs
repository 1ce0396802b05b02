//! The SQL that the Spin application runs, as one more backend of the suite: the same statements in the same order,
//! on a file that many connections share, as Spin's are.

#[path = "../../../../../signer-component/spin/ports/src/address.rs"]
mod address;
mod connections;
#[path = "../../../../../signer-component/spin/ports/src/keyring.rs"]
mod keyring;
mod statements;
#[path = "../../../../../signer-component/spin/ports/src/store/mod.rs"]
#[expect(dead_code, reason = "only Spin refuses a database")]
mod store;

use std::sync::Arc;

use futures::{FutureExt, future::BoxFuture};
use tollgate_backends::{
    ports::{
        Answer, Catalog, ClaimOutcome, ClaimRequest, Entitlement, Entitlements, Media, OnLimit,
        PortError, RenewRequest, Session, Sessions,
    },
    registry::{Adapter, Backend, Commons, Configured, Configuring, Port, Service},
    section::{Mistake, Section},
};

use connections::Connections;
use store::{Claim, Lease, Outcome, Renewal, StoreError};

/// Stands in no registry: the gateway cannot be configured to use it.
pub const BACKEND: Backend = Backend {
    name: "spin",
    ports: &[Port::Entitlements, Port::Catalog, Port::Sessions],
    configure,
};

fn configure(port: Port, mut section: Section) -> Configuring {
    let path = section.required_path("path");
    Ok(Box::new(Table { port, database: Arc::new(Connections::to(path)) }))
}

struct Table {
    port: Port,
    database: Arc<Connections>,
}

impl Configured for Table {
    fn summary(&self) -> String {
        "Spin's SQL".to_owned()
    }

    fn open<'a>(&'a self, _: &'a Commons) -> BoxFuture<'a, Result<Adapter, Vec<Mistake>>> {
        let store = Arc::clone(&self.database);
        let service = match self.port {
            Port::Entitlements => Service::Entitlements(store),
            Port::Catalog => Service::Catalog(store),
            _ => Service::Sessions(store),
        };
        async move { Ok(Adapter::plain(service)) }.boxed()
    }
}

/// As `wire.rs` of the guest has it.
fn port_error(error: StoreError) -> PortError {
    match error {
        StoreError::Argument(rule) => PortError::InvalidArgument(rule.to_owned()),
        StoreError::Conflict => PortError::InvalidArgument("is in conflict".to_owned()),
        other => PortError::Other(format!("{other:?}")),
    }
}

fn session(lease: Lease) -> Session {
    let Lease { id, device, series, episode, started_at, renewed_at, expires_at } = lease;
    Session { id, device, series, episode, started_at, renewed_at, expires_at }
}

impl Entitlements for Connections {
    fn lookup<'a>(&'a self, user: &'a str, series: &'a str) -> Answer<'a, Option<Entitlement>> {
        async move {
            let found = store::entitlement(self, user, series).await.map_err(port_error)?;
            Ok(found.map(|(status, valid_until)| Entitlement { status, valid_until }))
        }
        .boxed()
    }
}

impl Catalog for Connections {
    fn episode<'a>(&'a self, series: &'a str, episode: &'a str) -> Answer<'a, Option<Media>> {
        async move {
            let found = store::episode(self, series, episode).await.map_err(port_error)?;
            Ok(found.map(|(video, poster)| Media { video, poster }))
        }
        .boxed()
    }
}

impl Sessions for Connections {
    fn claim<'a>(&'a self, request: &'a ClaimRequest) -> Answer<'a, ClaimOutcome> {
        async move {
            let claim = Claim {
                user: &request.user,
                device: &request.device,
                session_id: &request.session_id,
                series: &request.series,
                episode: &request.episode,
                now: request.now,
                expires_at: request.expires_at,
                max_devices: request.max_devices,
                evict_oldest: request.on_limit == OnLimit::EvictOldest,
            };
            Ok(match store::claim(self, &claim).await.map_err(port_error)? {
                Outcome::Claimed(lease) => ClaimOutcome::Claimed(session(lease)),
                Outcome::LimitReached { active, next_free_at } => {
                    ClaimOutcome::LimitReached { active, next_free_at }
                }
            })
        }
        .boxed()
    }

    fn renew<'a>(&'a self, request: &'a RenewRequest) -> Answer<'a, Option<Session>> {
        async move {
            let watching = request.watching.as_ref();
            let renewal = Renewal {
                user: &request.user,
                session_id: &request.session_id,
                device: &request.device,
                watching: watching.map(|(series, episode)| (series.as_str(), episode.as_str())),
                now: request.now,
                expires_at: request.expires_at,
            };
            Ok(store::renew(self, &renewal).await.map_err(port_error)?.map(session))
        }
        .boxed()
    }

    fn release<'a>(&'a self, user: &'a str, session_id: &'a str, now: u64) -> Answer<'a, bool> {
        async move { store::release(self, user, session_id, now).await.map_err(port_error) }.boxed()
    }

    fn active<'a>(&'a self, user: &'a str, now: u64) -> Answer<'a, Vec<Session>> {
        async move {
            let leases = store::active(self, user, now).await.map_err(port_error)?;
            Ok(leases.into_iter().map(session).collect())
        }
        .boxed()
    }
}
