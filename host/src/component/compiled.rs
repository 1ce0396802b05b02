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

/// Makes the folder if it is not there. Nobody but this user and root may be able to put another in its place.
///
/// Links are followed once. What is given back has none, so that none can be bent after it was judged.
fn private_folder(base: &Path) -> Result<PathBuf, Unusable> {
    let asked = base.join("tollgate").join("compiled");
    let of_asked = |error| unusable(&asked, error);
    make(&asked).map_err(of_asked)?;
    let folder = fs::canonicalize(&asked).map_err(of_asked)?;
    check(&asked, &folder)?;
    Ok(folder)
}

fn make(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Judges every part of both ways: the one asked for says who chose where the links lead, the other who may write there.
#[cfg(unix)]
fn check(asked: &Path, folder: &Path) -> Result<(), Unusable> {
    use std::os::unix::fs::MetadataExt as _;

    // Whoever makes a file owns it, which is the only way the standard library tells who that is.
    let own = tempfile::tempfile_in(folder).and_then(|file| file.metadata());
    let own = own.map_err(|error| unusable(folder, format!("cannot be written to: {error}")))?;
    let judge = |part: &Path, rule: Rule| {
        let metadata = fs::symlink_metadata(part).map_err(|error| unusable(part, error))?;
        rule(metadata.uid(), metadata.mode(), own.uid()).map_err(|rule| unusable(part, rule))
    };
    // From the root on, so that the part to mend first is the one that is named.
    let parts = |path: &Path| path.ancestors().map(Path::to_owned).collect::<Vec<_>>();
    for part in parts(asked).iter().rev().chain(parts(folder).iter().rev()) {
        judge(part, passable)?;
    }
    judge(folder, private)
}

#[cfg(not(unix))]
fn check(_asked: &Path, _folder: &Path) -> Result<(), Unusable> {
    Ok(())
}

/// Judges an owner and a mode for the user who is the third.
#[cfg(unix)]
type Rule = fn(u32, u32, u32) -> Result<(), &'static str>;

/// Whether nobody but the user `own` and root can replace what that user has there.
#[cfg(unix)]
fn passable(owner: u32, mode: u32, own: u32) -> Result<(), &'static str> {
    const KIND: u32 = 0o170_000;
    const LINK: u32 = 0o120_000;
    const STICKY: u32 = 0o1000;

    if owner != own && owner != 0 {
        return Err("belongs to somebody else");
    }
    // Everybody may write to a link, says its mode, which means nothing.
    let is_open = mode & KIND != LINK && mode & 0o022 != 0;
    if is_open && mode & STICKY == 0 {
        return Err("others than its owner can write to it");
    }
    Ok(())
}

/// Whether nobody but the user `own` can put code there.
#[cfg(unix)]
fn private(owner: u32, mode: u32, own: u32) -> Result<(), &'static str> {
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
            assert_eq!(private(owner, mode, own).is_ok(), is_trusted, "{owner} {mode:o} {own}");
        }
    }

    #[test]
    fn a_way_leads_through_what_only_oneself_and_root_can_replace() {
        for (owner, mode, own, is_passable) in [
            (1000, 0o40_700, 1000, true),
            (0, 0o40_755, 1000, true),
            (0, 0o41_777, 1000, true),
            (1000, 0o41_777, 1000, true),
            (0, 0o40_777, 1000, false),
            (0, 0o40_775, 1000, false),
            (1000, 0o40_757, 1000, false),
            (1001, 0o40_700, 1000, false),
            (1001, 0o41_777, 1000, false),
            (1001, 0o40_700, 0, false),
            // Links, as in `/tmp`, where anybody can have one.
            (1000, 0o120_777, 1000, true),
            (0, 0o120_777, 1000, true),
            (1001, 0o120_777, 1000, false),
            (1001, 0o120_777, 0, false),
        ] {
            assert_eq!(passable(owner, mode, own).is_ok(), is_passable, "{owner} {mode:o} {own}");
        }
    }
}
