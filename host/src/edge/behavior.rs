//! Behaviours at work: the first whose pattern matches decides whether a signature is needed, and whose.

use std::{collections::BTreeMap, fs, time::Duration};

use tollgate_backends::section::Mistake;

use super::{
    pattern::PathPattern,
    settings::{BehaviorSettings, EdgeSettings, KeyGroup},
};
use crate::component::{EdgeVerifier, SignerComponent, signer::TrustedKey};

/// What holds for the paths of one pattern.
pub(super) struct Behavior {
    pattern: PathPattern,
    /// The pattern as configured, for logs.
    pub(super) text: String,
    pub(super) origin: usize,
    /// `None` for a public behaviour.
    pub(super) verifier: Option<EdgeVerifier>,
    pub(super) ttl: Duration,
}

impl Behavior {
    /// Whether it decides about this path, which is in its normal form.
    pub(super) fn matches(&self, path: &str) -> bool {
        self.pattern.matches(path)
    }
}

/// Reads the keys and makes a verifier for each behaviour that trusts any.
pub(super) fn open(
    settings: &EdgeSettings,
    signer: &SignerComponent,
) -> Result<Vec<Behavior>, Vec<Mistake>> {
    let mut mistakes = Vec::new();
    let groups: Vec<Vec<TrustedKey>> = settings
        .groups
        .iter()
        .map(|group| read(group, settings.strict, signer, &mut mistakes))
        .collect();
    mistakes.extend(ambiguous(settings, &groups));
    if !mistakes.is_empty() {
        return Err(mistakes);
    }
    let behavior = |row: &BehaviorSettings| {
        let mut keys: Vec<TrustedKey> = Vec::new();
        for key in row.groups.iter().filter_map(|index| groups.get(*index)).flatten() {
            // One key in two groups is one key.
            if !keys.iter().any(|known| known.key_pair_id == key.key_pair_id) {
                keys.push(key.clone());
            }
        }
        let verifier = if row.groups.is_empty() {
            None
        } else {
            let made = signer.verifier(keys, settings.strict);
            Some(made.map_err(|error| mistake("edge.behaviors", error.to_string()))?)
        };
        Ok(Behavior {
            pattern: row.pattern.clone(),
            text: row.text.clone(),
            origin: row.origin,
            verifier,
            ttl: row.ttl,
        })
    };
    settings
        .behaviors
        .iter()
        .map(behavior)
        .collect::<Result<_, Mistake>>()
        .map_err(|error| vec![error])
}

/// Ids that stand for one key here and for another there; in CloudFront an account has each id once.
fn ambiguous(settings: &EdgeSettings, groups: &[Vec<TrustedKey>]) -> Vec<Mistake> {
    let mut known: BTreeMap<&str, String> = BTreeMap::new();
    let mut mistakes = Vec::new();
    for (group, keys) in settings.groups.iter().zip(groups) {
        for key in keys {
            let inside = inside(&key.public_key);
            if *known.entry(&key.key_pair_id).or_insert_with(|| inside.clone()) != inside {
                let name = format!("edge.key-groups.{}.{}", group.name, key.key_pair_id);
                mistakes.push(mistake(&name, "is another key in another group".to_owned()));
            }
        }
    }
    mistakes
}

/// What a PEM file says, without the line ends and the text around it, which differ between tools.
fn inside(pem: &str) -> String {
    let body = pem.split_once("-----BEGIN ").and_then(|(_, rest)| rest.split_once("-----"));
    let inside = body.and_then(|(_, rest)| rest.split_once("-----END "));
    inside.map_or(pem, |(inside, _)| inside).split_ascii_whitespace().collect()
}

/// Reads the keys of one group; each is tried by itself, so that a wrong one is named.
fn read(
    group: &KeyGroup,
    strict: bool,
    signer: &SignerComponent,
    mistakes: &mut Vec<Mistake>,
) -> Vec<TrustedKey> {
    let mut keys = Vec::new();
    for file in &group.keys {
        let name = format!("edge.key-groups.{}.{}", group.name, file.id);
        let public_key = match fs::read_to_string(&file.path) {
            Ok(text) => text,
            Err(error) => {
                mistakes.push(mistake(
                    &name,
                    format!("{} cannot be read: {error}", file.path.display()),
                ));
                continue;
            }
        };
        let key = TrustedKey { key_pair_id: file.id.clone(), public_key };
        match signer.verifier(vec![key.clone()], strict) {
            Ok(_) => keys.push(key),
            Err(error) => mistakes.push(mistake(&name, error.to_string())),
        }
    }
    keys
}

fn mistake(key: &str, rule: String) -> Mistake {
    Mistake { key: key.to_owned(), rule }
}
