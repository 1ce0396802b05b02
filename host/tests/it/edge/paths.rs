//! No path leaves the folder, on a behaviour that is open to everybody.

use std::{fs, os::unix::fs::symlink, process::Command};

use super::scene::{Scene, get};
use crate::patience::until;

const SECRET: &str = "nobody may read this";

/// An open folder with traps in it, and a secret beside it.
async fn trapped() -> Scene {
    let scene = Scene::configured(
        r#"
        [edge]
        [[edge.origins]]
        name = "objects"
        type = "folder"
        path = "objects"
        [[edge.behaviors]]
        path-pattern = "*"
        origin = "objects"
        "#,
    )
    .await;
    let objects = scene.objects();
    let beside = objects.parent().unwrap();
    scene.put("a/b.ts", "segment");
    scene.put(".hidden", SECRET);
    scene.put(".git/config", SECRET);
    scene.put("a/.hidden", SECRET);
    fs::write(beside.join("secret"), SECRET).unwrap();
    fs::create_dir(beside.join("objects-beside")).unwrap();
    fs::write(beside.join("objects-beside/secret"), SECRET).unwrap();
    symlink("../secret", objects.join("relative")).unwrap();
    symlink(beside.join("secret"), objects.join("absolute")).unwrap();
    symlink(beside, objects.join("folder")).unwrap();
    symlink("../objects-beside", objects.join("sibling")).unwrap();
    symlink("loop", objects.join("loop")).unwrap();
    symlink("nowhere", objects.join("dangling")).unwrap();
    symlink("a/b.ts", objects.join("inside")).unwrap();
    scene
}

#[tokio::test]
async fn no_path_escapes_the_folder() {
    let scene = trapped().await;
    let root = scene.objects().display().to_string();
    let secret = scene.objects().parent().unwrap().join("secret").display().to_string();
    let long = format!("/{}", "a".repeat(300));
    let deep = "/a".repeat(2040);
    for path in [
        "/../secret",
        "/a/../../secret",
        "/%2e%2e/secret",
        "/%2E%2e/secret",
        "/.%2e/secret",
        "/..%2fsecret",
        "/..%2Fsecret",
        "/a/..%2f..%2fsecret",
        "/%2e%2e%2fsecret",
        "/..%252fsecret",
        "/%252e%252e/secret",
        "/..\\secret",
        "/..%5csecret",
        "/a\\..\\..\\secret",
        "/%c0%ae%c0%ae/secret",
        "/../objects-beside/secret",
        "/..;/secret",
        "//etc/passwd",
        "/etc/passwd",
        "//secret",
        "/%2fetc%2fpasswd",
        "///etc/passwd",
        "/file:///etc/passwd",
        "/a/%00",
        "/a/b.ts%00",
        "/a/b.ts%00.jpg",
        "/%00",
        "/a/%0a",
        "/relative",
        "/absolute",
        "/folder/secret",
        "/sibling/secret",
        "/loop",
        "/loop/secret",
        "/dangling",
        "/.hidden",
        "/%2ehidden",
        "/.git/config",
        "/a/.hidden",
        "/",
        "/a",
        "/a/",
        "/a/b.ts/",
        "/a/b.ts/c",
        "/a//b.ts",
        "/./a/b.ts",
        &long,
        &deep,
        &root,
        &secret,
        &format!("/{secret}"),
    ] {
        let reply = get(scene.address, path).await;
        assert!([400, 403, 404].contains(&reply.status), "{path}: {}", reply.status);
        assert!(!reply.text().contains(SECRET), "{path}");
        assert!(!reply.text().contains("root:"), "{path}");
    }
}

#[tokio::test]
async fn what_lies_in_the_folder_is_served() {
    let scene = trapped().await;
    for path in ["/a/b.ts", "/a/b%2Ets", "/%61/b.ts", "/inside"] {
        let reply = get(scene.address, path).await;
        assert_eq!((reply.status, reply.text()), (200, "segment"), "{path}");
    }
}

#[tokio::test]
async fn a_pipe_or_a_socket_in_the_folder_is_not_there_and_does_not_hang_anybody() {
    let scene = trapped().await;
    let pipe = scene.objects().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    symlink("pipe", scene.objects().join("to-pipe")).unwrap();
    symlink("/dev/zero", scene.objects().join("device")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(scene.objects().join("socket")).unwrap();
    for path in ["/pipe", "/to-pipe", "/device", "/socket"] {
        assert_eq!(get(scene.address, path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn a_link_that_is_turned_outwards_later_is_gone_though_its_bytes_were_kept() {
    let scene = trapped().await;
    let link = scene.objects().join("inside");
    assert_eq!(get(scene.address, "/inside").await.text(), "segment");
    fs::remove_file(&link).unwrap();
    symlink("../secret", &link).unwrap();
    // For a moment there is what was kept, and never what the link leads to now.
    until("the link is turned", async || {
        let reply = get(scene.address, "/inside").await;
        assert!(reply.status == 404 || reply.text() == "segment");
        reply.status == 404
    })
    .await;
}
