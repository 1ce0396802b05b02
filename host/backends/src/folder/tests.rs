//! What only a file system has: links, permissions, a folder that goes away.

use std::{fs, os::unix::fs::symlink};

use super::*;

struct Place {
    folder: tempfile::TempDir,
    objects: FolderObjects,
}

fn place() -> Place {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("content");
    fs::create_dir_all(root.join("a")).unwrap();
    fs::write(root.join("a/b.mp4"), "x").unwrap();
    fs::write(folder.path().join("outside.mp4"), "x").unwrap();
    let objects = FolderObjects { root };
    Place { folder, objects }
}

#[tokio::test]
async fn a_link_is_followed_inside_and_refused_when_it_leads_out() {
    let place = place();
    let root = &place.objects.root;
    symlink("a/b.mp4", root.join("inside.mp4")).unwrap();
    symlink("../outside.mp4", root.join("relative.mp4")).unwrap();
    symlink(place.folder.path().join("outside.mp4"), root.join("absolute.mp4")).unwrap();
    symlink("..", root.join("up")).unwrap();
    symlink("nothing", root.join("dangling.mp4")).unwrap();
    assert!(place.objects.exists("inside.mp4").await.unwrap());
    assert!(!place.objects.exists("dangling.mp4").await.unwrap());
    for key in ["relative.mp4", "absolute.mp4", "up", "up/outside.mp4", "up/content/../x"] {
        let refused = place.objects.exists(key).await;
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
    fs::rename(&place.objects.root, &moved).unwrap();
    let refused = place.objects.exists("a/b.mp4").await;
    assert!(matches!(refused, Err(PortError::Unavailable(_))), "{refused:?}");
    fs::rename(&moved, &place.objects.root).unwrap();
    assert!(place.objects.exists("a/b.mp4").await.unwrap());
}

#[test]
fn a_refusal_of_the_file_system_is_never_an_absence() {
    // Asked of the mapping, because the super-user of a build machine is refused nothing.
    let denied = absent(&io::Error::from(io::ErrorKind::PermissionDenied));
    assert!(matches!(denied, Err(PortError::AccessDenied(_))), "{denied:?}");
    let broken = absent(&io::Error::from(io::ErrorKind::StaleNetworkFileHandle));
    assert!(matches!(broken, Err(PortError::Unavailable(_))), "{broken:?}");
}
