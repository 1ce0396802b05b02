//! The checks, each as independent of the others as it can be: one that fails hides no other.

use std::time::SystemTime;

use tollgate_backends::{
    examination::{Finding, clock},
    registry::Wiring,
};

use crate::{
    auth::{AuthSettings, try_keys},
    component::Runtime,
    config::Config,
    installation::{EdgeServer, StartError, wrong_policy},
};

/// Everything the configuration names.
pub(super) async fn all(config: Config) -> Vec<Finding> {
    let mut findings =
        vec![Finding::ok("configuration", format!("{} holds together", config.file.display()))];
    if let Some(wiring) = &config.wiring {
        findings.extend(wiring.examine().await);
        findings.extend(policy(wiring).await);
        #[cfg(feature = "aws")]
        if let Some(table) = &config.cloudfront {
            findings.extend(distribution(table, wiring).await);
        }
    }
    if let Some(settings) = &config.auth {
        findings.extend(issuer(settings).await);
    }
    findings.extend(edge(config).await);
    findings
}

async fn policy(wiring: &Wiring) -> Vec<Finding> {
    let fix = "correct it in [policy]; docs/configuration.md has every key";
    match wrong_policy(wiring).await {
        Ok(mistakes) if mistakes.is_empty() => {
            vec![Finding::ok("policy", "the component takes it")]
        }
        Ok(mistakes) => {
            mistakes.into_iter().map(|wrong| Finding::fail(wrong.key, wrong.rule, fix)).collect()
        }
        Err(error) => {
            vec![Finding::fail("policy", error.to_string(), "the component cannot run here")]
        }
    }
}

async fn issuer(settings: &AuthSettings) -> Vec<Finding> {
    let trial = match try_keys(&settings.keys).await {
        Ok(trial) => trial,
        Err(why) => {
            let fix = "compare it with what the issuer publishes, and look at the network";
            return vec![Finding::fail("auth", why, fix)];
        }
    };
    let mut findings = vec![if trial.keys == 0 {
        let fix = "tokens need RS256, ES256 or EdDSA; see what the issuer signs with";
        Finding::fail("auth", format!("{} holds no key that can be used", trial.from), fix)
    } else {
        Finding::ok("auth", format!("{}: {} keys for tokens", trial.from, trial.keys))
    }];
    findings.extend(trial.time.map(|time| clock("the issuer", ahead_of(time))));
    findings
}

/// By how many seconds this machine's clock is ahead.
fn ahead_of(time: SystemTime) -> i64 {
    let seconds = |span: std::time::Duration| i64::try_from(span.as_secs()).unwrap_or(i64::MAX);
    match SystemTime::now().duration_since(time) {
        Ok(ahead) => seconds(ahead),
        Err(behind) => -seconds(behind.duration()),
    }
}

async fn edge(config: Config) -> Vec<Finding> {
    let Some(table) = config.edge else { return Vec::new() };
    let fix = "correct it in [edge], or where it is kept";
    let opened = match Runtime::new() {
        Ok(runtime) => EdgeServer::open(table, &runtime).await,
        Err(error) => Err(error.into()),
    };
    match opened {
        Ok(_) => vec![Finding::ok("edge", "keys and origins can be used")],
        Err(StartError::Mistakes(mistakes)) => {
            mistakes.into_iter().map(|wrong| Finding::fail(wrong.key, wrong.rule, fix)).collect()
        }
        Err(other) => vec![Finding::fail("edge", other.to_string(), fix)],
    }
}

#[cfg(feature = "aws")]
async fn distribution(
    table: &tollgate_backends::cloudfront::CloudFrontTable,
    wiring: &Wiring,
) -> Vec<Finding> {
    use tollgate_backends::{
        cloudfront::Expected,
        policy::Signing,
        registry::{Port, Service},
    };

    // What cannot be had was said by the table it is in.
    let mut signing = None;
    if let Ok(adapter) = wiring.open_port(Port::Policy).await
        && let Service::Policy(settings) = adapter.service
        && let Ok(document) = settings.policy().await
    {
        signing = Signing::of(&document).ok();
    }
    let mut key = None;
    let mut keys = None;
    // Whole until the end: with its upkeep gone it would not be asked again.
    let adapter = wiring.open_port(Port::SigningKeys).await.ok();
    if let Some(Service::SigningKeys(found)) = adapter.as_ref().map(|adapter| &adapter.service) {
        keys = Some(found);
        key = match signing.as_ref().and_then(|signing| signing.key_pair_id.as_deref()) {
            Some(pinned) => found.by_id(pinned).await.ok().flatten(),
            None => found.current().await.ok(),
        };
    }
    let examples = signing.as_ref().map(Signing::examples).unwrap_or_default();
    let paths: Vec<String> = examples.iter().map(|key| format!("/{key}")).collect();
    let expected = Expected {
        key,
        keys: keys.map(|keys| &**keys),
        domain: signing.as_ref().map_or("", |signing| &signing.domain),
        paths: &paths,
        matches: &crate::edge::path_matches,
    };
    table.examine(&expected).await
}
