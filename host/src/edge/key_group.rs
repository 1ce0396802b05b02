//! Reading the public keys of a group: from files that are named, or from a folder of `<key-pair-id>.pem`.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use tollgate_backends::section::Mistake;

use super::settings::{KeyGroup, KeySource, MOST_KEYS, is_key_pair_id};
use crate::component::{SignerComponent, signer::TrustedKey};

/// A public key is half a page; more is a mistake in the path.
const LARGEST: u64 = 64 << 10;

/// What a group holds now.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// The keys that can be used.
    pub(super) keys: Vec<TrustedKey>,
    /// The ids of all that are there; `None` if that cannot be seen.
    pub(super) present: Option<Vec<String>>,
    /// What cannot be used, and why.
    pub(super) mistakes: Vec<Mistake>,
}

impl Reading {
    /// Reads every key of the group; each is tried by itself, so that a wrong one is named.
    pub(super) fn of(group: &KeyGroup, strict: bool, signer: &SignerComponent) -> Self {
        let mut reading = Self::default();
        let files = match &group.keys {
            KeySource::Files(files) => {
                files.iter().map(|file| (file.id.clone(), file.path.clone())).collect()
            }
            KeySource::Folder(folder) => match list(folder) {
                Ok(files) => reading.named_by_id(group, files),
                Err(error) => {
                    let rule = format!("{} cannot be read: {error}", folder.display());
                    reading.mistakes.push(mistake(&group.key(), rule));
                    // No folder is a folder with nothing in it; any other error says nothing about what is there.
                    let gone = error.kind() == io::ErrorKind::NotFound;
                    reading.present = gone.then(Vec::new);
                    return reading;
                }
            },
        };
        reading.present = Some(files.keys().cloned().collect());
        if files.len() > MOST_KEYS {
            let rule = "holds more than 5 public keys, the most that CloudFront takes";
            reading.mistakes.push(mistake(&group.key(), rule.to_owned()));
        }
        for (id, path) in files {
            let name = format!("{}.{id}", group.key());
            let key = read(&path).and_then(|public_key| {
                let key = TrustedKey { key_pair_id: id, public_key };
                let tried = signer.verifier(vec![key.clone()], strict);
                tried.map(|_| key).map_err(|error| error.to_string())
            });
            match key {
                Ok(key) => reading.keys.push(key),
                Err(rule) => reading.mistakes.push(mistake(&name, rule)),
            }
        }
        reading
    }

    /// What is to be trusted after this reading, if `before` was until now. A key whose file is gone is not; a file
    /// that cannot be used takes nothing away from what it held; and nothing new comes into a group that is too large.
    pub(super) fn after(self, before: &[TrustedKey]) -> Vec<TrustedKey> {
        let Some(present) = self.present else { return before.to_vec() };
        let too_many = present.len() > MOST_KEYS;
        let known = |id: &str| before.iter().find(|key| key.key_pair_id == id).cloned();
        let mut fresh: BTreeMap<String, TrustedKey> =
            self.keys.into_iter().map(|key| (key.key_pair_id.clone(), key)).collect();
        let keys = present.iter().filter_map(|id| match fresh.remove(id) {
            Some(key) if !too_many => Some(key),
            _ => known(id),
        });
        keys.collect()
    }

    /// Those files of a folder whose names are ids; the others are mistakes.
    fn named_by_id(
        &mut self,
        group: &KeyGroup,
        files: Vec<(String, PathBuf)>,
    ) -> BTreeMap<String, PathBuf> {
        let mut named = BTreeMap::new();
        for (id, path) in files {
            if is_key_pair_id(&id) {
                named.insert(id, path);
            } else {
                let rule = format!(
                    "{} must be named by a key-pair-id: letters and digits",
                    path.display()
                );
                self.mistakes.push(mistake(&group.key(), rule));
            }
        }
        named
    }
}

/// The `.pem` files of a folder with their names without the ending. What else lies there is nobody's key.
fn list(folder: &Path) -> io::Result<Vec<(String, PathBuf)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        // A name that begins with a dot is one that somebody is still writing.
        let id = name.as_deref().and_then(|name| name.strip_suffix(".pem"));
        if let Some(id) = id.filter(|id| !id.starts_with('.')) {
            files.push((id.to_owned(), path.clone()));
        }
    }
    Ok(files)
}

fn read(path: &Path) -> Result<String, String> {
    let failed = |error: io::Error| format!("{} cannot be read: {error}", path.display());
    // Asked before it is opened: opening a pipe waits for whoever writes into it.
    if !fs::metadata(path).map_err(failed)?.is_file() {
        return Err(format!("{} is no file", path.display()));
    }
    let mut text = String::new();
    let file = File::open(path).map_err(failed)?;
    file.take(LARGEST).read_to_string(&mut text).map_err(failed)?;
    Ok(text)
}

/// What a PEM file says, without the line ends and the text around it, which differ between tools.
pub(super) fn inside(pem: &str) -> String {
    let body = pem.split_once("-----BEGIN ").and_then(|(_, rest)| rest.split_once("-----"));
    let inside = body.and_then(|(_, rest)| rest.split_once("-----END "));
    inside.map_or(pem, |(inside, _)| inside).split_ascii_whitespace().collect()
}

fn mistake(key: &str, rule: String) -> Mistake {
    Mistake { key: key.to_owned(), rule }
}
