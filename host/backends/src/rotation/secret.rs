//! The secret: which versions it has under which labels, and how those change.

use std::collections::BTreeMap;

use aws_sdk_secretsmanager::{Client, config};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::{RotationError, SecretTable};
use crate::{
    aws::{ServiceClock, failed},
    private_key::{PrivateKey, PublicKey},
    section::Mistake,
    stored_keys::{Contents, Unusable},
};

/// The version that is to follow; only a rotation looks at it.
pub(super) const PENDING: &str = "AWSPENDING";

/// What a version holds if it holds a key.
pub(super) struct Version {
    /// The version's id.
    pub(super) id: String,
    /// The key's id at CloudFront, where the version says it.
    pub(super) key_pair_id: Option<String>,
    pub(super) private: PrivateKey,
    pub(super) public: PublicKey,
    /// PEM, as it stands there.
    pub(super) pem: Zeroizing<String>,
    /// What else the version holds, which is for others.
    pub(super) others: Map<String, Value>,
}

/// Versions by their labels.
pub(super) struct Versions {
    /// Version ids by label.
    labels: BTreeMap<String, Vec<String>>,
    /// The last time anything about the secret changed, epoch seconds.
    pub(super) changed_at: Option<u64>,
}

impl Versions {
    pub(super) fn under(&self, label: &str) -> &[String] {
        self.labels.get(label).map_or(&[], Vec::as_slice)
    }
}

pub(super) struct Secret {
    client: Client,
    id: String,
}

impl Secret {
    pub(super) async fn open(
        table: &SecretTable,
        clock: &ServiceClock,
    ) -> Result<Self, Vec<Mistake>> {
        let config = table.access.clone().patient().load().await?;
        let config = config::Builder::from(&config).interceptor(clock.clone()).build();
        Ok(Self { client: Client::from_conf(config), id: table.secret_id.clone() })
    }

    /// For messages.
    pub(super) fn name(&self) -> String {
        format!("secret {}", self.id)
    }

    pub(super) async fn versions(&self) -> Result<Versions, RotationError> {
        let seen = self.client.describe_secret().secret_id(&self.id).send().await;
        let seen =
            seen.map_err(|error| failed("secretsmanager:DescribeSecret", self.name(), &error))?;
        let mut labels: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (version, attached) in seen.version_ids_to_stages.unwrap_or_default() {
            for label in attached {
                labels.entry(label).or_default().push(version.clone());
            }
        }
        labels.values_mut().for_each(|versions| versions.sort());
        let changed_at = seen.last_changed_date.and_then(|at| u64::try_from(at.secs()).ok());
        Ok(Versions { labels, changed_at })
    }

    /// Reads one version; the inner error says what is wrong with what it holds.
    pub(super) async fn read(
        &self,
        label: &str,
        version: &str,
    ) -> Result<Result<Version, String>, RotationError> {
        let request = self.client.get_secret_value().secret_id(&self.id);
        let read = request.version_stage(label).version_id(version).send().await;
        let read = read.map_err(|error| {
            let resource = format_args!("{}, {label}", self.name());
            failed("secretsmanager:GetSecretValue", resource, &error)
        })?;
        let text = Zeroizing::new(read.secret_string.unwrap_or_default());
        Ok(parse(version, &text))
    }

    /// Adds a version that waits to be used, with members that are for others.
    pub(super) async fn put_pending(
        &self,
        key_pair_id: Option<&str>,
        private_key: &str,
        others: &Map<String, Value>,
    ) -> Result<(), RotationError> {
        let text = Contents::write(key_pair_id, private_key, others);
        let request = self.client.put_secret_value().secret_id(&self.id);
        let put = request.secret_string(text.as_str()).version_stages(PENDING).send().await;
        put.map_err(|error| failed("secretsmanager:PutSecretValue", self.name(), &error))?;
        Ok(())
    }

    /// Moves a label, or takes it away if it goes nowhere.
    pub(super) async fn relabel(
        &self,
        label: &str,
        from: Option<&str>,
        to: Option<&str>,
    ) -> Result<(), RotationError> {
        let request = self.client.update_secret_version_stage().secret_id(&self.id);
        let request = request
            .version_stage(label)
            .set_remove_from_version_id(from.map(str::to_owned))
            .set_move_to_version_id(to.map(str::to_owned));
        request.send().await.map_err(|error| {
            let resource = format_args!("{}, {label}", self.name());
            failed("secretsmanager:UpdateSecretVersionStage", resource, &error)
        })?;
        Ok(())
    }
}

/// The halves of a key that both are needed: one to know CloudFront's by, and one to sign with.
fn parse(version: &str, text: &str) -> Result<Version, String> {
    let Contents { key_pair_id, key, pem, others, .. } =
        Contents::parse(text).map_err(|unusable| match unusable {
            Unusable::Contents(rule) => rule,
            Unusable::Nameless => "does not say its id".to_owned(),
        })?;
    let public = key.public().clone();
    Ok(Version { id: version.to_owned(), key_pair_id, private: key, public, pem, others })
}
