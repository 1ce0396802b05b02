//! Public keys: listed, made, marked by their comment, deleted. Nothing else about them can change.

use aws_sdk_cloudfront::{
    config,
    types::{PublicKeyConfig, PublicKeySummary},
};
use aws_smithy_types::retry::RetryConfig;

use super::{CloudFront, Trouble, code, trouble};
use crate::{ports::PortError, private_key::PublicKey};

/// A public key that CloudFront knows.
#[derive(Clone, Debug)]
pub(crate) struct Registered {
    pub(crate) id: String,
    pub(crate) comment: String,
    /// As it was uploaded.
    pub(crate) pem: String,
    /// `None` if that is no key we understand.
    pub(crate) key: Option<PublicKey>,
}

/// What became of a request to make a public key.
#[derive(Debug)]
pub(crate) enum Created {
    /// It is there, under this id.
    Now(String),
    /// It was there already, or it is not known whether it is there now; the list will tell.
    Perhaps,
}

/// What became of a request to delete a public key.
#[derive(Debug)]
pub(crate) enum Deleted {
    /// It is gone.
    Gone,
    /// Another key group holds it.
    InUse,
}

/// No account has as many pages of keys.
const MOST_PAGES: usize = 100;

impl CloudFront {
    /// Every public key of the account.
    pub(crate) async fn public_keys(&self) -> Result<Vec<Registered>, Trouble> {
        let mut found = Vec::new();
        let mut marker = None;
        for _ in 0..MOST_PAGES {
            let page = self.client.list_public_keys().set_marker(marker).send().await;
            let failed =
                |error| trouble("cloudfront:ListPublicKeys", "the account's public keys", &error);
            let Some(list) = page.map_err(failed)?.public_key_list else { break };
            found.extend(list.items.unwrap_or_default().into_iter().map(registered));
            marker = list.next_marker.filter(|marker| !marker.is_empty());
            if marker.is_none() {
                break;
            }
        }
        Ok(found)
    }

    /// Registers a key. `reference` makes one request of all that are made for the same key.
    pub(crate) async fn register(
        &self,
        reference: &str,
        key: &PublicKey,
    ) -> Result<Created, Trouble> {
        let config = PublicKeyConfig::builder()
            .caller_reference(reference)
            .name(reference)
            .encoded_key(key.pem())
            .build()
            .map_err(|_| unwritten())?;
        // Not by the SDK: before a second attempt it must be seen whether the first one was heard.
        let once = config::Builder::new().retry_config(RetryConfig::disabled());
        let request = self.client.create_public_key().public_key_config(config);
        match request.customize().config_override(once).send().await {
            Ok(made) => Ok(made.public_key.map_or(Created::Perhaps, |key| Created::Now(key.id))),
            Err(error) if code(&error) == Some("PublicKeyAlreadyExists") => Ok(Created::Perhaps),
            Err(error) => {
                match trouble("cloudfront:CreatePublicKey", "the account's public keys", &error) {
                    Trouble::Failed(PortError::Unavailable(why)) => {
                        tracing::debug!(why, "a public key may have been made");
                        Ok(Created::Perhaps)
                    }
                    other => Err(other),
                }
            }
        }
    }

    /// Changes the comment of a key.
    pub(crate) async fn comment(&self, id: &str, comment: &str) -> Result<(), Trouble> {
        let Some((config, etag)) = self.read(id).await? else {
            return Err(Trouble::Changed);
        };
        let config = PublicKeyConfig::builder()
            .caller_reference(config.caller_reference)
            .name(config.name)
            .encoded_key(config.encoded_key)
            .comment(comment)
            .build()
            .map_err(|_| unwritten())?;
        let request = self.client.update_public_key().id(id).if_match(etag);
        let changed = request.public_key_config(config).send().await;
        let resource = format_args!("public key {id}");
        changed.map(drop).map_err(|error| trouble("cloudfront:UpdatePublicKey", resource, &error))
    }

    /// Deletes a key; it is no error if it is gone.
    pub(crate) async fn delete(&self, id: &str) -> Result<Deleted, Trouble> {
        let Some((_, etag)) = self.read(id).await? else { return Ok(Deleted::Gone) };
        match self.client.delete_public_key().id(id).if_match(etag).send().await {
            Ok(_) => Ok(Deleted::Gone),
            Err(error) => match code(&error) {
                Some("NoSuchPublicKey") => Ok(Deleted::Gone),
                Some("PublicKeyInUse") => Ok(Deleted::InUse),
                _ => {
                    let resource = format_args!("public key {id}");
                    Err(trouble("cloudfront:DeletePublicKey", resource, &error))
                }
            },
        }
    }

    /// A key as it was uploaded, if it is there.
    pub(crate) async fn public_key(&self, id: &str) -> Result<Option<String>, Trouble> {
        Ok(self.read(id).await?.map(|(config, _)| config.encoded_key))
    }

    async fn read(&self, id: &str) -> Result<Option<(PublicKeyConfig, String)>, Trouble> {
        let read = match self.client.get_public_key().id(id).send().await {
            Ok(read) => read,
            Err(error) if code(&error) == Some("NoSuchPublicKey") => return Ok(None),
            Err(error) => {
                let resource = format_args!("public key {id}");
                return Err(trouble("cloudfront:GetPublicKey", resource, &error));
            }
        };
        let config = read.public_key.and_then(|key| key.public_key_config);
        match (config, read.e_tag) {
            (Some(config), Some(etag)) => Ok(Some((config, etag))),
            _ => {
                let text =
                    format!("cloudfront:GetPublicKey: public key {id} came without its contents");
                Err(Trouble::Failed(PortError::Other(text)))
            }
        }
    }
}

fn registered(summary: PublicKeySummary) -> Registered {
    Registered {
        key: PublicKey::parse(&summary.encoded_key),
        id: summary.id,
        comment: summary.comment.unwrap_or_default(),
        pem: summary.encoded_key,
    }
}

fn unwritten() -> Trouble {
    Trouble::Failed(PortError::Other("the public key could not be written down".to_owned()))
}
