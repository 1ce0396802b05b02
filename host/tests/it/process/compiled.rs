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
fn a_link_is_judged_by_where_it_leads() {
    let (cache, above, _) = folders();
    let elsewhere = tempfile::tempdir().unwrap();
    fs::set_permissions(elsewhere.path(), Permissions::from_mode(0o777)).unwrap();
    symlink(elsewhere.path(), above).unwrap();
    assert!(start(Some(cache.path())).contains("WARN"));
}

#[test]
fn whoever_has_no_folder_for_it_hears_once_that_every_start_compiles() {
    for cache in [None, Some(Path::new("")), Some(Path::new("relative"))] {
        let said = start(cache);
        let lines = said.lines().filter(|line| line.contains("every start compiles again"));
        assert_eq!(lines.filter(|line| line.contains("INFO")).count(), 1, "{said}");
    }
}
