//! Where compiled code is kept between starts. It is run without a further look, so nobody else may write there.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    sync::Once,
};

use wasmtime::{Cache, CacheConfig};

/// A cache beside the user's other caches. Without one, every start compiles again; that is slower and no error.
pub(super) fn cache() -> Option<Cache> {
    // Several engines in one process have the same reason.
    static SAID: Once = Once::new();
    let Some(base) = base() else {
        SAID.call_once(|| {
            tracing::info!("without HOME or XDG_CACHE_HOME every start compiles again");
        });
        return None;
    };
    let open = || {
        let folder = private_folder(&base)?;
        let mut config = CacheConfig::new();
        config.with_directory(&folder);
        Cache::new(config).map_err(|error| unusable(&folder, error))
    };
    open()
        .inspect_err(|Unusable { folder, rule }| {
            let folder = folder.display().to_string();
            SAID.call_once(|| {
                tracing::warn!(
                    folder,
                    rule,
                    "compiled code is not kept there; every start compiles again"
                );
            });
        })
        .ok()
}

/// Why a folder is not used.
struct Unusable {
    folder: PathBuf,
    rule: String,
}

fn unusable(folder: &Path, rule: impl std::fmt::Display) -> Unusable {
    Unusable { folder: folder.to_owned(), rule: rule.to_string() }
}

/// The user's folder for caches. As the XDG specification has it, a relative one is none.
fn base() -> Option<PathBuf> {
    let folder = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    folder("XDG_CACHE_HOME").or_else(|| folder("HOME").map(|home| home.join(".cache")))
}

/// Makes the folder if it is not there. It and the one above it must be this user's alone to write to.
fn private_folder(base: &Path) -> Result<PathBuf, Unusable> {
    let above = base.join("tollgate");
    let folder = above.join("compiled");
    make(&folder).map_err(|error| unusable(&folder, error))?;
    for part in [&above, &folder] {
        check(part).map_err(|rule| unusable(part, rule))?;
    }
    Ok(folder)
}

fn make(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(unix)]
fn check(folder: &Path) -> Result<(), String> {
    use std::os::unix::fs::MetadataExt as _;

    let metadata = fs::metadata(folder).map_err(|error| error.to_string())?;
    // Whoever makes a file owns it, which is the only way the standard library tells who that is.
    let own = tempfile::tempfile_in(folder).and_then(|file| file.metadata());
    let own = own.map_err(|error| format!("cannot be written to: {error}"))?;
    trusted(metadata.uid(), metadata.mode(), own.uid()).map_err(str::to_owned)
}

#[cfg(not(unix))]
fn check(_folder: &Path) -> Result<(), String> {
    Ok(())
}

/// Whether nobody but the user `own` and root can put code there.
#[cfg(unix)]
fn trusted(owner: u32, mode: u32, own: u32) -> Result<(), &'static str> {
    if owner != own {
        return Err("belongs to somebody else");
    }
    if mode & 0o022 != 0 { Err("others than its owner can write to it") } else { Ok(()) }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn only_ones_own_folder_that_nobody_else_can_write_to_is_trusted() {
        for (owner, mode, own, is_trusted) in [
            (1000, 0o40_700, 1000, true),
            (1000, 0o40_755, 1000, true),
            (1000, 0o40_775, 1000, false),
            (1000, 0o40_757, 1000, false),
            (1000, 0o41_777, 1000, false),
            (1001, 0o40_700, 1000, false),
            (0, 0o40_700, 1000, false),
            (1000, 0o40_700, 0, false),
        ] {
            assert_eq!(trusted(owner, mode, own).is_ok(), is_trusted, "{owner} {mode:o} {own}");
        }
    }
}
