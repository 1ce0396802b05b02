//! The secret: which versions it has under which labels, and how those change.

use std::collections::BTreeMap;

use aws_sdk_secretsmanager::{Client, config};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{RotationError, SecretTable};
use crate::{
    aws::{ServiceClock, failed},
    ports::PortError,
    private_key::{PrivateKey, PublicKey, is_key_pair_id},
    section::Mistake,
};

pub(super) const CURRENT: &str = "AWSCURRENT";
pub(super) const PENDING: &str = "AWSPENDING";
pub(super) const PREVIOUS: &str = "AWSPREVIOUS";

/// What a version holds if it holds a key.
pub(super) struct Version {
    /// The version's id.
    pub(super) id: String,
    /// The key's id at CloudFront, where the version says it.
    pub(super) key_pair_id: Option<String>,
    pub(super) private: PrivateKey,
    pub(super) public: PublicKey,
    /// PEM, as it stands there.
    text: Zeroizing<String>,
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

/// `{"keyPairId": "K…", "privateKey": "-----BEGIN…"}`. Without an id it is a key that CloudFront may not know yet.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    key_pair_id: Option<String>,
    private_key: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Written<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    key_pair_id: Option<&'a str>,
    private_key: &'a str,
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
    ) -> Result<Result<Version, &'static str>, RotationError> {
        let request = self.client.get_secret_value().secret_id(&self.id);
        let read = request.version_stage(label).version_id(version).send().await;
        let read = read.map_err(|error| {
            let resource = format_args!("{}, {label}", self.name());
            failed("secretsmanager:GetSecretValue", resource, &error)
        })?;
        let text = Zeroizing::new(read.secret_string.unwrap_or_default());
        Ok(parse(version, &text))
    }

    /// Adds a version that waits to be used.
    pub(super) async fn put_pending(
        &self,
        key_pair_id: Option<&str>,
        private_key: &str,
    ) -> Result<(), RotationError> {
        let written = serde_json::to_string(&Written { key_pair_id, private_key });
        let text = written.map_err(|_| {
            PortError::Other("the version of the secret could not be written down".to_owned())
        })?;
        let request = self.client.put_secret_value().secret_id(&self.id);
        let put = request.secret_string(text).version_stages(PENDING).send().await;
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

impl Version {
    /// The private key as it stands in the version.
    pub(super) fn private_text(&self) -> &str {
        &self.text
    }
}

fn parse(version: &str, text: &Zeroizing<String>) -> Result<Version, &'static str> {
    let bare = text.trim_start_matches('\u{feff}').trim();
    let (key_pair_id, text) = if bare.starts_with('{') {
        // The parser's message may quote what it stumbled over.
        let Document { key_pair_id, private_key } = serde_json::from_str(bare)
            .map_err(|_| "is no JSON object with `keyPairId` and `privateKey`")?;
        (key_pair_id, Zeroizing::new(private_key))
    } else {
        (None, text.clone())
    };
    if key_pair_id.as_deref().is_some_and(|id| !is_key_pair_id(id)) {
        return Err("has a `keyPairId` that is none");
    }
    let private = PrivateKey::parse(&text)?;
    let public = private.public().ok_or("is a key without a public half")?;
    Ok(Version { id: version.to_owned(), key_pair_id, private, public, text })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEM: &str = include_str!("../../../../signer-component/core/testdata/p256.pkcs8.pem");

    fn read(text: &str) -> Result<Option<String>, &'static str> {
        parse("v", &Zeroizing::new(text.to_owned())).map(|version| version.key_pair_id)
    }

    #[test]
    fn a_version_is_a_bare_key_or_a_document_with_or_without_its_id() {
        let document = |id: serde_json::Value| {
            serde_json::json!({ "keyPairId": id, "privateKey": PEM, "note": "kept" }).to_string()
        };
        assert_eq!(read(PEM), Ok(None));
        assert_eq!(read(&document("K1".into())), Ok(Some("K1".to_owned())));
        assert_eq!(read(&document(serde_json::Value::Null)), Ok(None));
        for (text, rule) in [
            (document("K 1".into()), "keyPairId"),
            ("{".to_owned(), "no JSON object"),
            (serde_json::json!({ "keyPairId": "K1" }).to_string(), "no JSON object"),
            (String::new(), "is not PEM"),
            ("a password".to_owned(), "is not PEM"),
        ] {
            let refused = read(&text).unwrap_err();
            assert!(refused.contains(rule), "{refused}");
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let written = Written { key_pair_id: Some("K1"), private_key: PEM };
        let text = serde_json::to_string(&written).unwrap();
        assert_eq!(read(&text), Ok(Some("K1".to_owned())));
        let draft = Written { key_pair_id: None, private_key: PEM };
        assert_eq!(read(&serde_json::to_string(&draft).unwrap()), Ok(None));
    }
}
