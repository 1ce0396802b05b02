//! Reading a private key file, and noticing that it has changed.

use std::{
    fs::{self, File, Metadata},
    io::Read,
    path::Path,
    time::SystemTime,
};

use zeroize::Zeroizing;

/// A private key is a few kilobytes; more is a mistake in the path.
const LARGEST: u64 = 64 * 1024;

/// What tells one state of a file from the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
    /// Inode and change time, which catch a file put in the place of another and a `chmod`.
    identity: Option<(u64, i64, i64)>,
}

/// The state of the file now; `None` if it cannot be seen.
pub(super) fn stamp(path: &Path) -> Option<Stamp> {
    let found = fs::metadata(path).ok()?;
    Some(Stamp { length: found.len(), modified: found.modified().ok(), identity: identity(&found) })
}

#[cfg(unix)]
fn identity(found: &Metadata) -> Option<(u64, i64, i64)> {
    use std::os::unix::fs::MetadataExt;
    Some((found.ino(), found.ctime(), found.ctime_nsec()))
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> Option<(u64, i64, i64)> {
    None
}

/// The text of a private key file, if nobody but its owner can read it or that is allowed.
pub(super) fn read(path: &Path, allow_open_permissions: bool) -> Result<Zeroizing<String>, String> {
    let name = path.display();
    let failure = |error: std::io::Error| format!("{name}: {error}");
    let file = File::open(path).map_err(failure)?;
    // Asked of the open file, so that what is checked is what is read.
    let found = file.metadata().map_err(failure)?;
    if !found.is_file() {
        return Err(format!("{name}: is not a file"));
    }
    if !allow_open_permissions && is_open(&found) {
        return Err(format!(
            "{name}: others than its owner may read this private key; run `chmod 600 {name}`, \
             or set `allow-open-permissions = true`"
        ));
    }
    if found.len() > LARGEST {
        return Err(format!("{name}: is larger than a private key can be"));
    }
    // Sized at once: a buffer that grows leaves copies of the key behind.
    let size = usize::try_from(found.len()).unwrap_or_default();
    let mut text = Zeroizing::new(String::with_capacity(size.saturating_add(1)));
    file.take(found.len()).read_to_string(&mut text).map_err(failure)?;
    Ok(text)
}

#[cfg(unix)]
fn is_open(found: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    found.permissions().mode() & 0o077 != 0
}

#[cfg(not(unix))]
fn is_open(_: &Metadata) -> bool {
    false
}
