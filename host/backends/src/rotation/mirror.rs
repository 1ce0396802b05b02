//! The folder that mirrors the key group, for an edge on this machine: one `<key-pair-id>.pem` each.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use super::RotationError;
use crate::private_key::{PublicKey, is_key_pair_id};

/// What the folder holds now.
pub(super) struct Mirror {
    folder: PathBuf,
    files: BTreeMap<String, String>,
}

impl Mirror {
    pub(super) async fn read(folder: &Path) -> Result<Self, RotationError> {
        let folder = folder.to_owned();
        off_the_runtime(move || {
            let files = list(&folder).map_err(|error| failed(&folder, &error))?;
            Ok(Self { folder, files })
        })
        .await
    }

    /// Whether it holds these keys, and those that are called so are no others.
    pub(super) fn is(&self, keys: &BTreeMap<String, String>) -> bool {
        let same = |(id, pem): (&String, &String)| {
            self.files.get(id).is_some_and(|text| PublicKey::parse(text) == PublicKey::parse(pem))
        };
        self.files.len() == keys.len() && keys.iter().all(same)
    }

    /// Makes it hold these keys. New ones come before old ones go.
    pub(super) async fn become_of(
        &self,
        keys: BTreeMap<String, String>,
    ) -> Result<(), RotationError> {
        let folder = self.folder.clone();
        let gone: Vec<_> =
            self.files.keys().filter(|id| !keys.contains_key(*id)).cloned().collect();
        off_the_runtime(move || {
            let written = keys.iter().try_for_each(|(id, pem)| write(&folder, id, pem));
            let removed = written.and_then(|()| {
                gone.iter().try_for_each(|id| match fs::remove_file(file(&folder, id)) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                    _ => Ok(()),
                })
            });
            removed.map_err(|error| failed(&folder, &error))
        })
        .await
    }
}

fn file(folder: &Path, id: &str) -> PathBuf {
    folder.join(format!("{id}.pem"))
}

fn list(folder: &Path) -> io::Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(files),
        other => other?,
    };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let id = name.strip_suffix(".pem").filter(|id| is_key_pair_id(id));
        if let Some(id) = id.filter(|_| entry.path().is_file()) {
            // What cannot be read as text is written anew.
            files.insert(id.to_owned(), fs::read_to_string(entry.path()).unwrap_or_default());
        }
    }
    Ok(files)
}

/// Whole or not at all: an edge reads at any moment.
fn write(folder: &Path, id: &str, pem: &str) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let unfinished = folder.join(format!(".{id}.{}.new", std::process::id()));
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o644);
    let mut new = options.open(&unfinished)?;
    new.write_all(pem.as_bytes())?;
    new.sync_all()?;
    fs::rename(&unfinished, file(folder, id))
}

fn failed(folder: &Path, error: &io::Error) -> RotationError {
    RotationError::Folder(format!("cloudfront.public-keys: {}: {error}", folder.display()))
}

async fn off_the_runtime<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, RotationError> + Send + 'static,
) -> Result<T, RotationError> {
    let cut = |_| RotationError::Folder("cloudfront.public-keys: looking was cut off".to_owned());
    tokio::task::spawn_blocking(work).await.map_err(cut)?
}
