//! Items that were not written by this release of the gateway: the shop's, damaged ones, and those TTL is late for.

use serde_json::{Value, json};
use tollgate_backends::ports::{ClaimOutcome, Entitlement, Media, PortError};
use tollgate_emulators::{dynamodb, stage};

use super::Place;
use crate::contract::claims::{claimed, request};

fn lease(device: &str, expires_at: u64) -> Value {
    json!({ "M": {
        "id": { "S": format!("id-{device}") }, "device": { "S": device }, "series": { "S": "s" },
        "episode": { "S": "e" }, "startedAt": { "N": "100" }, "renewedAt": { "N": "100" },
        "expiresAt": { "N": expires_at.to_string() },
    } })
}

fn leases(place: &Place, user: &str, leases: &[Value]) {
    let item = json!({
        "user": { "S": user }, "revision": { "S": "r" }, "leases": { "L": leases },
        "expiresAt": { "N": "700" }, "writtenBy": { "S": "a later release" },
    });
    stage::put_item(dynamodb(), &place.table("sessions"), &item);
}

#[tokio::test]
async fn leases_that_ttl_has_not_deleted_yet_take_no_place() {
    let place = Place::new().await;
    let gateway = place.gateway(2).await;
    let old: Vec<_> = (0..5).map(|at| lease(&format!("old{at}"), 700)).collect();
    leases(&place, "u", &old);
    assert_eq!(gateway.sessions.active("u", 1_000).await.unwrap(), []);
    for device in ["old0", "b", "c"] {
        let lease = claimed(&*gateway.sessions, &request("u", device, 1_000)).await;
        assert_eq!(lease.started_at, 1_000, "an old lease does not come back to life");
    }
    let refused = gateway.sessions.claim(&request("u", "d", 1_000)).await.unwrap();
    assert_eq!(refused, ClaimOutcome::LimitReached { active: 3, next_free_at: 1_600 });
    // To the second: the first in which it no longer holds.
    leases(&place, "v", &[lease("a", 1_000), lease("b", 1_001)]);
    assert_eq!(gateway.sessions.active("v", 1_000).await.unwrap().len(), 1);
}

#[tokio::test]
async fn ttl_goes_by_the_last_lease() {
    let place = Place::new().await;
    let gateway = place.gateway(2).await;
    let expiry = || {
        let get = json!({ "TableName": place.table("sessions"), "Key": { "user": { "S": "u" } } });
        let found = tollgate_emulators::ask(dynamodb(), "DynamoDB_20120810.GetItem", &get).unwrap();
        found["Item"]["expiresAt"]["N"].as_str().unwrap().to_owned()
    };
    for (device, now, last) in [("a", 1_000, "1600"), ("b", 1_200, "1800"), ("a", 1_100, "1800")] {
        claimed(&*gateway.sessions, &request("u", device, now)).await;
        assert_eq!(expiry(), last, "{device} {now}");
    }
    for (id, last) in [("id-u-b-1200", "1700"), ("id-u-a-1000", "1300")] {
        assert!(gateway.sessions.release("u", id, 1_300).await.unwrap());
        assert_eq!(expiry(), last, "{id}");
    }
}

#[tokio::test]
async fn what_a_shop_writes_is_read() {
    let place = Place::new().await;
    let gateway = place.gateway(2).await;
    for (user, item, valid_until) in [
        ("plain", json!({ "status": { "S": "active" } }), None),
        (
            "until",
            json!({ "status": { "S": "active" }, "validUntil": { "N": "1800000000" } }),
            Some(1_800_000_000),
        ),
        (
            "exponent",
            json!({ "status": { "S": "active" }, "validUntil": { "N": "1.8E9" } }),
            Some(1_800_000_000),
        ),
        ("null", json!({ "status": { "S": "active" }, "validUntil": { "NULL": true } }), None),
        ("more", json!({ "status": { "S": "active" }, "orderId": { "S": "4711" } }), None),
    ] {
        let mut item = item;
        item["user"] = json!({ "S": user });
        item["series"] = json!({ "S": "s" });
        stage::put_item(dynamodb(), &place.table("entitlements"), &item);
        let found = gateway.entitlements.lookup(user, "s").await.unwrap();
        let expected = Entitlement { status: "active".to_owned(), valid_until };
        assert_eq!(found, Some(expected), "{user}");
    }
    let item = json!({
        "series": { "S": "s" }, "episode": { "S": "e" }, "video": { "NULL": true },
        "poster": { "S": "p.jpg" },
    });
    stage::put_item(dynamodb(), &place.table("catalog"), &item);
    let expected = Media { video: None, poster: Some("p.jpg".to_owned()) };
    assert_eq!(gateway.catalog.episode("s", "e").await.unwrap(), Some(expected));
}

#[tokio::test]
async fn what_cannot_be_read_is_an_error_that_names_the_attribute_and_no_value() {
    let place = Place::new().await;
    let gateway = place.gateway(2).await;
    for (user, item, attribute) in [
        ("none", json!({}), "status"),
        ("number", json!({ "status": { "N": "777" } }), "status"),
        ("text", json!({ "status": { "S": "a" }, "validUntil": { "S": "777" } }), "validUntil"),
        ("minus", json!({ "status": { "S": "a" }, "validUntil": { "N": "-777" } }), "validUntil"),
        ("half", json!({ "status": { "S": "a" }, "validUntil": { "N": "777.5" } }), "validUntil"),
    ] {
        let mut item = item;
        item["user"] = json!({ "S": user });
        item["series"] = json!({ "S": "s" });
        stage::put_item(dynamodb(), &place.table("entitlements"), &item);
        let error = gateway.entitlements.lookup(user, "s").await.unwrap_err();
        assert!(matches!(error, PortError::Other(_)), "{user}: {error:?}");
        let error = error.to_string();
        assert!(error.contains(attribute) && !error.contains("777"), "{user}: {error}");
    }
    for (user, found) in [
        ("no-revision", json!({ "leases": { "L": [] } })),
        ("no-leases", json!({ "revision": { "S": "r" } })),
        ("text", json!({ "revision": { "S": "r" }, "leases": { "S": "x" } })),
        ("texts", json!({ "revision": { "S": "r" }, "leases": { "L": [{ "S": "x" }] } })),
        ("empty", json!({ "revision": { "S": "r" }, "leases": { "L": [{ "M": {} }] } })),
    ] {
        let mut item = found;
        item["user"] = json!({ "S": user });
        stage::put_item(dynamodb(), &place.table("sessions"), &item);
        // Whatever it was meant to be, nobody gets a place on top of it.
        let refused = gateway.sessions.claim(&request(user, "d", 1_000)).await;
        assert!(matches!(refused, Err(PortError::Other(_))), "{user}: {refused:?}");
    }
}
