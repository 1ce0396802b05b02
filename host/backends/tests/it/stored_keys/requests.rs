//! What is asked of the services, read from what came by.

use std::time::Duration;

use serde_json::{Value, json};
use tollgate_emulators::Fault;

use super::Place;
use crate::keys::{P256, RSA, stored};

impl Place {
    /// Every request since this was last asked.
    fn requests(&self) -> Vec<Value> {
        let calls = self.proxy.take_calls();
        assert!(calls.iter().all(|call| call.operation == self.operation), "{calls:?}");
        calls.iter().map(|call| serde_json::from_slice(&call.request).unwrap()).collect()
    }
}

#[tokio::test]
async fn a_secret_is_always_asked_for_by_stage() {
    let place = Place::secret(&stored("K1", &RSA)).await;
    let gateway = place.open("").await;
    let stages = ["AWSCURRENT", "AWSPREVIOUS"]
        .map(|stage| json!({ "SecretId": place.name, "VersionStage": stage }));
    assert_eq!(place.requests(), stages);
    // Because an id is not known, and then because it still is not: that is too soon.
    for asked in [&stages[..], &[]] {
        assert!(!gateway.knows("K2").await);
        assert_eq!(place.requests(), asked);
    }
    for _ in 0..20 {
        assert_eq!(gateway.signs().await, "K1");
    }
    assert!(place.requests().is_empty(), "what was fetched is used");
}

#[tokio::test]
async fn a_parameter_is_asked_for_decrypted_and_then_for_the_version_before() {
    let place = Place::parameter(&stored("K1", &RSA)).await;
    let request = |name: &str| json!({ "Name": name, "WithDecryption": true });
    place.open("").await;
    assert_eq!(place.requests(), [request(&place.name)], "there is none before the first");
    place.put(&stored("K2", &P256));
    place.put(&stored("K3", &P256));
    let gateway = place.open("").await;
    assert_eq!(place.requests(), [request(&place.name), request(&format!("{}:2", place.name))]);
    assert_eq!(gateway.signs().await, "K3");
    assert!(gateway.knows("K2").await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_fetch_serves_everybody_who_waits_for_the_first_key() {
    for place in
        [Place::secret(&stored("K1", &RSA)).await, Place::parameter(&stored("K1", &RSA)).await]
    {
        place.proxy.fail("*", Fault::Reset, usize::MAX);
        let gateway = place.open("").await;
        place.proxy.heal();
        place.proxy.take_calls();
        place.proxy.fail("*", Fault::Delay(Duration::from_millis(200)), usize::MAX);
        let everybody = (0..100).map(|_| gateway.keys.current());
        for key in futures::future::join_all(everybody).await {
            assert_eq!(super::id(&key.unwrap()), "K1");
        }
        // A secret is asked for under two stages; a parameter with one version has none before it.
        let expected = if place.key == "secret-id" { 2 } else { 1 };
        assert_eq!(place.proxy.count(place.operation), expected);
    }
}
