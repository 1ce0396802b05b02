//! What backends need now and then: rows deleted that nobody can see any more, and a question whether they answer.

use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use futures::FutureExt;
use tokio::task::AbortHandle;
use tollgate_backends::administration::Upkeep;

use crate::gateway::Readiness;

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
        let backend = Arc::clone(backend);
        readiness.with_check(backend.name(), move || {
            let backend = Arc::clone(&backend);
            async move { backend.check().await.map_err(|error| error.to_string()) }.boxed()
        })
    })
}
