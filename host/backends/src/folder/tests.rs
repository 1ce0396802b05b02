//! What only a file system has: links, permissions, a folder that goes away.

use std::{fs, os::unix::fs::symlink};

use super::*;
use crate::ports::Objects as _;

struct Place {
    folder: tempfile::TempDir,
    root: PathBuf,
    objects: Shared<FolderObjects>,
}

fn place() -> Place {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("content");
    fs::create_dir_all(root.join("a")).unwrap();
    fs::write(root.join("a/b.mp4"), "x").unwrap();
    fs::write(folder.path().join("outside.mp4"), "x").unwrap();
    let store = Arc::new(FolderObjects { root: root.clone() });
    Place { folder, root, objects: Shared::new(store, Lifetimes::default()) }
}

#[tokio::test]
async fn a_link_is_followed_inside_and_refused_when_it_leads_out() {
    let place = place();
    let root = &place.root;
    symlink("a/b.mp4", root.join("inside.mp4")).unwrap();
    symlink("../outside.mp4", root.join("relative.mp4")).unwrap();
    symlink(place.folder.path().join("outside.mp4"), root.join("absolute.mp4")).unwrap();
    symlink("..", root.join("up")).unwrap();
    symlink("nothing", root.join("dangling.mp4")).unwrap();
    assert!(place.objects.exists("inside.mp4").await.unwrap());
    assert!(!place.objects.exists("dangling.mp4").await.unwrap());
    assert_eq!(place.objects.read("inside.mp4", None, 9).await.unwrap().unwrap(), "x");
    assert_eq!(place.objects.read("dangling.mp4", None, 9).await.unwrap(), None);
    for key in ["relative.mp4", "absolute.mp4", "up", "up/outside.mp4", "up/content/../x"] {
        let refused = place.objects.exists(key).await;
        assert!(matches!(refused, Err(PortError::AccessDenied(_))), "{key}: {refused:?}");
        let refused = place.objects.read(key, None, 9).await;
        assert!(matches!(refused, Err(PortError::AccessDenied(_))), "{key}: {refused:?}");
    }
}

#[tokio::test]
async fn keys_that_climb_are_refused_even_where_they_would_lead_back() {
    let place = place();
    for key in ["a/../a/b.mp4", "../content/a/b.mp4", "/a/b.mp4", "a\\b.mp4", "a/b.mp4\0"] {
        let refused = place.objects.exists(key).await;
        assert!(matches!(refused, Err(PortError::AccessDenied(_))), "{key:?}: {refused:?}");
    }
}

#[tokio::test]
async fn a_folder_that_went_away_is_unavailable_and_comes_back() {
    let place = place();
    let moved = place.folder.path().join("moved");
    fs::rename(&place.root, &moved).unwrap();
    let refused = place.objects.exists("a/b.mp4").await;
    assert!(matches!(refused, Err(PortError::Unavailable(_))), "{refused:?}");
    fs::rename(&moved, &place.root).unwrap();
    assert!(place.objects.exists("a/b.mp4").await.unwrap());
}

#[test]
fn a_refusal_of_the_file_system_is_never_an_absence() {
    // Asked of the mapping, because the super-user of a build machine is refused nothing.
    let denied = absent::<()>(&io::Error::from(io::ErrorKind::PermissionDenied));
    assert!(matches!(denied, Err(PortError::AccessDenied(_))), "{denied:?}");
    let broken = absent::<()>(&io::Error::from(io::ErrorKind::StaleNetworkFileHandle));
    assert!(matches!(broken, Err(PortError::Unavailable(_))), "{broken:?}");
}

#[tokio::test]
async fn only_plain_files_that_are_not_hidden_are_read() {
    let place = place();
    fs::write(place.root.join("a/.hidden.m3u8"), "x").unwrap();
    fs::create_dir(place.root.join(".b")).unwrap();
    fs::write(place.root.join(".b/c.m3u8"), "x").unwrap();
    // Whoever opened it would wait for somebody to write.
    let made = std::process::Command::new("mkfifo").arg(place.root.join("pipe.m3u8")).status();
    assert!(made.unwrap().success());
    for key in ["a", "a/.hidden.m3u8", ".b/c.m3u8", "pipe.m3u8"] {
        let read = tokio::time::timeout(
            std::time::Duration::from_secs(20),
            place.objects.read(key, None, 9),
        );
        assert_eq!(read.await.expect(key).unwrap(), None, "{key}");
    }
}

#[tokio::test]
async fn a_file_that_is_too_large_is_not_read() {
    let place = place();
    // Sparse: nobody could read it whole.
    let large = File::create(place.root.join("large.m3u8")).unwrap();
    large.set_len(1 << 40).unwrap();
    let refused = place.objects.read("large.m3u8", None, 1_000_000).await.unwrap_err();
    assert_eq!(refused.to_string(), "the playlist is larger than 1000000 bytes");
}
