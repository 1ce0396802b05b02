//! What the tests of the gateway stand on: installations, clients, tokens, an issuer, and ports that fail.

pub mod client;
pub mod desk;
pub mod faults;
pub mod issuer;
pub mod program;
pub mod running;
pub mod site;
pub mod tokens;

use std::{
    future::Future,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

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

pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}
