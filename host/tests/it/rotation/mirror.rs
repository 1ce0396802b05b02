//! The folder that mirrors the key group: what lies in it besides.

use std::fs;

use tollgate_backends::ports::Algorithm;
use tollgate_emulators::{cdn, services};

use super::{
    account::{Account, finish, make, public},
    refusals::changes,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_no_public_key_is_refused_by_name_and_left_as_it_is() {
    let account = Account::new().await;
    let folder = account.file("public");
    fs::create_dir_all(&folder).unwrap();
    let private = make(Algorithm::EcdsaP256);
    let both = format!("{private}{}", public(&private));
    let first = format!("{}.pem", account.first);
    for (name, contents) in [
        ("KOTHER.pem", private.as_bytes()),
        ("KBOTH.pem", both.as_bytes()),
        ("backup.pem", b"not yet"),
        ("bytes.pem", b"\xff\xfe"),
        // Of the same name as a key of the group, it would be written over.
        (first.as_str(), private.as_bytes()),
    ] {
        let file = folder.join(name);
        fs::write(&file, contents).unwrap();
        for command in [&["rotate"][..], &["rotate", "--dry-run"], &["status"]] {
            let outcome = account.run(command);
            assert_eq!(outcome.code, Some(1), "{name}: {outcome}");
            assert!(outcome.err.contains(&format!("public/{name} is")), "{name}: {outcome}");
            assert!(outcome.err.contains("is no public key"), "{name}: {outcome}");
        }
        assert_eq!(fs::read(&file).unwrap(), contents, "{name}");
        fs::remove_file(file).unwrap();
    }
    assert_eq!(changes(&account), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_key_that_is_not_in_the_group_is_named_before_it_is_deleted() {
    let account = Account::new().await;
    let folder = account.file("public");
    fs::create_dir_all(folder.join("KFOLDER.pem")).unwrap();
    let key = public(&make(Algorithm::Rsa2048));
    for name in ["KOLD.pem", "notes.txt", "a-b.pem"] {
        fs::write(folder.join(name), &key).unwrap();
    }
    // The name of a key of the group, and another key in it.
    fs::write(folder.join(format!("{}.pem", account.first)), &key).unwrap();
    for command in [&["rotate", "--dry-run"][..], &["status"]] {
        let plan = account.run(command);
        assert!(plan.done().contains("which deletes KOLD.pem there"), "{plan}");
    }
    assert!(folder.join("KOLD.pem").exists());
    finish(&account.rotation().await, false).await.unwrap();
    let mut left: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    left.sort();
    let mut expected = [&format!("{}.pem", account.first), "KFOLDER.pem", "a-b.pem", "notes.txt"];
    expected.sort();
    assert_eq!(left, expected);
    let written = fs::read_to_string(folder.join(format!("{}.pem", account.first))).unwrap();
    assert_eq!(Some(written), cdn::public_key(services(), &account.first));
}
