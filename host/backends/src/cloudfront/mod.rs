//! CloudFront's key groups and public keys: what rotation changes and `tollgate doctor` looks at.
//!
//! The gateway itself never calls CloudFront. Public keys and key groups are versioned by ETag: a change that was
//! made to another version than the one that was read is refused there.

mod distribution;
mod examine;
mod group;
mod public_key;

use std::{fmt, path::PathBuf};

use aws_sdk_cloudfront::Client;

pub use self::examine::Expected;
pub(crate) use self::{
    group::KeyGroup,
    public_key::{Created, Deleted, Registered},
};
use crate::{
    aws::{Access, ServiceClock},
    section::{Mistake, Section},
};

/// CloudFront's limit of keys per group.
pub(crate) const MOST_KEYS: usize = 5;

/// `[cloudfront]`.
#[derive(Clone, Debug)]
pub struct CloudFrontTable {
    pub(crate) key_group_id: String,
    pub(crate) distribution_id: Option<String>,
    pub(crate) public_keys: Option<PathBuf>,
    access: Access,
}

impl CloudFrontTable {
    /// Takes the table's keys; mistakes stay in the section.
    pub fn take(section: &mut Section) -> Self {
        let access = Access::take(section).usually_in("us-east-1");
        let key_group_id = section.required_text("key-group-id");
        if !key_group_id.is_empty() && !is_id(&key_group_id) {
            section.mistake("key-group-id", "must be the id CloudFront gave to the key group");
        }
        let distribution_id = section.text("distribution-id");
        if distribution_id.as_deref().is_some_and(|id| !is_id(id)) {
            section
                .mistake("distribution-id", "must be the id CloudFront gave to the distribution");
        }
        let public_keys = section.optional_path("public-keys");
        Self { key_group_id, distribution_id, public_keys, access }
    }
}

/// Ids stand in paths of URLs, so nothing else may.
fn is_id(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (1..=64).contains(&text.len()) && text.bytes().all(plain)
}

/// The part of CloudFront that a configuration names.
pub(crate) struct CloudFront {
    client: Client,
    group: String,
}

impl CloudFront {
    pub(crate) async fn open(
        table: &CloudFrontTable,
        clock: &ServiceClock,
    ) -> Result<Self, Vec<Mistake>> {
        let config = table.access.clone().patient().load().await?;
        let config =
            aws_sdk_cloudfront::config::Builder::from(&config).interceptor(clock.clone()).build();
        Ok(Self { client: Client::from_conf(config), group: table.key_group_id.clone() })
    }
}

/// Why CloudFront did not do what it was asked.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// Somebody else changed the thing since it was read.
    Changed,
    /// Everything else, in the words of the ports.
    Failed(crate::ports::PortError),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed => f.write_str("somebody else changed it at the same time"),
            Self::Failed(error) => error.fmt(f),
        }
    }
}

/// Sorts what came back when `action` was asked of `resource`.
fn trouble<E>(
    action: &str,
    resource: impl fmt::Display,
    error: &aws_smithy_runtime_api::client::result::SdkError<
        E,
        aws_smithy_runtime_api::client::orchestrator::HttpResponse,
    >,
) -> Trouble
where
    E: aws_smithy_types::error::metadata::ProvideErrorMetadata + std::error::Error + 'static,
{
    match code(error) {
        Some("PreconditionFailed" | "InvalidIfMatchVersion") => Trouble::Changed,
        _ => Trouble::Failed(crate::aws::failed(action, resource, error)),
    }
}

/// The code the service gave, if it gave one.
fn code<E>(
    error: &aws_smithy_runtime_api::client::result::SdkError<
        E,
        aws_smithy_runtime_api::client::orchestrator::HttpResponse,
    >,
) -> Option<&str>
where
    E: aws_smithy_types::error::metadata::ProvideErrorMetadata,
{
    error.as_service_error().and_then(|error| error.code())
}
