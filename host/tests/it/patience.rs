//! Waiting for what must come, so that a test fails when it does not rather than never ends.

use std::{future::Future, time::Duration};

/// How long anything may take before a test calls it hung. Generous, because nothing is measured with it.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Waits for what must come, and fails when it does not.
pub async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, future).await {
        Ok(value) => value,
        Err(_) => panic!("{what} did not happen"),
    }
}

/// Asks again and again until the answer is yes.
pub async fn until(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    soon(what, async {
        while !condition().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
}
