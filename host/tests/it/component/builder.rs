//! A gate that a program puts together: what is missing is named, and what is there decides.

use std::num::NonZero;

use tollgate::{
    BuildError, Denial, Gate, GateBuilder, PlaybackRequest, Role, Runtime, Viewer,
    ports::{Answer, Entitlement, GivenKeys, Objects, PortError},
};

use crate::ground::SIGNING_KEY;

fn key() -> GivenKeys {
    GivenKeys::new("K1", SIGNING_KEY).unwrap()
}

/// Everybody has paid for series `s`.
fn paid() -> GateBuilder {
    Gate::builder().instances(NonZero::<usize>::MIN).entitlements_fn(async |_, series| {
        let entitlement = Entitlement { status: "Active".to_owned(), valid_until: None };
        Ok((series == "s").then_some(entitlement))
    })
}

fn play(series: &str, agent: &str) -> PlaybackRequest {
    let viewer = Viewer {
        subject: "alice".to_owned(),
        user: "alice".to_owned(),
        roles: vec![Role::Standard],
        source_ip: Some("203.0.113.7".to_owned()),
        user_agent: Some(agent.to_owned()),
    };
    let (series, episode) = (series.to_owned(), "e".to_owned());
    PlaybackRequest { viewer, series, episode, delivery: None }
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_is_missing_is_named_at_once() {
    let Err(BuildError::Missing(parts)) = Gate::builder().build().await else { panic!("open") };
    for part in ["entitlements", "catalog", "objects", "key", "policy"] {
        assert!(parts.iter().any(|named| named.starts_with(part)), "{part}: {parts:?}");
    }
    // Each part alone keeps the gate from being built.
    for (part, builder) in [
        ("entitlements", Gate::builder().every_episode_is_hls().key(key()).domain("a.example")),
        ("catalog", paid().key(key()).domain("a.example").objects(Nothing)),
        ("objects", paid().key(key()).domain("a.example").catalog_fn(async |_, _| Ok(None))),
        ("key", paid().every_episode_is_hls().domain("a.example")),
        ("policy", paid().every_episode_is_hls().key(key())),
    ] {
        let Err(BuildError::Missing(parts)) = builder.build().await else { panic!("{part}") };
        assert!(parts.len() == 1 && parts[0].starts_with(part), "{part}: {parts:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_the_component_refuses_is_no_gate() {
    let runtime = Runtime::new().unwrap();
    for policy in ["{}", "no JSON", r#"{"domain": "a.example", "ttl": 1}"#] {
        let builder = paid().runtime(&runtime).every_episode_is_hls().key(key()).policy(policy);
        let refused = builder.build().await;
        assert!(matches!(refused, Err(BuildError::Misconfigured(_))), "{policy}");
    }
    for domain in ["", "a.example/", "a\"b", "ü.example"] {
        let builder = paid().runtime(&runtime).every_episode_is_hls().key(key()).domain(domain);
        let refused = builder.build().await;
        assert!(matches!(refused, Err(BuildError::Misconfigured(_))), "{domain}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn leases_are_counted_without_a_store() {
    let gate = paid().every_episode_is_hls().key(key()).domain("a.example").build().await.unwrap();
    let mut grants = Vec::new();
    for agent in ["phone", "tablet", "tv"] {
        grants.push(gate.authorize(play("s", agent)).await.unwrap().unwrap());
    }
    let fourth = gate.authorize(play("s", "laptop")).await.unwrap();
    assert!(matches!(fourth, Err(Denial::DeviceLimitExceeded(_))), "{fourth:?}");
    // One of the three, again.
    assert!(gate.authorize(play("s", "tv")).await.unwrap().is_ok());
    let viewer = play("s", "tv").viewer;
    assert!(gate.release(viewer, grants[0].session_id.clone()).await.unwrap().unwrap());
    assert!(gate.authorize(play("s", "laptop")).await.unwrap().is_ok());
    let other = gate.authorize(play("other", "tv")).await.unwrap();
    assert!(matches!(other, Err(Denial::NotEntitled(_))), "{other:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_that_gives_no_answer_grants_nothing() {
    let silent = Gate::builder()
        .entitlements_fn(async |_, _| Err(PortError::Unavailable("the shop is closed".to_owned())))
        .every_episode_is_hls()
        .key(key())
        .domain("a.example");
    let gate = silent.build().await.unwrap();
    let denied = gate.authorize(play("s", "tv")).await.unwrap();
    assert!(matches!(denied, Err(Denial::DependencyUnavailable(_))), "{denied:?}");
}

struct Nothing;

impl Objects for Nothing {
    fn exists<'a>(&'a self, _: &'a str) -> Answer<'a, bool> {
        Box::pin(async { Ok(false) })
    }
}
