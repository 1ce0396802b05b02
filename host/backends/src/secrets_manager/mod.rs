//! Signing keys in AWS Secrets Manager.
//!
//! One secret holds one key: in PEM, or as JSON `{"keyPairId": …, "privateKey": …}`. It is always asked for by stage,
//! `AWSCURRENT` to sign with and `AWSPREVIOUS` for whoever still names the key before; what is pending is nobody's yet.
//! The gateway needs secretsmanager:GetSecretValue on this one secret, and kms:Decrypt if it has a key of its own.

mod secret;

use futures::future::BoxFuture;

use self::secret::Secret;
pub(crate) use self::secret::{CURRENT, PREVIOUS};
use crate::{
    aws::Access,
    registry::{Adapter, Backend, Commons, Configured, Configuring, Port},
    section::{Mistake, Section},
    stored_keys::{self, Settings},
};

/// For the registry.
pub const BACKEND: Backend =
    Backend { name: "secrets-manager", ports: &[Port::SigningKeys], configure };

struct Table {
    secret_id: String,
    settings: Settings,
    access: Access,
}

fn configure(_: Port, mut section: Section) -> Configuring {
    section.text("type");
    let secret_id = secret_id(&mut section);
    let settings = Settings::take(&mut section);
    let access = Access::take(&mut section);
    let mistakes = section.finish();
    if mistakes.is_empty() {
        Ok(Box::new(Table { secret_id, settings, access }))
    } else {
        Err(mistakes)
    }
}

/// Takes the key that names the secret; mistakes stay in the section.
pub(crate) fn secret_id(section: &mut Section) -> String {
    let secret_id = section.required_text("secret-id");
    // A name or an ARN. What somebody takes for the secret itself is neither.
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/_+=.@-:".contains(&byte);
    if secret_id.len() > 2048 || !secret_id.bytes().all(plain) {
        section.mistake("secret-id", "must be the name or the ARN of a secret");
    }
    secret_id
}

impl Configured for Table {
    fn summary(&self) -> String {
        let Self { secret_id, settings, access } = self;
        format!("secrets-manager {secret_id}{}, {}", access.summary(), settings.summary())
    }

    fn open<'a>(&'a self, commons: &'a Commons) -> BoxFuture<'a, Result<Adapter, Vec<Mistake>>> {
        Box::pin(async move {
            let config = self.access.open(commons).await?;
            stored_keys::open(Secret::new(&config, self.secret_id.clone()), &self.settings).await
        })
    }
}
