//! Objects as files below one folder: the key is the relative path.

#[cfg(test)]
#[cfg(unix)]
mod tests;

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use futures::future::BoxFuture;

use crate::{
    ports::{Answer, Objects, PortError},
    registry::{Adapter, Backend, Commons, Configured, Configuring, Port, Service},
    section::{Mistake, Section},
};

/// For the registry.
pub const BACKEND: Backend = Backend { name: "folder", ports: &[Port::Objects], configure };

struct Folder {
    key: String,
    root: PathBuf,
}

fn configure(_: Port, mut section: Section) -> Configuring {
    section.text("type");
    let root = section.required_path("path");
    let key = format!("{}.path", section.path());
    let mistakes = section.finish();
    if mistakes.is_empty() { Ok(Box::new(Folder { key, root })) } else { Err(mistakes) }
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
                    Ok(Adapter::plain(Service::Objects(Arc::new(objects))))
                }
            }
        })
    }
}

/// Files below a folder.
#[derive(Clone, Debug)]
pub struct FolderObjects {
    root: PathBuf,
}

impl Objects for FolderObjects {
    fn exists<'a>(&'a self, key: &'a str) -> Answer<'a, bool> {
        let (root, key) = (self.root.clone(), key.to_owned());
        Box::pin(async move {
            tokio::task::spawn_blocking(move || exists(&root, &key))
                .await
                .map_err(|_| PortError::Other("the look into the folder was cut off".to_owned()))?
        })
    }
}

fn exists(root: &Path, key: &str) -> Result<bool, PortError> {
    if key.contains(['\\', '\0']) || key.starts_with('/') {
        return Err(outside());
    }
    let mut names = key.split('/');
    if names.clone().any(|name| name == "..") {
        return Err(outside());
    }
    // An object store has no `a/./b` and no `a//b` that mean `a/b`; a file system would find it.
    if names.any(|name| name.is_empty() || name == ".") {
        return Ok(false);
    }
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
    match fs::metadata(&path) {
        Ok(found) => Ok(found.is_file()),
        Err(error) => absent(&error),
    }
}

fn outside() -> PortError {
    PortError::AccessDenied("the key leads out of the content folder".to_owned())
}

fn unreadable() -> PortError {
    PortError::AccessDenied("this process may not read the content folder".to_owned())
}

fn absent(error: &io::Error) -> Result<bool, PortError> {
    use io::ErrorKind as Kind;
    match error.kind() {
        Kind::NotFound | Kind::NotADirectory | Kind::InvalidFilename => Ok(false),
        Kind::PermissionDenied => Err(unreadable()),
        Kind::TimedOut => Err(PortError::Timeout),
        _ => Err(PortError::Unavailable("the content folder cannot be read".to_owned())),
    }
}
