//! The two versions of one secret.

use aws_config::SdkConfig;
use aws_sdk_secretsmanager::Client;
use futures::future::BoxFuture;
use zeroize::Zeroizing;

use crate::stored_keys::{Asked, Failure, Fetched, Vault, Version};

/// The key of the table that names the secret.
const KEY: &str = "secret-id";

/// The version to sign with.
pub(crate) const CURRENT: &str = "AWSCURRENT";

/// The one before it.
pub(crate) const PREVIOUS: &str = "AWSPREVIOUS";

pub(super) struct Secret {
    client: Client,
    id: String,
}

impl Secret {
    pub(super) fn new(config: &SdkConfig, id: String) -> Self {
        Self { client: Client::new(config), id }
    }

    /// The version that has this stage; `None` if none has.
    async fn version(&self, stage: &str) -> Result<Option<Version>, Failure> {
        let request = self.client.get_secret_value().secret_id(&self.id).version_stage(stage);
        let asked = Asked { action: "secretsmanager:GetSecretValue", key: KEY };
        let answer = match request.send().await {
            Ok(answer) => answer,
            Err(error) => return asked.failed(&error).map_or(Ok(None), Err),
        };
        let Some(text) = answer.secret_string.map(Zeroizing::new) else {
            let rule = format!("names a secret whose {stage} is binary; a text is needed");
            return Err(Failure::Unusable { key: KEY, rule });
        };
        Ok(Some(Version { id: answer.version_id.unwrap_or_default(), text }))
    }
}

impl Vault for Secret {
    fn name(&self) -> String {
        format!("secret {}", self.id)
    }

    fn key(&self) -> &'static str {
        KEY
    }

    /// One after the other and in this order: a stage that moves in between can then hide no key.
    fn fetch(&self) -> BoxFuture<'_, Result<Fetched, Failure>> {
        Box::pin(async move {
            let current = self.version(CURRENT).await?.ok_or_else(|| Failure::Refused {
                key: KEY,
                rule: format!("names no secret there, or one without a version under {CURRENT}"),
            })?;
            Ok(Fetched { current, previous: self.version(PREVIOUS).await })
        })
    }
}
