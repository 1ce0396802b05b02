//! Signing keys in the Parameter Store of AWS Systems Manager.
//!
//! One SecureString holds one key, in the forms of a secret of Secrets Manager. Its newest version signs, the one
//! before it is there for whoever still names that key. The gateway needs ssm:GetParameter on this one parameter, and
//! kms:Decrypt on the key that encrypts it.

mod parameter;

use futures::future::BoxFuture;

use self::parameter::SecureString;
use crate::{
    aws::Access,
    registry::{Adapter, Backend, Commons, Configured, Configuring, Port},
    section::{Mistake, Section},
    stored_keys::{self, Settings},
};

/// For the registry.
pub const BACKEND: Backend =
    Backend { name: "parameter-store", ports: &[Port::SigningKeys], configure };

struct Table {
    name: String,
    settings: Settings,
    access: Access,
}

fn configure(_: Port, mut section: Section) -> Configuring {
    section.text("type");
    let name = section.required_text("name");
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/_.-".contains(&byte);
    // Colons stand in ARNs only: elsewhere they would pick one version for good.
    let is_name = name.bytes().all(plain)
        || name.starts_with("arn:") && name.bytes().all(|byte| plain(byte) || byte == b':');
    if name.len() > 2048 || !is_name {
        section.mistake("name", "must be the name or the ARN of a parameter, without a version");
    }
    let settings = Settings::take(&mut section);
    let access = Access::take(&mut section);
    let mistakes = section.finish();
    if mistakes.is_empty() { Ok(Box::new(Table { name, settings, access })) } else { Err(mistakes) }
}

impl Configured for Table {
    fn summary(&self) -> String {
        let Self { name, settings, access } = self;
        format!("parameter-store {name}{}, {}", access.summary(), settings.summary())
    }

    fn open<'a>(&'a self, commons: &'a Commons) -> BoxFuture<'a, Result<Adapter, Vec<Mistake>>> {
        Box::pin(async move {
            let config = self.access.open(commons).await?;
            stored_keys::open(SecureString::new(&config, self.name.clone()), &self.settings).await
        })
    }
}
