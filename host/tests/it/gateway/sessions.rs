//! Leases over HTTP: renewed, listed, given back, and never more than the policy allows.

use futures::future::join_all;
use serde_json::Value;

use super::support::{
    client::{Call, Reply},
    now,
    site::{Site, signed_urls},
    tokens::{token, token_as},
};

fn heartbeat(user: &str, session: &str, query: &str) -> Call {
    Call::new("POST", format!("/users/{user}/sessions/{session}/heartbeat{query}"))
        .token(&token(user))
}

fn list(user: &str) -> Call {
    Call::get(format!("/users/{user}/sessions")).token(&token(user))
}

fn delete(user: &str, session: &str) -> Call {
    Call::new("DELETE", format!("/users/{user}/sessions/{session}")).token(&token(user))
}

fn id(reply: &Reply) -> String {
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()["sessionId"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_heartbeat_renews_lease_and_signature() {
    let site = Site::usual().await;
    let session = id(&site.watch("alice", "hls", "phone").await);
    let on_phone = |query: &str| heartbeat("alice", &session, query).header("user-agent", "phone");
    let renewed = site.send(&on_phone("")).await;
    assert_eq!(id(&renewed), session);
    assert_eq!(renewed.json()["isHls"], true, "what was watched last");
    assert!(renewed.json()["videoUrl"].as_str().unwrap().contains("Signature="));

    let moved = site.send(&on_phone("?seriesId=s&episodeId=raw")).await;
    assert_eq!((id(&moved), &moved.json()["isHls"]), (session.clone(), &Value::Bool(false)));
    let stayed = site.send(&on_phone("")).await.json();
    assert_eq!(stayed["isHls"], false, "the lease remembers what it moved on to");

    for (what, call) in [
        ("another device", heartbeat("alice", &session, "").header("user-agent", "tablet")),
        ("another user", heartbeat("carol", &session, "").header("user-agent", "phone")),
        ("another lease", heartbeat("alice", "0000", "").header("user-agent", "phone")),
    ] {
        let reply = site.send(&call).await;
        assert_eq!(reply.slug(), (403, "session-ended".to_owned()), "{what}");
        let moved = reply.problem().get("otherDevice") == Some(&Value::Bool(true));
        assert_eq!(moved, what == "another device", "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entitlement_that_ended_ends_the_heartbeats() {
    let site = Site::usual().await;
    let session = id(&site.watch("alice", "hls", "phone").await);
    assert!(site.ground.store.revoke("alice", "s").await.unwrap());
    let call = heartbeat("alice", &session, "").header("user-agent", "phone");
    assert_eq!(site.send(&call).await.slug(), (403, "not-entitled".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn devices_are_listed_the_oldest_first_and_given_back() {
    let site = Site::usual().await;
    let asked = now();
    let phone = id(&site.watch("alice", "hls", "phone").await);
    let tablet = id(&site.watch("alice", "raw", "tablet").await);

    let listed = site.send(&list("alice").header("user-agent", "tablet")).await;
    assert_eq!(listed.status, 200);
    let listed = listed.json();
    assert_eq!(listed.as_object().unwrap().len(), 1);
    let rows = listed["sessions"].as_array().unwrap();
    let find = |id: &str| rows.iter().find(|row| row["sessionId"] == id).unwrap();
    assert_eq!(rows.len(), 2);
    for (row, this, episode) in [(find(&phone), false, "hls"), (find(&tablet), true, "raw")] {
        assert_eq!((&row["thisDevice"], &row["episodeId"]), (&this.into(), &episode.into()));
        assert_eq!(row["seriesId"], "s");
        let time = |key: &str| row[key].as_u64().unwrap();
        assert!((asked..=now()).contains(&time("startedAt")), "{row}");
        assert!(time("startedAt") <= time("renewedAt") && time("renewedAt") < time("expiresAt"));
        assert_eq!(row.as_object().unwrap().len(), 7, "no fingerprint and nothing else: {row}");
    }

    // From any device of the user, and only once.
    let gone = site.send(&delete("alice", &phone)).await;
    assert_eq!((gone.status, gone.text(), gone.header("content-type")), (204, "", ""));
    let again = site.send(&delete("alice", &phone)).await;
    assert_eq!(again.slug(), (404, "session-not-found".to_owned()));
    let left = site.send(&list("alice")).await.json();
    assert_eq!(left["sessions"].as_array().unwrap().len(), 1);
    assert_eq!(site.send(&list("carol")).await.json()["sessions"], Value::Array(vec![]));
    // Somebody else's lease is none of theirs.
    assert_eq!(site.send(&delete("carol", &tablet)).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_devices_at_once_get_three_places() {
    let site = Site::usual().await;
    let agents: Vec<_> = (0..50).map(|number| format!("player/{number}")).collect();
    let all = join_all(agents.iter().map(|agent| site.watch("alice", "hls", agent))).await;
    let (granted, refused): (Vec<_>, Vec<_>) = all.iter().partition(|reply| reply.status == 200);
    assert_eq!((granted.len(), refused.len()), (3, 47));
    for reply in refused {
        assert_eq!(reply.slug(), (429, "device-limit-exceeded".to_owned()));
        assert_eq!(reply.problem()["maxDevices"], 3);
        let wait: u32 = reply.header("retry-after").parse().unwrap();
        assert!((1..=600).contains(&wait), "{wait}");
    }
    assert_eq!(site.ground.store.sessions(Some("alice"), now()).await.unwrap().len(), 3);

    // A place that is given back is there for the next, whoever that is.
    let freed = granted.first().map(|reply| id(reply)).unwrap();
    assert_eq!(site.send(&delete("alice", &freed)).await.status, 204);
    assert_eq!(site.watch("alice", "hls", "player/new").await.status, 200);
    assert_eq!(site.watch("alice", "hls", "player/newer").await.status, 429);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_acts_for_others_and_nobody_else_does() {
    let site = Site::usual().await;
    let target = signed_urls("alice", "s", "hls");
    for (sub, roles, expected) in [
        ("alice", vec!["Standard"], None),
        ("alice", vec!["ContentCreator"], None),
        ("root", vec!["Admin"], None),
        ("root", vec!["Standard", "Admin"], None),
        ("carol", vec!["Standard"], Some("forbidden-role")),
        ("carol", vec!["ContentCreator", "Standard"], Some("forbidden-role")),
        ("Alice", vec!["Standard"], Some("forbidden-role")),
        ("alice", vec![], Some("forbidden-role")),
        ("alice", vec!["standard", "admin", "Owner"], Some("forbidden-role")),
    ] {
        let reply = site.send(&Call::get(&target).token(&token_as(sub, &roles))).await;
        match expected {
            None => assert_eq!(reply.status, 200, "{sub} {roles:?}: {}", reply.text()),
            Some(slug) => assert_eq!(reply.slug(), (403, slug.to_owned()), "{sub} {roles:?}"),
        }
    }
    // The lease is the user's, not the admin's.
    let leases = site.ground.store.sessions(None, now()).await.unwrap();
    assert!(leases.iter().all(|lease| lease.user == "alice"), "{leases:?}");
    let admin = Call::get("/users/alice/sessions").token(&token_as("root", &["Admin"]));
    assert_eq!(site.send(&admin).await.json()["sessions"].as_array().unwrap().len(), leases.len());
}
