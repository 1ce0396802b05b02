//! Key groups that are folders: what is put there is trusted within seconds, what is taken away is not.

use std::{fs, path::Path};

use tollgate::edge::{Edge, KeyWatch};

use super::scene::{Scene, get, keys_and_objects, read, sign, usual};
use crate::patience::until;

/// An edge that trusts what lies in `keys`, where K2 does at first.
async fn started() -> (Scene, KeyWatch) {
    let scene =
        Scene::prepared(&grouped("players = \"keys\""), |folder| put(folder, "K2", "p256")).await;
    scene.put("a.ts", "segment");
    let watch = scene.edge.watch().expect("there is a folder");
    (scene, watch)
}

fn grouped(players: &str) -> String {
    let text = usual("", "http://127.0.0.1:9");
    let line = r#"players = { K1 = "rsa-2048.public.pem", K2 = "p256.public.pem" }"#;
    assert!(text.contains(line));
    text.replace(line, players)
}

/// Puts a public key where the group is, as a whole.
fn put(folder: &Path, id: &str, key: &str) {
    let keys = folder.join("keys");
    fs::create_dir_all(&keys).unwrap();
    fs::copy(sign::testdata(&format!("{key}.public.pem")), keys.join(".new")).unwrap();
    fs::rename(keys.join(".new"), keys.join(format!("{id}.pem"))).unwrap();
}

async fn status(scene: &Scene, id: &str, key: &str) -> (u16, String) {
    let reply = get(scene.address, &sign::signed_by(id, key, "/a.ts", &sign::terms())).await;
    (reply.status, reply.code().to_owned())
}

fn denied() -> (u16, String) {
    (403, "InvalidKey".to_owned())
}

#[tokio::test]
async fn two_keys_are_trusted_at_once_and_one_that_is_taken_away_is_not() {
    let (scene, _watch) = started().await;
    let (old, new) = (("K2", "p256"), ("K1", "rsa-2048"));
    let allowed = (200, String::new());
    assert_eq!(status(&scene, old.0, old.1).await, allowed);
    assert_eq!(status(&scene, new.0, new.1).await, denied());
    put(scene.folder(), new.0, new.1);
    until("the new key is trusted", async || status(&scene, new.0, new.1).await == allowed).await;
    assert_eq!(status(&scene, old.0, old.1).await, allowed, "and so is the old one");
    fs::remove_file(scene.folder().join("keys/K2.pem")).unwrap();
    until("the old key is not", async || status(&scene, old.0, old.1).await == denied()).await;
    assert_eq!(status(&scene, new.0, new.1).await, allowed);
    // With the last key goes the last signature, and still nothing is public.
    fs::remove_dir_all(scene.folder().join("keys")).unwrap();
    until("nobody is trusted", async || status(&scene, new.0, new.1).await == denied()).await;
    assert_eq!(get(scene.address, "/a.ts").await.code(), "MissingKey");
    put(scene.folder(), old.0, old.1);
    until("a folder that comes back", async || status(&scene, old.0, old.1).await == allowed).await;
}

#[tokio::test]
async fn an_id_that_changes_hands_opens_nothing_it_opened_before() {
    let (scene, _watch) = started().await;
    let target = |key| sign::signed_by("K2", key, "/a.ts", &sign::terms());
    let before = target("p256");
    for _ in 0..3 {
        assert_eq!(get(scene.address, &before).await.status, 200, "and is remembered as genuine");
    }
    put(scene.folder(), "K2", "rsa-2048");
    until("the id is another key's", async || {
        get(scene.address, &target("rsa-2048")).await.status == 200
    })
    .await;
    let reply = get(scene.address, &before).await;
    assert_eq!((reply.status, reply.code()), (403, "AccessDenied"));
}

#[tokio::test]
async fn a_file_that_cannot_be_used_takes_nothing_away_and_does_not_shield_what_is_gone() {
    let (scene, _watch) = started().await;
    put(scene.folder(), "K1", "rsa-2048");
    until("both", async || status(&scene, "K1", "rsa-2048").await.0 == 200).await;
    // K1 is being written, and at the same time K2 is withdrawn.
    fs::write(scene.folder().join("keys/K1.pem"), "-----BEGIN PUBLIC").unwrap();
    fs::remove_file(scene.folder().join("keys/K2.pem")).unwrap();
    until("K2 is withdrawn", async || status(&scene, "K2", "p256").await == denied()).await;
    assert_eq!(status(&scene, "K1", "rsa-2048").await.0, 200);
}

#[tokio::test]
async fn a_sixth_key_is_not_trusted_and_the_five_stay() {
    let (scene, _watch) = started().await;
    for id in ["KA", "KB", "KC", "KD"] {
        put(scene.folder(), id, "rsa-2048");
    }
    until("five", async || status(&scene, "KD", "rsa-2048").await.0 == 200).await;
    put(scene.folder(), "K1", "other-rsa-2048");
    // That it was looked at can be told by another change, which comes later.
    fs::remove_file(scene.folder().join("keys/KA.pem")).unwrap();
    fs::write(scene.folder().join("keys/KE.pem"), "").unwrap();
    until("one is gone", async || status(&scene, "KA", "rsa-2048").await == denied()).await;
    assert_eq!(status(&scene, "K1", "other-rsa-2048").await, denied());
    for (id, key) in [("KB", "rsa-2048"), ("K2", "p256")] {
        assert_eq!(status(&scene, id, key).await.0, 200, "{id}");
    }
}

#[tokio::test]
async fn a_folder_without_usable_keys_stops_the_start() {
    type Prepare = fn(&Path);
    for (case, prepare, rule) in [
        ("no folder", (|_| ()) as Prepare, "cannot be read"),
        ("empty", |folder| fs::create_dir(folder.join("keys")).unwrap(), "1 to 5 public keys"),
        (
            "six",
            |folder| {
                ["K1", "K2", "K3", "K4", "K5", "K6"].iter().for_each(|id| put(folder, id, "p256"))
            },
            "more than 5",
        ),
        ("no id", |folder| put(folder, "not-an-id", "p256"), "named by a key-pair-id"),
        ("another kind", |folder| put(folder, "K1", "p384"), "edge.key-groups.players.K1"),
        (
            "a private key",
            |folder| {
                put(folder, "K2", "p256");
                fs::copy(sign::testdata("p256.pkcs8.pem"), folder.join("keys/K1.pem")).unwrap();
            },
            "edge.key-groups.players.K1",
        ),
    ] {
        let folder = keys_and_objects();
        prepare(folder.path());
        let table = read(folder.path(), &grouped("players = \"keys\"")).unwrap();
        let mistakes = Edge::open(table.settings, sign::component()).await.err().expect(case);
        let text: String = mistakes.iter().map(|mistake| format!("{mistake}\n")).collect();
        assert!(text.contains(rule) && text.contains("edge.key-groups.players"), "{case}: {text}");
        let secret = sign::private("p256");
        assert!(!text.contains(&secret.lines().nth(1).unwrap()[..16]), "{case}");
    }
    // What is not called `.pem` is nobody's key.
    let folder = keys_and_objects();
    put(folder.path(), "K1", "p256");
    fs::write(folder.path().join("keys/README"), "the public keys of production").unwrap();
    let table = read(folder.path(), &grouped("players = \"keys\"")).unwrap();
    assert!(Edge::open(table.settings, sign::component()).await.is_ok());
    let mistakes = read(folder.path(), &grouped("players = 5")).unwrap_err();
    assert!(mistakes.contains("edge.key-groups.players: must be a table"), "{mistakes}");
}
