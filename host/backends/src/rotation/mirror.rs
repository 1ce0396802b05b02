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
    files: BTreeMap<String, PublicKey>,
}

impl Mirror {
    pub(super) async fn read(folder: &Path) -> Result<Self, RotationError> {
        let folder = folder.to_owned();
        off_the_runtime(move || {
            let files = list(&folder)?;
            Ok(Self { folder, files })
        })
        .await
    }

    /// Whether it holds these keys, and those that are called so are no others.
    pub(super) fn is(&self, keys: &BTreeMap<String, String>) -> bool {
        // What is no key equals nothing, not even another that is none.
        let same = |(id, pem): (&String, &String)| {
            PublicKey::parse(pem).is_some_and(|key| self.files.get(id) == Some(&key))
        };
        self.files.len() == keys.len() && keys.iter().all(same)
    }

    /// Names of the files that go when it becomes these keys.
    pub(super) fn gone(&self, keys: &BTreeMap<String, String>) -> Vec<String> {
        let gone = self.files.keys().filter(|id| !keys.contains_key(*id));
        gone.map(|id| format!("{id}.pem")).collect()
    }

    /// Makes it hold these keys. New ones come before old ones go.
    pub(super) async fn become_of(
        &self,
        keys: BTreeMap<String, String>,
    ) -> Result<(), RotationError> {
        let folder = self.folder.clone();
        let gone = self.gone(&keys);
        off_the_runtime(move || {
            let written = keys.iter().try_for_each(|(id, pem)| write(&folder, id, pem));
            let removed = written.and_then(|()| {
                gone.iter().try_for_each(|name| match fs::remove_file(folder.join(name)) {
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

/// The files that are named like keys. One that is none is somebody else's, and nothing in it may be lost: the whole
/// folder is refused then.
fn list(folder: &Path) -> Result<BTreeMap<String, PublicKey>, RotationError> {
    let mut files = BTreeMap::new();
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(files),
        other => other.map_err(|error| failed(folder, &error))?,
    };
    for entry in entries {
        let path = entry.map_err(|error| failed(folder, &error))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let id = name.strip_suffix(".pem").filter(|id| is_key_pair_id(id));
        let Some(id) = id.filter(|_| path.is_file()) else { continue };
        let text = fs::read(&path).map_err(|error| failed(&path, &error))?;
        let key = std::str::from_utf8(&text).ok().and_then(public_alone);
        let key = key.ok_or_else(|| {
            RotationError::Folder(format!(
                "cloudfront.public-keys: {} is named like a key of the group and is no public key; this folder is \
                 written and cleared like the group, so move that file away, or name another folder",
                path.display()
            ))
        })?;
        files.insert(id.to_owned(), key);
    }
    Ok(files)
}

/// The public key, if there is one and nothing that is not for everybody.
fn public_alone(text: &str) -> Option<PublicKey> {
    PublicKey::parse(text).filter(|_| !text.contains("PRIVATE KEY"))
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
