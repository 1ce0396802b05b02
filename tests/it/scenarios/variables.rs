//! An installation as the variables of the Spin app.

use std::{collections::BTreeMap, net::SocketAddr};

use serde_json::json;

use super::{
    format::{Dependency, Installation},
    gateway::NOBODY,
    issuer::{self, AUDIENCE, ISSUER},
    objects::PREFIX,
};

/// The variables of the application, as `spin.toml` has them. What is broken by a missing variable is missing.
#[cfg(feature = "spin")]
pub fn of_application(
    installation: &Installation,
    objects: SocketAddr,
) -> BTreeMap<String, String> {
    let mut all = of_component(installation, objects);
    all.insert("objects_url".to_owned(), format!("http://{objects}"));
    all.insert("objects_path".to_owned(), PREFIX.to_owned());
    // Spin lets the application ask hosts by name, and this is where nobody listens.
    all.insert("jwks_host".to_owned(), NOBODY.to_owned());
    // A required variable that is missing keeps Spin from starting; an empty one counts as missing.
    all.entry("policy".to_owned()).or_default();
    all
}

/// What the component is told: some of it is put together by `spin.toml`.
pub fn of_component(installation: &Installation, objects: SocketAddr) -> BTreeMap<String, String> {
    let is_broken = |dependency| installation.broken.contains_key(&dependency);
    let mut all = vec![
        ("jwt_issuer", ISSUER.to_owned()),
        ("jwt_audiences", AUDIENCE.to_owned()),
        ("objects_url", format!("http://{objects}{PREFIX}")),
        ("trusted_proxies", installation.trusted_proxies.join(",")),
        ("cors_origins", installation.cors_origins.join(",")),
        ("request_timeout", installation.request_timeout.to_string()),
        ("port_timeout", installation.port_timeout.to_string()),
    ];
    if is_broken(Dependency::TokenKeys) {
        all.push(("jwks_url", format!("{NOBODY}/jwks.json")));
    } else {
        all.push(("jwks", issuer::jwks()));
    }
    if !is_broken(Dependency::Settings) {
        all.push(("policy", installation.policy()));
    }
    if !is_broken(Dependency::SigningKeys) {
        // One key is given as itself, so that both ways to give keys are used.
        if let [key] = installation.keys.as_slice() {
            all.push(("signing_key", key.kind.private().to_owned()));
            all.push(("signing_key_pair_id", key.id.clone()));
        } else {
            let keys: Vec<_> = installation
                .keys
                .iter()
                .map(|key| json!({ "key-pair-id": key.id, "pem": key.kind.private() }))
                .collect();
            all.push(("signing_keys", json!(keys).to_string()));
            if let Some(current) = &installation.current {
                all.push(("signing_key_pair_id", current.clone()));
            }
        }
    }
    all.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
