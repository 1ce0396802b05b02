//! What installations stand on: a key, objects, users and episodes, and the tables that say where those are.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use tollgate_backends::{administration::Administration, ports::Media};

/// The private key CloudFront would trust the public half of.
pub const SIGNING_KEY: &str =
    include_str!("../../../signer-component/core/testdata/p256.pkcs8.pem");

/// The public half.
pub const SIGNING_KEY_PUBLIC: &str =
    include_str!("../../../signer-component/core/testdata/p256.public.pem");

/// The tables of what a gate asks, with more lines for two of them.
pub fn tables(policy: &str, keys: &str) -> String {
    format!(
        r#"
        [policy]
        domain = "media.example.com"
        {policy}
        [store]
        type = "sqlite"
        path = "tollgate.db"
        [objects]
        type = "folder"
        path = "objects"
        [signing-keys]
        type = "pem"
        key-pair-id = "K1"
        path = "key.pem"
        {keys}
        "#
    )
}

/// Puts the key and the objects of series `s` where the tables say.
pub fn prepare(folder: &Path) {
    let key = folder.join("key.pem");
    fs::write(&key, SIGNING_KEY).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    for object in ["content/series/s/video/hls/video.m3u8", "content/series/s/raw/raw.mp4"] {
        let object = folder.join("objects").join(object);
        fs::create_dir_all(object.parent().unwrap()).unwrap();
        fs::write(object, "x").unwrap();
    }
}

/// Tells the store of users with an entitlement of each kind, and of the episodes of series `s`.
pub async fn fill(store: &dyn Administration) {
    for (user, status, valid_until) in [
        ("alice", "Active", None),
        ("carol", "Completed", None),
        ("erin", "Expired", None),
        ("dave", "Active", Some(1)),
    ] {
        store.grant(user, "s", status, valid_until).await.unwrap();
    }
    let key = |name: &str| Some(format!("content/series/s/{name}"));
    for (episode, video, poster) in [
        ("hls", None, key("video/hls/poster.jpg")),
        ("raw", key("raw/raw.mp4"), None),
        ("nothing", None, None),
        ("broken", Some("content//twice.mp4".to_owned()), None),
    ] {
        store.put_episode("s", episode, &Media { video, poster }).await.unwrap();
    }
}
