//! The folder of compiled code, which is run without a further look: it must be this user's alone.

use std::{
    fs::{self, Permissions},
    os::unix::fs::{PermissionsExt as _, symlink},
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use super::command::{OBJECTS, edge, open_edge};

/// Starts an edge that finds its port taken once everything is compiled. Gives what it said.
fn start(cache: Option<&Path>) -> String {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let folder = open_edge("", OBJECTS);
    let mut command = edge(folder.path());
    command.env("TOLLGATE__EDGE__LISTEN", taken.local_addr().unwrap().to_string());
    command.env_remove("XDG_CACHE_HOME").env_remove("HOME");
    if let Some(cache) = cache {
        command.env("XDG_CACHE_HOME", cache);
    }
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    String::from_utf8(output.stderr).unwrap()
}

fn folders() -> (TempDir, PathBuf, PathBuf) {
    let cache = tempfile::tempdir().unwrap();
    let above = cache.path().join("tollgate");
    let folder = above.join("compiled");
    (cache, above, folder)
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn the_folder_is_made_for_its_owner_alone_and_used() {
    let (cache, above, folder) = folders();
    let said = start(Some(cache.path()));
    assert!(!said.contains("WARN"), "{said}");
    assert_eq!((mode(&above), mode(&folder)), (0o700, 0o700));
    assert!(fs::read_dir(&folder).unwrap().next().is_some(), "nothing was kept");
}

#[test]
fn a_folder_that_others_can_write_to_is_not_used() {
    for (above_mode, folder_mode) in [(0o700, 0o770), (0o700, 0o702), (0o777, 0o700)] {
        let (cache, above, folder) = folders();
        fs::create_dir_all(&folder).unwrap();
        fs::set_permissions(&folder, Permissions::from_mode(folder_mode)).unwrap();
        fs::set_permissions(&above, Permissions::from_mode(above_mode)).unwrap();
        let said = start(Some(cache.path()));
        let wrong = if above_mode == 0o700 { &folder } else { &above };
        let warnings: Vec<_> = said.lines().filter(|line| line.contains("WARN")).collect();
        assert_eq!(warnings.len(), 1, "{said}");
        assert!(warnings[0].contains(&format!("\"{}\"", wrong.display())), "{said}");
        assert!(fs::read_dir(&folder).unwrap().next().is_none(), "{folder_mode:o}");
    }
}

#[test]
fn a_way_that_others_can_bend_is_not_taken() {
    // The folders on the way with their modes, then perhaps a link and where it leads; the last is what is warned of.
    type Case<'a> = (&'a [(&'a str, u32)], Option<(&'a str, &'a str)>, &'a str);
    let cases: [Case<'_>; 5] = [
        // Who may write to the folder above may put another one in this one's place, whatever its own mode.
        (&[("cache", 0o777)], None, "cache"),
        (&[("cache", 0o770), ("cache/tollgate", 0o700)], None, "cache"),
        // The same goes for a link there, and it does not matter that it leads to a place of one's own.
        (&[("cache", 0o777), ("private", 0o700)], Some(("cache/tollgate", "../private")), "cache"),
        // One's own link may lead to where others can write: there, or somewhere above.
        (&[("cache", 0o700), ("open", 0o777)], Some(("cache/tollgate", "../open")), "open"),
        (
            &[("cache", 0o700), ("open", 0o777), ("open/private", 0o700)],
            Some(("cache/tollgate", "../open/private")),
            "open",
        ),
    ];
    for (parts, link, wrong) in cases {
        let root = tempfile::tempdir().unwrap();
        lay(root.path(), parts, link);
        let said = start(Some(&root.path().join("cache")));
        let warnings: Vec<_> = said.lines().filter(|line| line.contains("WARN")).collect();
        assert_eq!(warnings.len(), 1, "{parts:?} {link:?}: {said}");
        let wrong = format!("\"{}\"", root.path().join(wrong).display());
        assert!(warnings[0].contains(&wrong), "{parts:?} {link:?}: {said}");
        let kept = fs::read_dir(root.path().join("cache/tollgate/compiled")).unwrap().count();
        assert_eq!(kept, 0, "{parts:?} {link:?}");
    }
}

#[test]
fn a_way_that_only_its_user_can_bend_is_taken() {
    type Case<'a> = (&'a [(&'a str, u32)], Option<(&'a str, &'a str)>);
    let cases: [Case<'_>; 3] = [
        // As `/tmp` is: everybody may add to it, and nobody may replace what is another's.
        (&[("cache", 0o1777)], None),
        (&[("cache", 0o755), ("cache/tollgate", 0o755)], None),
        (&[("cache", 0o700), ("disk", 0o755)], Some(("cache/tollgate", "../disk"))),
    ];
    for (parts, link) in cases {
        let root = tempfile::tempdir().unwrap();
        lay(root.path(), parts, link);
        let said = start(Some(&root.path().join("cache")));
        assert!(!said.contains("WARN"), "{parts:?} {link:?}: {said}");
        let kept = fs::read_dir(root.path().join("cache/tollgate/compiled")).unwrap().count();
        assert!(kept > 0, "{parts:?} {link:?}: nothing was kept");
    }
}

/// Makes folders with these modes, and then a link.
fn lay(root: &Path, parts: &[(&str, u32)], link: Option<(&str, &str)>) {
    for (part, mode) in parts {
        fs::create_dir(root.join(part)).unwrap();
        fs::set_permissions(root.join(part), Permissions::from_mode(*mode)).unwrap();
    }
    if let Some((from, to)) = link {
        symlink(to, root.join(from)).unwrap();
    }
}

#[test]
fn whoever_has_no_folder_for_it_hears_once_that_every_start_compiles() {
    for cache in [None, Some(Path::new("")), Some(Path::new("relative"))] {
        let said = start(cache);
        let lines = said.lines().filter(|line| line.contains("every start compiles again"));
        assert_eq!(lines.filter(|line| line.contains("INFO")).count(), 1, "{said}");
    }
}
