//! The private keys that sign, and the public halves that the edge would trust.

use tollgate::component::signer::TrustedKey;

use super::format::{Installation, Key, Kind};

impl Kind {
    /// The private key.
    pub fn private(self) -> &'static str {
        match self {
            Self::Rsa => {
                include_str!("../../../signer-component/core/testdata/rsa-2048.pkcs8.pem")
            }
            Self::P256 => include_str!("../../../signer-component/core/testdata/p256.pkcs8.pem"),
        }
    }

    fn public(self) -> &'static str {
        match self {
            Self::Rsa => {
                include_str!("../../../signer-component/core/testdata/rsa-2048.public.pem")
            }
            Self::P256 => include_str!("../../../signer-component/core/testdata/p256.public.pem"),
        }
    }
}

impl Installation {
    /// The policy document.
    pub fn policy(&self) -> String {
        let mut policy = self.policy.clone();
        for (name, usual) in [("domain", "media.example.com".into()), ("expiry-window", 0.into())] {
            policy.entry(name).or_insert(usual);
        }
        serde_json::Value::Object(policy).to_string()
    }

    /// The id of the key to sign with if the policy does not say.
    pub fn current(&self) -> &str {
        self.current.as_deref().unwrap_or(&self.keys[0].id)
    }

    /// What an edge trusts.
    pub fn trusted(&self) -> Vec<TrustedKey> {
        let trusted = |key: &Key| TrustedKey {
            key_pair_id: key.id.clone(),
            public_key: key.kind.public().to_owned(),
        };
        self.keys.iter().map(trusted).collect()
    }
}
