//! Key groups at work: a verifier for each behaviour that trusts any, made anew when a folder of keys has changed.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::Duration,
};

use tollgate_backends::section::Mistake;

use super::{
    key_group::{Reading, inside},
    settings::{EdgeSettings, KeyGroup, KeySource},
};
use crate::component::{EdgeVerifier, SignerComponent, signer::TrustedKey};

/// How often folders of keys are looked at.
const INTERVAL: Duration = Duration::from_secs(2);

/// Who is trusted now. Cheap to clone; all clones change together.
#[derive(Clone, Default)]
pub(super) struct Trusted(Arc<RwLock<Option<Arc<EdgeVerifier>>>>);

impl Trusted {
    /// The verifier of this moment. Without one, nothing that is signed is allowed.
    pub(super) fn now(&self) -> Option<Arc<EdgeVerifier>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn become_of(&self, verifier: Option<EdgeVerifier>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = verifier.map(Arc::new);
    }
}

/// The groups, and everybody who trusts some of them.
pub(super) struct Trust {
    groups: Vec<KeyGroup>,
    strict: bool,
    signer: SignerComponent,
    /// By behaviour: the groups it trusts, and what came of them.
    behaviors: Vec<Option<(Vec<usize>, Trusted)>>,
    /// Locked while folders are looked at, which requests never wait for.
    seen: Mutex<Seen>,
}

/// What the last look brought.
struct Seen {
    /// The keys in use, by group.
    keys: Vec<Vec<TrustedKey>>,
    /// What was complained about, so that it is once and not every time.
    complaints: BTreeSet<String>,
}

impl Trust {
    /// Reads the groups and makes a verifier for each behaviour that trusts any.
    ///
    /// # Errors
    /// Every key that cannot be used.
    pub(super) fn open(
        settings: &EdgeSettings,
        signer: &SignerComponent,
    ) -> Result<Self, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let mut keys = Vec::new();
        for group in &settings.groups {
            let reading = Reading::of(group, settings.strict, signer);
            if reading.present.as_ref().is_some_and(Vec::is_empty) && reading.mistakes.is_empty() {
                let rule = "must be a folder with 1 to 5 public keys, each `<key-pair-id>.pem`";
                mistakes.push(Mistake { key: group.key(), rule: rule.to_owned() });
            }
            mistakes.extend(reading.mistakes);
            keys.push(reading.keys);
        }
        mistakes.extend(ambiguous(&settings.groups, &keys));
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        let mut behaviors = Vec::new();
        for row in &settings.behaviors {
            behaviors.push(if row.groups.is_empty() {
                None
            } else {
                let made = signer.verifier(of_groups(&row.groups, &keys), settings.strict);
                let wrong = |error: crate::component::SignerError| {
                    vec![Mistake { key: "edge.behaviors".to_owned(), rule: error.to_string() }]
                };
                let trusted = Trusted::default();
                trusted.become_of(Some(made.map_err(wrong)?));
                Some((row.groups.clone(), trusted))
            });
        }
        Ok(Self {
            groups: settings.groups.clone(),
            strict: settings.strict,
            signer: signer.clone(),
            behaviors,
            seen: Mutex::new(Seen { keys, complaints: BTreeSet::new() }),
        })
    }

    /// Who is trusted at the behaviour in this place; `None` if it is public.
    pub(super) fn at(&self, behavior: usize) -> Option<Trusted> {
        let behavior = self.behaviors.get(behavior)?;
        behavior.as_ref().map(|(_, trusted)| trusted.clone())
    }

    /// Looks at the folders every two seconds, until the result is dropped.
    pub(super) fn watch(self: &Arc<Self>) -> Option<KeyWatch> {
        if !self.groups.iter().any(|group| matches!(group.keys, KeySource::Folder(_))) {
            return None;
        }
        let trust = Arc::clone(self);
        Some(KeyWatch(tokio::spawn(async move {
            loop {
                tokio::time::sleep(INTERVAL).await;
                let trust = Arc::clone(&trust);
                // Folders may be on a network disk, which must not hold up requests.
                if tokio::task::spawn_blocking(move || trust.look()).await.is_err() {
                    tracing::error!(
                        "looking at folders of keys was cut off; edge keys stay as they are"
                    );
                }
            }
        })))
    }

    fn look(&self) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let mut mistakes = Vec::new();
        let mut keys = Vec::new();
        for (group, before) in self.groups.iter().zip(&seen.keys) {
            if let KeySource::Files(_) = group.keys {
                keys.push(before.clone());
                continue;
            }
            let mut reading = Reading::of(group, self.strict, &self.signer);
            mistakes.append(&mut reading.mistakes);
            keys.push(reading.after(before));
        }
        let unclear = ambiguous(&self.groups, &keys);
        if !unclear.is_empty() {
            // It would be a guess which of two keys is meant, so nothing new is believed; what is gone is gone.
            mistakes.extend(unclear);
            for (now, before) in keys.iter_mut().zip(&seen.keys) {
                let still = |key: &&TrustedKey| now.iter().any(|new| same_id(new, key));
                *now = before.iter().filter(still).cloned().collect();
            }
        }
        let complaints: BTreeSet<String> = mistakes.iter().map(ToString::to_string).collect();
        for mistake in complaints.difference(&seen.complaints) {
            tracing::warn!(mistake, "keys of the edge are not what they should be");
        }
        seen.complaints = complaints;
        if !same(&keys, &seen.keys) {
            self.replace(&keys);
            seen.keys = keys;
        }
    }

    fn replace(&self, keys: &[Vec<TrustedKey>]) {
        for (groups, trusted) in self.behaviors.iter().flatten() {
            let made = self.signer.verifier(of_groups(groups, keys), self.strict);
            // Without a verifier everything is denied, which is better than trusting a key that was taken away.
            trusted.become_of(made.map_err(|error| tracing::error!(%error, "no verifier")).ok());
        }
        for (group, keys) in self.groups.iter().zip(keys) {
            let ids: Vec<_> = keys.iter().map(|key| key.key_pair_id.as_str()).collect();
            tracing::info!(
                group = group.name,
                keys = ids.join(" "),
                "keys of the edge were read again"
            );
        }
    }
}

