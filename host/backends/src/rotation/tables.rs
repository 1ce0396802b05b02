//! What rotation reads of `[signing-keys]`: what the gateway does, and no other kind of key.

use std::time::Duration;

use crate::{aws::Access, secrets_manager, section::Section, stored_keys::Settings};

/// The secret that gateways sign with, as `[signing-keys]` names it.
#[derive(Clone, Debug)]
pub struct SecretTable {
    pub(super) secret_id: String,
    pub(super) settings: Settings,
    pub(super) access: Access,
}

impl SecretTable {
    /// Takes the table's keys; mistakes stay in the section.
    pub fn take(section: &mut Section) -> Self {
        if section.text("type").as_deref() != Some("secrets-manager") {
            section.mistake(
                "type",
                "must be `secrets-manager`: no other kind of key is rotated by this program",
            );
        }
        let secret_id = secrets_manager::secret_id(section);
        let settings = Settings::take(section);
        Self { secret_id, settings, access: Access::take(section) }
    }

    /// How long gateways use a key before they fetch it again.
    pub fn refresh(&self) -> Duration {
        self.settings.refresh()
    }
}
