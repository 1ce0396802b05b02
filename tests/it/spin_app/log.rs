//! What the app says to operators: what to set when something is missing, and never a secret.

use std::fs;

use tollgate_spin_host::{Allowed, Options};

use super::scene::{Scene, Setting};
use crate::scenarios::issuer;

/// What of a secret would be in a log that holds one.
const SECRETS: [&str; 4] = ["PRIVATE KEY", "Signature=", "eyJ", "Bearer "];

/// Plays once with something missing: the problem's port, and what was said.
async fn said(change: fn(&mut Options)) -> (String, String) {
    let scene = Scene::set(Setting { change: Box::new(change), ..Setting::default() }).await;
    let answer = scene.play("s", "phone").await;
    assert_eq!(answer.status, 503, "{answer:?}");
    let log = fs::read_to_string(scene.ground.log()).unwrap();
    for secret in SECRETS {
        assert!(!log.contains(secret), "{log}");
    }
    (answer.json()["port"].as_str().unwrap().to_owned(), log)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_named_in_the_log() {
    let without_variable = |name| match name {
        "policy" => |options: &mut Options| drop(options.variables.remove("policy")),
        _ => |options: &mut Options| drop(options.variables.remove("signing_key")),
    };
    let other_file = |options: &mut Options| {
        options.database = options.database.take().map(|path| path.with_extension("other"));
    };
    for (change, port, mention) in [
        (without_variable("policy"), "settings", "policy"),
        (without_variable("signing_key"), "signing-keys", "signing_key"),
        (other_file, "entitlements", "schema.sql"),
        (|options| options.database = None, "entitlements", "default"),
        (|options| options.allowed_hosts = Allowed::nothing(), "catalog", "allowed_outbound_hosts"),
    ] {
        let (found, log) = said(change).await;
        assert_eq!(found, port, "{log}");
        assert!(log.contains(mention), "{mention}: {log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_token_key_or_signature_is_in_the_log() {
    let scene = Scene::set(Setting::default()).await;
    let answer = scene.play("s", "phone").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(answer.json()["videoUrl"].as_str().unwrap().contains("Signature="));
    let log = fs::read_to_string(scene.ground.log()).unwrap();
    assert!(log.contains("granted"), "{log}");
    for secret in SECRETS {
        assert!(!log.contains(secret), "{log}");
    }
    let keys = issuer::jwks();
    assert!(!log.contains(&keys), "{log}");
}
