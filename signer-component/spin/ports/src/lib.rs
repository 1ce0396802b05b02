//! The component `ports.wasm`: answers what the gate asks, with what Spin offers.

mod address;
mod ask;
mod bindings;
mod copies;
mod database;
mod failure;
mod keyring;
mod keys;
mod log;
mod objects;
mod outbound;
mod patience;
mod recent;
mod store;
mod variables;
mod wire;

use ask::ask;
use bindings::{
    exports::tollgate::gate::{
        catalog::{self, Media},
        entitlements::{self, Entitlement},
        sessions::{self, ClaimOutcome, ClaimRequest, RenewRequest, Session},
        settings,
    },
    tollgate::gate::types::PortError,
};
use database::Spin;
use failure::Failure;

/// The component, as its exports see it.
struct Component;

impl settings::Guest for Component {
    async fn policy() -> Result<String, PortError> {
        ask("settings", async {
            variables::get_one(&["policy"]).await?.ok_or_else(|| Failure::missing("policy"))
        })
        .await
    }
}

impl entitlements::Guest for Component {
    async fn lookup(user: String, series: String) -> Result<Option<Entitlement>, PortError> {
        ask("entitlements", async {
            Ok(store::entitlement(&Spin, &user, &series).await?.map(wire::entitlement))
        })
        .await
    }
}

impl catalog::Guest for Component {
    async fn episode(series: String, episode: String) -> Result<Option<Media>, PortError> {
        ask("catalog", async {
            Ok(store::episode(&Spin, &series, &episode).await?.map(wire::media))
        })
        .await
    }

    async fn exists(object_key: String) -> Result<bool, PortError> {
        ask("objects", objects::exists(&object_key)).await
    }

    async fn read(
        object_key: String,
        query: Option<String>,
        most: u32,
    ) -> Result<Option<Vec<u8>>, PortError> {
        ask("objects", objects::read(&object_key, query.as_deref(), most)).await
    }
}

impl sessions::Guest for Component {
    async fn claim(request: ClaimRequest) -> Result<ClaimOutcome, PortError> {
        ask("sessions", async {
            Ok(wire::outcome(store::claim(&Spin, &wire::claim(&request)).await?))
        })
        .await
    }

    async fn renew(request: RenewRequest) -> Result<Option<Session>, PortError> {
        ask("sessions", async {
            Ok(store::renew(&Spin, &wire::renewal(&request)).await?.map(wire::session))
        })
        .await
    }

    async fn release(user: String, session_id: String, now: u64) -> Result<bool, PortError> {
        ask("sessions", async { Ok(store::release(&Spin, &user, &session_id, now).await?) }).await
    }

    async fn active(user: String, now: u64) -> Result<Vec<Session>, PortError> {
        ask("sessions", async {
            let leases = store::active(&Spin, &user, now).await?;
            Ok(leases.into_iter().map(wire::session).collect())
        })
        .await
    }
}
