//! What rotation reads of `[signing-keys]`.

use std::time::Duration;

use crate::{aws::Access, private_key::is_key_pair_id, section::Section};

/// The secret that gateways sign with, as `[signing-keys]` names it.
#[derive(Clone, Debug)]
pub struct SecretTable {
    pub(super) secret_id: String,
    /// The id of a bare key at CloudFront.
    pub(super) key_pair_id: Option<String>,
    pub(super) access: Access,
    refresh: Duration,
}

/// How long gateways use a key before they fetch it again, seconds.
const REFRESH: u64 = 300;

impl SecretTable {
    /// Takes the table's keys; mistakes stay in the section.
    pub fn take(section: &mut Section) -> Self {
        let access = Access::take(section);
        if section.text("type").as_deref() != Some("secrets-manager") {
            section.mistake(
                "type",
                "must be `secrets-manager`: no other kind of key is rotated by this program",
            );
        }
        let secret_id = section.required_text("secret-id");
        let key_pair_id = section.text("key-pair-id");
        if key_pair_id.as_deref().is_some_and(|id| !is_key_pair_id(id)) {
            section.mistake("key-pair-id", "must be letters and digits, as CloudFront gives it");
        }
        // For the gateway, which checks it.
        section.text("mode");
        let refresh = Duration::from_secs(section.seconds("refresh", 10..=3_600, REFRESH));
        Self { secret_id, key_pair_id, access, refresh }
    }

    /// How long gateways use a key before they fetch it again.
    pub fn refresh(&self) -> Duration {
        self.refresh
    }
}
