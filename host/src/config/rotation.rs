//! `[cloudfront]`, and what a rotation of keys reads of the tables beside it.

use tollgate_backends::{
    cloudfront::CloudFrontTable,
    registry::{Port, PortTables},
    rotation::SecretTable,
    section::{Mistake, Section},
};

/// What a rotation of keys needs.
#[derive(Debug)]
pub struct RotationTables {
    /// `[cloudfront]`.
    pub cloudfront: CloudFrontTable,
    /// `[signing-keys]`.
    pub secret: SecretTable,
    /// `[policy]`, not yet read: it says how long URLs live.
    pub policy: Section,
}

impl RotationTables {
    pub(super) fn take(
        mut tables: PortTables,
        cloudfront: Option<&CloudFrontTable>,
    ) -> Result<Self, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let mut missing = |key: &str, rule: &str| {
            mistakes.push(Mistake { key: key.to_owned(), rule: rule.to_owned() });
        };
        if cloudfront.is_none() {
            missing("cloudfront", "is required: a table with `key-group-id`");
        }
        let keys = tables.ports.remove(&Port::SigningKeys);
        if keys.is_none() {
            missing("signing-keys", "is required: a table with `type = \"secrets-manager\"`");
        }
        let policy = tables.ports.remove(&Port::Policy);
        if policy.is_none() {
            missing("policy", "is required: it says how long URLs live");
        }
        let secret = keys.map(|mut section| {
            let secret = SecretTable::take(&mut section);
            mistakes.extend(section.finish());
            secret
        });
        match (cloudfront, secret, policy) {
            (Some(cloudfront), Some(secret), Some(policy)) if mistakes.is_empty() => {
                Ok(Self { cloudfront: cloudfront.clone(), secret, policy })
            }
            _ => Err(mistakes),
        }
    }
}

/// Reads `[cloudfront]`, if it is there.
pub(super) fn cloudfront(root: &mut Section) -> Option<CloudFrontTable> {
    let mut section = root.section("cloudfront")?;
    let table = CloudFrontTable::take(&mut section);
    root.absorb(section);
    Some(table)
}
