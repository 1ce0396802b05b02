//! The two newest versions of one parameter.

use aws_config::SdkConfig;
use aws_sdk_ssm::{Client, types::ParameterType};
use futures::future::BoxFuture;
use zeroize::Zeroizing;

use crate::stored_keys::{Asked, Failure, Fetched, Vault, Version};

/// The key of the table that names the parameter.
const KEY: &str = "name";

pub(super) struct SecureString {
    client: Client,
    name: String,
}

impl SecureString {
    pub(super) fn new(config: &SdkConfig, name: String) -> Self {
        Self { client: Client::new(config), name }
    }

    /// One version with its number; `None` if it is not there.
    async fn version(&self, name: String) -> Result<Option<(i64, Version)>, Failure> {
        let request = self.client.get_parameter().name(name).with_decryption(true);
        let asked = Asked { action: "ssm:GetParameter", key: KEY };
        let parameter = match request.send().await {
            Ok(answer) => answer.parameter,
            Err(error) => return asked.failed(&error).map_or(Ok(None), Err),
        };
        let Some(parameter) = parameter else { return Ok(None) };
        let number = parameter.version;
        let text = Zeroizing::new(parameter.value.unwrap_or_default());
        if parameter.r#type != Some(ParameterType::SecureString) {
            let rule = "names a parameter that is no SecureString and thus not encrypted; put the key into one that \
                        is, and make a new key: this one has lain open";
            return Err(Failure::Unusable { key: KEY, rule: rule.to_owned() });
        }
        Ok(Some((number, Version { id: number.to_string(), text })))
    }
}

impl Vault for SecureString {
    fn name(&self) -> String {
        format!("parameter {}", self.name)
    }

    fn key(&self) -> &'static str {
        KEY
    }

    fn fetch(&self) -> BoxFuture<'_, Result<Fetched, Failure>> {
        Box::pin(async move {
            let newest = self.version(self.name.clone()).await?;
            let (number, current) = newest.ok_or_else(|| Failure::Refused {
                key: KEY,
                rule: "names no parameter that is there".to_owned(),
            })?;
            let previous = if number > 1 {
                self.version(format!("{}:{}", self.name, number - 1)).await
            } else {
                Ok(None)
            };
            Ok(Fetched {
                current,
                previous: previous.map(|found| found.map(|(_, version)| version)),
            })
        })
    }
}
