//! A folder as an origin.

use std::{
    fs::{self, File, Metadata},
    io,
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

use http::{HeaderMap, HeaderValue, header};

use tollgate_api::edge::{media_type, path::segments};

use super::OriginError;
use crate::edge::object::{Head, OpenFile};

/// A folder whose files are objects. Hidden files and links that lead out of it are not there.
#[derive(Clone, Debug)]
pub(in crate::edge) struct Folder {
    root: PathBuf,
}

impl Folder {
    /// Takes a folder that exists.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let root = fs::canonicalize(path)?;
        if !root.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        Ok(Self { root })
    }

    pub(super) fn summary(&self) -> String {
        format!("folder {}", self.root.display())
    }

    /// Opens the object at this path.
    pub(in crate::edge) async fn get(&self, path: &str) -> Result<OpenFile, OriginError> {
        let names = segments(path).ok_or(OriginError::Missing)?;
        let wanted = self.root.join(names.iter().collect::<PathBuf>());
        let root = self.root.clone();
        let opened = tokio::task::spawn_blocking(move || open(&root, &wanted)).await;
        let (file, metadata, name) = match opened {
            Ok(Ok(opened)) => opened,
            Ok(Err(error)) => return Err(failure(&error)),
            Err(_) => return Err(OriginError::Unreachable("a thread ended".to_owned())),
        };
        let head = Head(describe(&metadata, &name));
        Ok(OpenFile { head, length: metadata.len(), file: file.into() })
    }
}

/// Opens a file if it is one, and below the folder once every link is followed.
fn open(root: &Path, wanted: &Path) -> io::Result<(File, Metadata, PathBuf)> {
    let real = fs::canonicalize(wanted).map_err(|error| match error.raw_os_error() {
        // Links that lead around in a circle lead to nothing.
        Some(LOOP) => io::ErrorKind::NotFound.into(),
        _ => error,
    })?;
    if !real.starts_with(root) {
        return Err(io::ErrorKind::NotFound.into());
    }
    // Asked before it is opened: opening a pipe would wait for somebody to write to it.
    if !fs::metadata(&real)?.is_file() {
        return Err(io::ErrorKind::NotFound.into());
    }
    let file = File::open(&real)?;
    let metadata = file.metadata()?;
    Ok((file, metadata, wanted.to_owned()))
}

/// `ELOOP`, for which the standard library has no stable name.
const LOOP: i32 = if cfg!(target_os = "linux") { 40 } else { 62 };

fn failure(error: &io::Error) -> OriginError {
    match error.kind() {
        // As S3 does without the right to list: whether it is there is nobody's business.
        io::ErrorKind::NotFound
        | io::ErrorKind::NotADirectory
        | io::ErrorKind::PermissionDenied
        | io::ErrorKind::InvalidFilename => OriginError::Missing,
        kind => OriginError::Unreachable(kind.to_string()),
    }
}

fn describe(metadata: &Metadata, name: &Path) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let name = name.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type::of(name)));
    if let Ok(changed) = metadata.modified() {
        let age = changed.duration_since(UNIX_EPOCH).unwrap_or_default();
        let tag = format!("\"{:x}-{:x}\"", metadata.len(), age.as_nanos());
        let date = httpdate::fmt_http_date(UNIX_EPOCH + age);
        let pairs = [(header::ETAG, tag), (header::LAST_MODIFIED, date)];
        headers.extend(
            pairs
                .into_iter()
                .filter_map(|(key, value)| Some((key, HeaderValue::from_str(&value).ok()?))),
        );
    }
    headers
}
