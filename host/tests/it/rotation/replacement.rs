//! A key that got out: `--replace` goes on until it is trusted no more, wherever it stands.

use serde_json::json;
use tollgate_backends::ports::Algorithm;
use tollgate_emulators::{cdn, services, stage};

use super::{
    account::{Account, finish, go_on, make, public, slow},
    refusals::{changes, promoted},
};
use crate::cli::process::Outcome;

/// As in an emergency, with waits of hardly any time.
fn replace(account: &Account, id: &str, more: &[&str]) -> Outcome {
    let quick = ["--propagation=0", "--url-lifetime=0", "--max-key-age=0"];
    account.run(&[&["rotate", "--replace", id], &quick[..], more].concat())
}

fn in_use(account: &Account, id: &str) -> bool {
    account.found().group.iter().any(|key| key == id)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_leaks_while_its_predecessor_drains_is_replaced_too() {
    let account = Account::new().await;
    promoted(&account).await;
    let (leaked, _) = account.held("AWSCURRENT");
    changes(&account);
    let plan = replace(&account, &leaked, &["--dry-run"]);
    assert!(plan.done().contains(&format!("{leaked} signs now: after this rotation")), "{plan}");
    assert_eq!(changes(&account), [""; 0]);
    // Without leave to wait it does what it can, and says what remains.
    let some = account.run(&["rotate", "--replace", &leaked, "--url-lifetime=1h"]);
    assert!(
        some.done().contains(&format!("{leaked} is still trusted\nnothing more can")),
        "{some}"
    );
    assert!(some.out.contains(&format!("rotate --replace {leaked}` after 20")), "{some}");
    assert!(some.out.trim_end().ends_with(&format!("signs now is {leaked}")), "{some}");
    let outcome = replace(&account, &leaked, &["--wait"]);
    let (signs, _) = account.held("AWSCURRENT");
    assert!(outcome.done().contains(&format!("{leaked} is not in the key group any more")));
    assert!(outcome.done().ends_with(&format!("signs now is {signs}")), "{outcome}");
    assert!(signs != leaked && signs != account.first, "{outcome}");
    assert_eq!(account.found().group, std::slice::from_ref(&signs), "{outcome}");
    for gone in [&leaked, &account.first] {
        assert_eq!(cdn::public_key(services(), gone), None);
    }
    // Once more: it is out, so nothing is changed, and nothing begins.
    let again = replace(&account, &leaked, &["--wait"]);
    assert!(again.done().ends_with(&format!("signs now is {signs}")), "{again}");
    assert_eq!(account.found().group, [signs]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_rotation_is_enough_where_the_key_signs_or_is_being_retired() {
    for begun in [false, true] {
        let account = Account::new().await;
        if begun {
            promoted(&account).await;
        }
        replace(&account, &account.first, &["--wait"]).done();
        account.assert_rotated(&format!("begun: {begun}"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_never_signed_goes_at_once() {
    let account = Account::new().await;
    go_on(&account.rotation_of(slow()).await, true).await.unwrap();
    let (pending, _) = account.held("AWSPENDING");
    assert!(in_use(&account, &pending));
    let outcome = replace(&account, &pending, &[]);
    assert!(outcome.done().ends_with(&format!("signs now is {}", account.first)), "{outcome}");
    assert_eq!(account.found().group, std::slice::from_ref(&account.first));
    assert!(!account.found().labels.to_string().contains("AWSPENDING"), "{outcome}");
    assert_eq!(cdn::public_key(services(), &pending), None);
    // The rotation that was discarded hinders no other.
    finish(&account.rotation().await, true).await.unwrap();
    assert!(!in_use(&account, &account.first));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_in_the_group_that_the_secret_does_not_know_goes_at_once() {
    let mut account = Account::new().await;
    let name = format!("{}-stranger", account.secret);
    let other = cdn::make_public_key(services(), &name, &public(&make(Algorithm::EcdsaP256)));
    account.group = cdn::make_key_group(services(), &name, &[&account.first, &other]);
    account.configure("");
    replace(&account, &other, &[]).done();
    assert_eq!(account.found().group, std::slice::from_ref(&account.first));
    assert_eq!(cdn::public_key(services(), &other), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_that_nothing_has_and_one_that_the_policy_names_are_refused() {
    let account = Account::new().await;
    let outcome = replace(&account, "KNOBODY", &["--wait"]);
    assert_eq!(outcome.code, Some(1), "{outcome}");
    assert!(outcome.err.contains("nothing is called KNOBODY"), "{outcome}");
    assert!(outcome.err.contains(&account.first), "it says what there is: {outcome}");
    let file = account.file("tollgate.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let pin = format!("key-pair-id = \"{}\", domain", account.first);
    std::fs::write(&file, text.replacen("domain", &pin, 1)).unwrap();
    let outcome = replace(&account, &account.first, &["--wait"]);
    assert_eq!(outcome.code, Some(1), "{outcome}");
    assert!(outcome.err.contains("policy.key-pair-id"), "{outcome}");
    assert_eq!(changes(&account), [""; 0]);
    // A key that is only in the secret, and not at CloudFront, cannot be what edges trust.
    let text = json!({ "keyPairId": "KGHOST", "privateKey": make(Algorithm::EcdsaP256) });
    stage::put_secret(services(), &account.secret, &text.to_string(), &["AWSPREVIOUS"]);
    std::fs::write(&file, std::fs::read_to_string(&file).unwrap().replacen(&pin, "domain", 1))
        .unwrap();
    let outcome = replace(&account, "KGHOST", &[]);
    assert!(outcome.done().contains("KGHOST is not in the key group any more"), "{outcome}");
}
