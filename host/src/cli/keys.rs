//! Key files that are named on the command line.

use std::{
    fs::File,
    io::{self, Read as _},
    path::PathBuf,
};

use zeroize::Zeroizing;

use super::Failure;

/// A key file is a page; more is a mistake in the path.
const LARGEST: usize = 64 << 10;

/// Reads a PEM file. `file://` in front is taken as well, as the aws command line wants it.
pub(super) fn read(argument: &str, path: &str) -> Result<Zeroizing<String>, Failure> {
    // Errors name the path, so a key in its place must be noticed before.
    if path.contains("-----") || path.contains('\n') {
        return Err(Failure::argument(argument, "must be the path of a PEM file, not its text"));
    }
    let path = PathBuf::from(path.strip_prefix("file://").unwrap_or(path));
    let wrong =
        |rule: String| Failure::argument(argument, format_args!("{} {rule}", path.display()));
    let file = File::open(&path).map_err(|error| wrong(format!("cannot be read: {error}")))?;
    // Large enough from the start: growing would leave copies of the key behind.
    let mut text = Zeroizing::new(String::with_capacity(LARGEST + 1));
    // What a path leads to may have no size and no end.
    let length = file.take(LARGEST as u64 + 1).read_to_string(&mut text).map_err(|error| {
        match error.kind() {
            io::ErrorKind::InvalidData => wrong("cannot be read as text".to_owned()),
            _ => wrong(format!("cannot be read: {error}")),
        }
    })?;
    if length > LARGEST {
        return Err(wrong("is too large for a key".to_owned()));
    }
    Ok(text)
}
