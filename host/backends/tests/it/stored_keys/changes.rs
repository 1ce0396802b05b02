//! Keys that are exchanged while the gateway runs.

use std::time::{Duration, Instant};

use tollgate_emulators::{services, stage};

use super::{Place, until};
use crate::keys::{P256, RSA, pem, stored};

#[tokio::test]
async fn a_pending_version_is_nobodys_until_it_is_promoted() {
    let place = Place::secret(&stored("K0", &RSA)).await;
    place.put(&stored("K1", &RSA));
    let pending = stage::put_secret(services(), &place.name, &stored("K2", &P256), &["AWSPENDING"]);
    let before = place.open("").await;
    assert_eq!(before.signs().await, "K1");
    assert!(before.knows("K0").await && !before.knows("K2").await);
    let described = tollgate_emulators::ask(
        services(),
        "secretsmanager.DescribeSecret",
        &serde_json::json!({ "SecretId": place.name }),
    );
    let described = described.unwrap();
    let stages = described["VersionIdsToStages"].as_object().unwrap();
    let (current, _) = stages
        .iter()
        .find(|(_, stages)| stages.as_array().unwrap().contains(&"AWSCURRENT".into()))
        .unwrap();
    stage::move_stage(services(), &place.name, "AWSCURRENT", current, &pending);
    // A gateway that starts now, and one that is asked for the new key because a policy names it.
    for gateway in [place.open("").await, place.open("mode = 'revealed'").await] {
        assert_eq!(gateway.signs().await, "K2");
        assert!(gateway.knows("K1").await && !gateway.knows("K0").await);
    }
}

#[tokio::test]
async fn a_policy_may_name_a_key_that_was_promoted_a_moment_ago() {
    for place in
        [Place::secret(&stored("K1", &RSA)).await, Place::parameter(&stored("K1", &RSA)).await]
    {
        let gateway = place.open("").await;
        place.put(&stored("K2", &P256));
        assert_eq!(gateway.signs().await, "K1", "within `refresh` the old one signs");
        assert!(gateway.knows("K2").await);
        assert_eq!(gateway.signs().await, "K2", "and now it is known");
        assert!(gateway.knows("K1").await);
    }
}

#[tokio::test]
async fn keys_are_fetched_again_in_the_background_before_their_time_is_over() {
    let place = Place::secret(&stored("K1", &RSA)).await;
    let started = Instant::now();
    let gateway = place.open("refresh = 10").await;
    place.put(&stored("K2", &P256));
    // Every question is answered at once, the one that finds the new key too.
    until("the new key", async || {
        let asked = Instant::now();
        let signs = gateway.signs().await;
        assert!(asked.elapsed() < Duration::from_secs(1));
        signs == "K2"
    })
    .await;
    let took = started.elapsed();
    let calls = place.proxy.take_calls();
    // The first two were at the start.
    let began = calls.get(2).unwrap().began.duration_since(started);
    assert!((7..10).contains(&began.as_secs()), "{began:?}");
    assert!(gateway.knows("K1").await);
    let freshness = gateway.upkeep.freshness().unwrap();
    assert_eq!((freshness.refreshes, freshness.failures, freshness.stale), (2, 0, None));
    assert!(freshness.age < took, "{freshness:?}");
}

#[tokio::test]
async fn a_new_value_that_is_no_key_leaves_the_old_one_and_is_reported() {
    for place in
        [Place::secret(&stored("K1", &RSA)).await, Place::parameter(&stored("K1", &RSA)).await]
    {
        let gateway = place.open("").await;
        place.put("{\"keyPairId\": \"K2\"}");
        assert!(gateway.keys.by_id("K2").await.is_err(), "it may be there, and it cannot be told");
        assert_eq!(gateway.signs().await, "K1");
        assert!(gateway.stale().unwrap().contains("the newest cannot be used"));
        gateway.upkeep.check().await.unwrap();
        // By itself, and soon: what failed is not left for the rest of `refresh`.
        place.put(&stored("K2", &P256));
        until("the mended value", async || gateway.signs().await == "K2").await;
        assert_eq!(gateway.stale(), None);
    }
}

#[tokio::test]
async fn a_pem_alone_has_the_id_of_the_table() {
    let text = pem("PRIVATE KEY", &P256.pkcs8);
    for place in [Place::secret(&text).await, Place::parameter(&text).await] {
        let gateway = place.open("key-pair-id = 'K9'").await;
        assert_eq!(gateway.signs().await, "K9");
        place.put(&stored("K10", &RSA));
        let gateway = place.open("key-pair-id = 'K9'").await;
        assert_eq!(gateway.signs().await, "K10", "what stands beside the key wins");
        assert!(gateway.knows("K9").await);
    }
}