/// Looks after folders of keys while it lives.
pub struct KeyWatch(tokio::task::JoinHandle<()>);

impl Drop for KeyWatch {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The keys of some groups. One key in two groups is one key.
fn of_groups(groups: &[usize], keys: &[Vec<TrustedKey>]) -> Vec<TrustedKey> {
    let mut found: Vec<TrustedKey> = Vec::new();
    for key in groups.iter().filter_map(|index| keys.get(*index)).flatten() {
        if !found.iter().any(|known| same_id(known, key)) {
            found.push(key.clone());
        }
    }
    found
}

/// Ids that stand for one key here and for another there; in CloudFront an account has each id once.
fn ambiguous(groups: &[KeyGroup], keys: &[Vec<TrustedKey>]) -> Vec<Mistake> {
    let mut known: BTreeMap<&str, String> = BTreeMap::new();
    let mut mistakes = Vec::new();
    for (group, keys) in groups.iter().zip(keys) {
        for key in keys {
            let inside = inside(&key.public_key);
            if *known.entry(&key.key_pair_id).or_insert_with(|| inside.clone()) != inside {
                mistakes.push(Mistake {
                    key: format!("{}.{}", group.key(), key.key_pair_id),
                    rule: "is another key in another group".to_owned(),
                });
            }
        }
    }
    mistakes
}

fn same_id(one: &TrustedKey, other: &TrustedKey) -> bool {
    one.key_pair_id == other.key_pair_id
}

fn same(one: &[Vec<TrustedKey>], other: &[Vec<TrustedKey>]) -> bool {
    let equal = |(one, other): (&TrustedKey, &TrustedKey)| {
        same_id(one, other) && one.public_key == other.public_key
    };
    one.len() == other.len()
        && one
            .iter()
            .zip(other)
            .all(|(one, other)| one.len() == other.len() && one.iter().zip(other).all(equal))
}
