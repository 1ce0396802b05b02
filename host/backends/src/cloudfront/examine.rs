//! What `tollgate doctor` asks CloudFront: whether what the gateway signs is what the distribution trusts.

use super::{CloudFront, CloudFrontTable, KeyGroup, Trouble};
use crate::{
    aws::ServiceClock,
    examination::{Finding, clock},
    ports::{Hash, Key, PortError, SigningKeys},
    private_key::{Mode, PrivateKey, PublicKey},
};

/// What is to be looked at from outside.
pub struct Expected<'a> {
    /// The key that signs now, if it could be had.
    pub key: Option<Key>,
    /// Where it came from, to ask for others.
    pub keys: Option<&'a dyn SigningKeys>,
    /// The host that URLs are signed for.
    pub domain: &'a str,
    /// Paths of objects that must need a signature, each with a slash in front; and whatever no other behaviour takes.
    pub paths: &'a [String],
    /// Whether a path pattern of CloudFront takes a path.
    pub matches: &'a (dyn Fn(&str, &str) -> bool + Sync),
}

pub(super) const SUBJECT: &str = "cloudfront";

impl CloudFrontTable {
    /// Looks at key group, public key and distribution.
    pub async fn examine(&self, expected: &Expected<'_>) -> Vec<Finding> {
        let time = ServiceClock::default();
        let cloudfront = match CloudFront::open(self, &time).await {
            Ok(cloudfront) => cloudfront,
            Err(mistakes) => {
                let fix = "set it in the configuration or in the environment";
                let fail = |mistake: crate::section::Mistake| {
                    Finding::fail(mistake.key, mistake.rule, fix)
                };
                return mistakes.into_iter().map(fail).collect();
            }
        };
        let mut findings = cloudfront.examine_group(expected).await;
        if let Some(id) = &self.distribution_id {
            findings.extend(cloudfront.examine_distribution(id, expected).await);
        }
        findings.extend(time.ahead().map(|ahead| clock("CloudFront", ahead)));
        findings
    }
}

impl CloudFront {
    async fn examine_group(&self, expected: &Expected<'_>) -> Vec<Finding> {
        let name = self.group_name();
        let group = match self.group().await {
            Ok(group) => group,
            Err(error) => return vec![unseen(&name, error)],
        };
        let mut findings = vec![Finding::ok(
            SUBJECT,
            format!("{name} can be read and holds {}", group.keys.join(", ")),
        )];
        // What is wrong with the key was said by its own table.
        let Some(key) = &expected.key else { return findings };
        let id = match key {
            Key::Held(key) => key.key_pair_id(),
            Key::Revealed { key_pair_id, .. } => key_pair_id,
        };
        findings.push(if group.holds(id) {
            Finding::ok(SUBJECT, format!("{name} trusts {id}, which signs"))
        } else {
            Finding::fail(
                SUBJECT,
                format!(
                    "{name} does not hold {id}, which signs: every URL is answered 403 InvalidKey"
                ),
                "add that public key to the group, or sign with a key the group holds",
            )
        });
        findings.push(self.examine_key(id, key).await);
        if let Some(keys) = expected.keys {
            findings.extend(strangers(&group, id, keys).await);
        }
        findings
    }

    /// Whether CloudFront's key verifies what the gateway's key signs: the usual cause of 403 is that it does not.
    async fn examine_key(&self, id: &str, key: &Key) -> Finding {
        let registered = match self.public_key(id).await {
            Ok(Some(pem)) => pem,
            Ok(None) => {
                return Finding::fail(
                    SUBJECT,
                    format!("there is no public key {id}: every URL is answered 403 InvalidKey"),
                    "correct the id beside the private key, or register its public half",
                );
            }
            Err(error) => return unseen(&format!("public key {id}"), error),
        };
        const MESSAGE: &[u8] = b"tollgate doctor";
        let signature = match sign(key, MESSAGE).await {
            Ok(signature) => signature,
            Err(error) => return Finding::of("signing-keys", &error),
        };
        match PublicKey::parse(&registered) {
            Some(public) if public.verifies(MESSAGE, &signature) => Finding::ok(
                SUBJECT,
                format!("public key {id} is the other half of the key that signs"),
            ),
            _ => Finding::fail(
                SUBJECT,
                format!(
                    "public key {id} is not the other half of the key that signs: every URL is answered 403 \
                     AccessDenied"
                ),
                "put the private key that belongs to it, or the id of the public key that belongs to the private one",
            ),
        }
    }
}

/// Keys of the group that the gateway knows nothing of: whoever has their private halves can sign.
async fn strangers(group: &KeyGroup, signs: &str, keys: &dyn SigningKeys) -> Option<Finding> {
    let mut strange = Vec::new();
    for id in group.keys.iter().map(String::as_str).filter(|id| *id != signs) {
        match keys.by_id(id).await {
            Ok(Some(_)) => {}
            Ok(None) => strange.push(id),
            // What is wrong with the keys was said by their own table.
            Err(_) => return None,
        }
    }
    (!strange.is_empty()).then(|| {
        Finding::warn(
            SUBJECT,
            format!(
                "the key group also holds {}, which is neither the key that signs nor the one before: whoever has the \
                 private half can sign",
                strange.join(", ")
            ),
            format!(
                "unless `tollgate keys status` says that a rotation brings it, or something else signs with it: {}",
                group.removal(&strange)
            ),
        )
    })
}

/// Looking is an operator's right.
pub(super) fn unseen(what: &str, trouble: Trouble) -> Finding {
    match trouble {
        Trouble::Failed(error) => Finding::unseen(SUBJECT, what, &error),
        Trouble::Changed => Finding::warn(SUBJECT, format!("{what} just changed"), "run it again"),
    }
}

async fn sign(key: &Key, message: &[u8]) -> Result<Vec<u8>, PortError> {
    match key {
        Key::Held(key) => key.sign(message, Hash::Sha256).await,
        Key::Revealed { key_pair_id, pem } => {
            let parsed = PrivateKey::parse(pem)
                .map_err(|rule| PortError::Other(format!("the key that signs {rule}")))?;
            match parsed.under(key_pair_id.clone(), Mode::Held) {
                Key::Held(key) => key.sign(message, Hash::Sha256).await,
                Key::Revealed { .. } => Err(PortError::Other("the key cannot sign".to_owned())),
            }
        }
    }
}
