//! Key files that are named on the command line.

use std::path::PathBuf;

use zeroize::Zeroizing;

use super::Failure;

/// A key file is a page; more is a mistake in the path.
const LARGEST: u64 = 64 << 10;

/// Reads a PEM file. `file://` in front is taken as well, as the aws command line wants it.
pub(super) fn read(argument: &str, path: &str) -> Result<Zeroizing<String>, Failure> {
    let path = PathBuf::from(path.strip_prefix("file://").unwrap_or(path));
    let wrong =
        |rule: String| Failure::argument(argument, format_args!("{} {rule}", path.display()));
    let size =
        std::fs::metadata(&path).map_err(|error| wrong(format!("cannot be read: {error}")))?.len();
    if size > LARGEST {
        return Err(wrong("is too large for a key".to_owned()));
    }
    let text = std::fs::read_to_string(&path)
        .map_err(|error| wrong(format!("cannot be read as text: {error}")))?;
    Ok(Zeroizing::new(text))
}
