//! What backends need now and then: rows deleted that nobody can see any more, and questions whether they answer and
//! how old what they answer is.

use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use futures::FutureExt;
use tokio::task::AbortHandle;
use tollgate_api::responses::Degraded;
use tollgate_backends::{
    administration::{Freshness, Stale, Upkeep},
    registry::Port,
};

use crate::{gateway::Readiness, telemetry::Metrics};

/// Leases live for minutes, so this keeps the table small without being work.
const PERIOD: Duration = Duration::from_secs(60);

/// Purges until it is dropped.
pub(super) struct Caretaker(AbortHandle);

impl Caretaker {
    pub(super) fn start(backends: Vec<Arc<dyn Upkeep>>) -> Self {
        let care = async move {
            loop {
                tokio::time::sleep(PERIOD).await;
                let now =
                    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
                for backend in &backends {
                    match backend.purge(now).await {
                        Ok(0) => {}
                        Ok(rows) => tracing::debug!(rows, "expired leases deleted"),
                        Err(error) => tracing::warn!(%error, "expired leases were not deleted"),
                    }
                }
            }
        };
        Self(tokio::spawn(care).abort_handle())
    }
}

impl Drop for Caretaker {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Makes readiness ask each backend that can be asked.
pub(super) fn checks(readiness: Readiness, backends: &[Arc<dyn Upkeep>]) -> Readiness {
    backends.iter().fold(readiness, |readiness, backend| {
        let (asked, reported) = (Arc::clone(backend), Arc::clone(backend));
        let readiness = readiness.with_check(backend.part(), move || {
            let backend = Arc::clone(&asked);
            async move { backend.check().await.map_err(|error| error.to_string()) }.boxed()
        });
        readiness.with_report(move || {
            let Stale { reason, since } = reported.freshness()?.stale?;
            let (part, reason) = (reported.part().to_owned(), reason.to_owned());
            Some(Degraded { part, reason, since })
        })
    })
}

/// Shows how old what signs is, if it was fetched.
pub(super) fn watch(metrics: &Metrics, backends: &[Arc<dyn Upkeep>]) {
    let keys = backends.iter().filter(|backend| backend.part() == Port::SigningKeys.section());
    for keys in keys.filter(|backend| backend.freshness().is_some()) {
        let freshness = |read: fn(&Freshness) -> u64| {
            let keys = Arc::clone(keys);
            move || keys.freshness().as_ref().map(read).unwrap_or_default()
        };
        let age = freshness(|freshness| freshness.age.as_secs());
        metrics.gauge_from(
            "signing_keys_age_seconds",
            "Since the signing keys in use were fetched, or since the start until they are",
            move || i64::try_from(age()).unwrap_or(i64::MAX),
        );
        metrics.counter_from(
            "signing_key_refreshes",
            "Fetches of the signing keys",
            freshness(|freshness| freshness.refreshes),
        );
        metrics.counter_from(
            "signing_key_refresh_failures",
            "Fetches of the signing keys that failed; the last good ones stay in use",
            freshness(|freshness| freshness.failures),
        );
    }
}
