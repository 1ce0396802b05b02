//! What is there: versions of the secret, public keys, the key group, the folder. All of it is read each time.

use std::collections::BTreeMap;

use super::{
    Rotation, RotationError,
    mirror::Mirror,
    secret::{PENDING, Version},
};
use crate::{
    cloudfront::{KeyGroup, Registered},
    private_key::PublicKey,
    secrets_manager::{CURRENT, PREVIOUS},
};

/// A version of the secret with its public half at CloudFront, if that is there.
pub(super) struct Key {
    pub(super) version: Version,
    pub(super) registered: Option<Registered>,
}

impl Key {
    /// Its id at CloudFront.
    pub(super) fn id(&self) -> Option<&str> {
        self.registered.as_ref().map(|registered| registered.id.as_str())
    }
}

pub(super) struct State {
    /// AWS's time, epoch seconds.
    pub(super) now: u64,
    pub(super) secret: String,
    pub(super) current: Key,
    pub(super) previous: Option<Key>,
    pub(super) pending: Option<Key>,
    /// Versions that are called pending and are not: the current one, or a draft that was completed.
    pub(super) surplus: Vec<String>,
    /// The last time anything about the secret changed.
    pub(super) secret_changed_at: Option<u64>,
    pub(super) group: KeyGroup,
    pub(super) folder: Option<Mirror>,
    /// What the folder must hold: the group, and the key that is about to come into it.
    pub(super) mirrored: BTreeMap<String, String>,
    pub(super) notes: Vec<String>,
}

impl Rotation {
    pub(super) async fn state(&self) -> Result<State, RotationError> {
        let versions = self.secret.versions().await?;
        let wrong = |label: &str, rule: &str| {
            RotationError::Refused(format!("{}, {label}: {rule}", self.secret.name()))
        };
        let [current] = versions.under(CURRENT) else {
            return Err(wrong(CURRENT, "there is none, so there is nothing to rotate"));
        };
        let group = self.cloudfront.group().await;
        let group =
            group.map_err(|error| RotationError::of(error, self.cloudfront.group_name()))?;
        let registered = self.cloudfront.public_keys().await;
        let registered =
            registered.map_err(|error| RotationError::of(error, "the list of public keys"))?;
        let mut notes = Vec::new();

        let read = self.secret.read(CURRENT, current).await?;
        let mut version = read.map_err(|rule| wrong(CURRENT, &rule))?;
        if version.key_pair_id.is_none() {
            version.key_pair_id.clone_from(&self.bare_id);
        }
        let current = known(version, &registered, &group);
        match (current.id(), &current.version.key_pair_id) {
            (None, _) => notes.push(format!(
                "no public key at CloudFront is the other half of {}, {CURRENT}: every URL is answered 403 now",
                self.secret.name()
            )),
            (Some(id), Some(said)) if id != said => notes.push(format!(
                "{}, {CURRENT} says that its key is {said}, but it is {id}: every URL is answered 403 now",
                self.secret.name()
            )),
            (Some(id), _) if !group.holds(id) => notes.push(format!(
                "{id}, which signs now, is not in the key group: every URL is answered 403 now"
            )),
            _ => {}
        }

        let mut previous = None;
        if let [id] = versions.under(PREVIOUS) {
            match self.secret.read(PREVIOUS, id).await? {
                Ok(version) if version.public != current.version.public => {
                    previous = Some(known(version, &registered, &group));
                }
                Ok(_) => {}
                Err(rule) => notes.push(format!("{PREVIOUS} {rule}, so it is nothing to retire")),
            }
        }

        let mut pending: Option<Key> = None;
        let mut surplus = Vec::new();
        for id in versions.under(PENDING) {
            if *id == current.version.id {
                surplus.push(id.clone());
                continue;
            }
            if versions.under(PREVIOUS).contains(id) {
                return Err(wrong(
                    PENDING,
                    "it is AWSPREVIOUS as well, so this rotation was taken back by hand; take the label \
                     AWSPENDING off that version, then run it again",
                ));
            }
            let read = self.secret.read(PENDING, id).await?;
            let version = read.map_err(|rule| {
                let rule = format!(
                    "it {rule}, and was not made by this command; take the label AWSPENDING off it"
                );
                wrong(PENDING, &rule)
            })?;
            let key = known(version, &registered, &group);
            // Of a draft and what it became, the one that says its id.
            let better = key.version.key_pair_id.is_some();
            match &mut pending {
                Some(chosen) if better => {
                    surplus.push(std::mem::replace(chosen, key).version.id);
                }
                Some(_) => surplus.push(key.version.id),
                None => pending = Some(key),
            }
        }

        notes.extend(leftover(&group, &[Some(&current), previous.as_ref(), pending.as_ref()]));
        let mut mirrored: BTreeMap<String, String> = registered
            .iter()
            .filter(|key| group.holds(&key.id) && key.key.is_some())
            .map(|key| (key.id.clone(), key.pem.clone()))
            .collect();
        if let Some(coming) = pending.as_ref().and_then(|key| key.registered.as_ref()) {
            mirrored.insert(coming.id.clone(), coming.pem.clone());
        }
        let folder = match &self.folder {
            Some(folder) => Some(Mirror::read(folder).await?),
            None => None,
        };
        Ok(State {
            now: self.clock.now(),
            secret: self.secret.name(),
            current,
            previous,
            pending,
            surplus,
            secret_changed_at: versions.changed_at,
            group,
            folder,
            mirrored,
            notes,
        })
    }
}

/// Keys of the group that are none of this secret: whoever has their private halves can sign.
fn leftover(group: &KeyGroup, ours: &[Option<&Key>]) -> Option<String> {
    let ours: Vec<_> = ours.iter().copied().flatten().filter_map(Key::id).collect();
    let strange = group.keys.iter().map(String::as_str);
    let strange: Vec<_> = strange.filter(|id| !ours.contains(id)).collect();
    (!strange.is_empty()).then(|| {
        format!(
            "the key group also holds {}, which {CURRENT}, {PREVIOUS} and {PENDING} know nothing of: whoever has the \
             private half can sign. If nobody shall, `tollgate keys rotate --replace ID` removes and deletes one, or: {}",
            strange.join(", "),
            group.removal(&strange)
        )
    })
}

/// Finds the other half of a version, by what it is: an id may be wrong or missing. If an account has it twice, the
/// one that the group holds counts, and then the one that the version names.
fn known(version: Version, registered: &[Registered], group: &KeyGroup) -> Key {
    let same = |key: &&Registered| key.key.as_ref() == Some::<&PublicKey>(&version.public);
    let said = version.key_pair_id.as_deref();
    let found = registered.iter().filter(same).max_by_key(|key| {
        (group.holds(&key.id), said == Some(key.id.as_str()), std::cmp::Reverse(key.id.clone()))
    });
    let registered = found.cloned();
    Key { version, registered }
}
