//! Two who begin at the same time, and what one of them may have left in the group.

use std::time::Duration;

use serde_json::json;
use tollgate_backends::{ports::Algorithm, rotation::RotationError};
use tollgate_emulators::{Fault, cdn, services, stage};
use zeroize::Zeroizing;

use super::{
    account::{Account, make, public},
    refusals::changes,
};
use crate::patience::until;

/// Puts another draft under AWSPENDING, as somebody else's `keys rotate` does; its version.
fn rival(secret: &str) -> String {
    let draft = json!({ "privateKey": make(Algorithm::EcdsaP256) }).to_string();
    stage::put_secret(services(), secret, &draft, &["AWSPENDING"])
}

fn overtaken(outcome: Result<impl Sized, RotationError>) {
    let error = outcome.map(|_| "it went on").unwrap_err();
    assert!(matches!(error, RotationError::Overtaken(_)), "{error}");
    assert!(error.to_string().contains("somebody else began a rotation"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_makes_a_key_after_another_did_stops_and_leaves_theirs() {
    let account = Account::new().await;
    let (send, receive) = std::sync::mpsc::channel();
    let secret = account.secret.clone();
    let late = move |kind| {
        send.send(rival(&secret)).unwrap();
        Ok(Zeroizing::new(make(kind)))
    };
    overtaken(account.rotation().await.go_on(true, &late, &mut |_| ()).await);
    let theirs = receive.try_recv().unwrap();
    assert_eq!(account.found().labels[&theirs], json!(["AWSPENDING"]));
    assert_eq!(changes(&account), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_lost_the_label_names_no_version_and_adds_no_key() {
    for named in [false, true] {
        let account = Account::new().await;
        let private = make(Algorithm::EcdsaP256);
        let name = format!("{}-mine", account.secret);
        let id = cdn::make_public_key(services(), &name, &public(&private));
        let mut mine = json!({ "privateKey": private });
        if named {
            mine["keyPairId"] = json!(id);
        }
        stage::put_secret(services(), &account.secret, &mine.to_string(), &["AWSPENDING"]);
        // The folder first, so that the next step is the one in question.
        std::fs::create_dir_all(account.file("public")).unwrap();
        for id in [&account.first, &id] {
            let pem = cdn::public_key(services(), id).unwrap();
            std::fs::write(account.file("public").join(format!("{id}.pem")), pem).unwrap();
        }
        // Whoever is slow between looking and changing; this read is the last before it.
        account.proxy.fail("GetSecretValue", Fault::Delay(Duration::from_millis(700)), 2);
        let rotation = account.rotation().await;
        let mut silent = |_: &_| ();
        let (outcome, theirs) = tokio::join!(
            rotation.go_on(false, &|kind| Ok(Zeroizing::new(make(kind))), &mut silent),
            async {
                // By then it has seen which versions there are, and is about to read them.
                until("versions are read", async || account.proxy.count("GetSecretValue") > 0)
                    .await;
                rival(&account.secret)
            }
        );
        overtaken(outcome);
        assert_eq!(account.found().labels[&theirs], json!(["AWSPENDING"]), "{named}");
        assert_eq!(account.found().group, std::slice::from_ref(&account.first), "{named}");
        assert_eq!(changes(&account), [""; 0], "{named}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_in_the_group_that_no_label_knows_is_named_with_what_removes_it() {
    let mut account = Account::new().await;
    let name = format!("{}-left", account.secret);
    let left = cdn::make_public_key(services(), &name, &public(&make(Algorithm::EcdsaP256)));
    account.group = cdn::make_key_group(services(), &name, &[&account.first, &left]);
    account.configure("");
    for command in [&["status"][..], &["rotate", "--dry-run"]] {
        let outcome = account.run(command);
        let note = outcome.done().lines().find(|line| line.starts_with("note: ")).unwrap();
        for part in [
            &*format!("also holds {left}, which"),
            &*format!("aws cloudfront update-key-group --id {}", account.group),
            &*format!("\"Items\":[\"{}\"]", account.first),
        ] {
            assert!(note.contains(part), "{outcome}");
        }
    }
    let other = Account::new().await;
    assert!(!other.run(&["status"]).done().contains("also holds"));
}
