//! Objects as files below one folder: the key is the relative path.

#[cfg(test)]
#[cfg(unix)]
mod tests;

use std::{
    fs::{self, File},
    io::{self, Read as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use bytes::Bytes;
use futures::future::BoxFuture;

use crate::{
    objects::{LONGEST_KEY, Lifetimes, MISSING_AT_HAND, Shared, Store, too_large},
    ports::{Answer, PortError},
    registry::{Adapter, Backend, Commons, Configured, Configuring, Port, Service},
    section::{Mistake, Section},
};

/// For the registry.
pub const BACKEND: Backend = Backend { name: "folder", ports: &[Port::Objects], configure };

struct Folder {
    key: String,
    root: PathBuf,
    lifetimes: Lifetimes,
}

fn configure(_: Port, mut section: Section) -> Configuring {
    section.text("type");
    let root = section.required_path("path");
    let key = format!("{}.path", section.path());
    let lifetimes = Lifetimes::take(&mut section, MISSING_AT_HAND);
    let mistakes = section.finish();
    if mistakes.is_empty() { Ok(Box::new(Folder { key, root, lifetimes })) } else { Err(mistakes) }
}

impl Configured for Folder {
    fn summary(&self) -> String {
        format!("folder {}", self.root.display())
    }

    fn open<'a>(&'a self, _: &'a Commons) -> BoxFuture<'a, Result<Adapter, Vec<Mistake>>> {
        Box::pin(async move {
            let mistake = |rule: String| {
                let rule = format!("{}: {rule}", self.root.display());
                vec![Mistake { key: self.key.clone(), rule }]
            };
            match tokio::fs::metadata(&self.root).await {
                Err(error) => Err(mistake(error.to_string())),
                Ok(found) if !found.is_dir() => Err(mistake("is not a folder".to_owned())),
                Ok(_) => {
                    let objects = FolderObjects { root: self.root.clone() };
                    let shared = Shared::new(Arc::new(objects), self.lifetimes);
                    Ok(Adapter::plain(Service::Objects(Arc::new(shared))))
                }
            }
        })
    }
}

/// Files below a folder.
struct FolderObjects {
    root: PathBuf,
}

impl Store for FolderObjects {
    fn admits(&self, key: &str) -> Result<bool, PortError> {
        if key.contains(['\\', '\0']) || key.starts_with('/') {
            return Err(outside());
        }
        let mut names = key.split('/');
        if names.clone().any(|name| name == "..") {
            return Err(outside());
        }
        // An object store has no `a/./b` and no `a//b` that mean `a/b`; a file system would find it.
        Ok(key.len() <= LONGEST_KEY && names.all(|name| !name.is_empty() && name != "."))
    }

    fn look<'a>(&'a self, key: &'a str) -> Answer<'a, bool> {
        self.work(key, |root, key| Ok(locate(root, key)?.is_some()))
    }

    fn fetch<'a>(
        &'a self,
        key: &'a str,
        _: Option<&'a str>,
        most: u32,
    ) -> Answer<'a, Option<Bytes>> {
        self.work(key, move |root, key| read(root, key, most))
    }
}

impl FolderObjects {
    /// File systems answer when they like, so that they are asked on a thread of its own.
    fn work<'a, T: Send + 'static>(
        &self,
        key: &str,
        work: impl FnOnce(&Path, &str) -> Result<T, PortError> + Send + 'static,
    ) -> Answer<'a, T> {
        let (root, key) = (self.root.clone(), key.to_owned());
        Box::pin(async move {
            tokio::task::spawn_blocking(move || work(&root, &key))
                .await
                .map_err(|_| PortError::Other("the look into the folder was cut off".to_owned()))?
        })
    }
}

/// Where the file of a key really is, if there is one.
fn locate(root: &Path, key: &str) -> Result<Option<PathBuf>, PortError> {
    let root = fs::canonicalize(root).map_err(|error| match error.kind() {
        io::ErrorKind::PermissionDenied => unreadable(),
        _ => PortError::Unavailable("the content folder cannot be reached".to_owned()),
    })?;
    // Only the real path tells whether a symbolic link leads out of the folder.
    let path = match fs::canonicalize(root.join(key)) {
        Ok(path) => path,
        Err(error) => return absent(&error),
    };
    if !path.starts_with(&root) {
        return Err(outside());
    }
    // Asked before it is opened: opening a pipe would wait for somebody to write to it.
    match fs::metadata(&path) {
        Ok(found) => Ok(found.is_file().then_some(path)),
        Err(error) => absent(&error),
    }
}

fn read(root: &Path, key: &str, most: u32) -> Result<Option<Bytes>, PortError> {
    // The edge serves no hidden file, and what it would not serve is not read either.
    if key.split('/').any(|name| name.starts_with('.')) {
        return Ok(None);
    }
    let Some(path) = locate(root, key)? else { return Ok(None) };
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) => return absent(&error),
    };
    let broken = |_| PortError::Unavailable("the content folder cannot be read".to_owned());
    let length = file.metadata().map_err(broken)?.len();
    if length > u64::from(most) {
        return Err(too_large(most));
    }
    let mut contents = Vec::new();
    // It may grow while it is read.
    file.take(u64::from(most) + 1).read_to_end(&mut contents).map_err(broken)?;
    if contents.len() > most as usize {
        return Err(too_large(most));
    }
    Ok(Some(contents.into_boxed_slice().into()))
}

fn outside() -> PortError {
    PortError::AccessDenied("the key leads out of the content folder".to_owned())
}

fn unreadable() -> PortError {
    PortError::AccessDenied("this process may not read the content folder".to_owned())
}

fn absent<T>(error: &io::Error) -> Result<Option<T>, PortError> {
    use io::ErrorKind as Kind;
    match error.kind() {
        Kind::NotFound | Kind::NotADirectory | Kind::InvalidFilename => Ok(None),
        Kind::PermissionDenied => Err(unreadable()),
        Kind::TimedOut => Err(PortError::Timeout),
        _ => Err(PortError::Unavailable("the content folder cannot be read".to_owned())),
    }
}
