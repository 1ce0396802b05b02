//! What a rotation does not do: remove a key too early, begin twice, guess.

use std::time::Duration;

use serde_json::{Value, json};
use tollgate_backends::{
    ports::Algorithm,
    rotation::{Progress, Settings},
};
use tollgate_emulators::{Fault, ask, cdn, services, stage};

use super::account::{Account, finish, go_on, make, public, settings};
use crate::patience::until;

/// As if URLs lived for an hour.
fn patient() -> Settings {
    Settings {
        url_lifetime: Duration::from_secs(3000),
        max_key_age: Duration::from_secs(600),
        ..settings()
    }
}

/// Calls that change something.
pub fn changes(account: &Account) -> Vec<String> {
    let reads = ["DescribeSecret", "GetSecretValue"];
    let calls = account.proxy.take_calls().into_iter().map(|call| call.operation);
    calls.filter(|name| !name.starts_with("GET ") && !reads.contains(&name.as_str())).collect()
}

/// Takes the new key until it signs, and no further.
pub async fn promoted(account: &Account) -> u64 {
    let rotation = account.rotation_of(patient()).await;
    let mut plan = go_on(&rotation, true).await.unwrap();
    until("the new key signs", async || {
        plan = go_on(&rotation, false).await.unwrap();
        account.held("AWSCURRENT").0 != account.first
    })
    .await;
    let wait = plan.not_before().unwrap() - rotation.now();
    assert!((3590..=3602).contains(&wait), "{wait}");
    plan.not_before().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_may_have_live_urls_stays() {
    let account = Account::new().await;
    let until = promoted(&account).await;
    changes(&account);
    // Whoever asks again, from whatever machine, is told the same, and nothing happens; nor does a second rotation.
    let again = account.rotation_of(patient()).await;
    for begin in [false, true] {
        let plan = go_on(&again, begin).await.unwrap();
        assert_eq!(plan.not_before(), Some(until));
        let last: Vec<_> = plan.steps.iter().rev().map(|step| step.name()).take(3).collect();
        assert_eq!(last, ["delete", "remove", "drain"]);
        assert!(plan.steps.iter().all(|step| step.progress != Progress::Now));
    }
    assert_eq!(changes(&account), [""; 0]);
    let group = account.found().group;
    assert!(group.len() == 2 && group.contains(&account.first), "{group:?}");
    // And when it is time, it is done.
    finish(&account.rotation().await, false).await.unwrap();
    assert_eq!(cdn::public_key(services(), &account.first), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clock_of_a_promotion_that_nobody_noted_starts_now() {
    let account = Account::new().await;
    let before = promoted(&account).await;
    // The note is lost, and the secret was changed long ago as far as anybody can tell.
    let comment = "<PublicKeyConfig><CallerReference>{ref}</CallerReference><Name>{ref}</Name><EncodedKey>{key}</EncodedKey></PublicKeyConfig>";
    let pem = cdn::public_key(services(), &account.first).unwrap();
    let body = comment.replace("{ref}", &account.secret).replace("{key}", &pem);
    cdn::replace_public_key(services(), &account.first, &body);
    tokio::time::sleep(Duration::from_millis(2100)).await;
    let rotation = account.rotation_of(patient()).await;
    let plan = rotation.plan(false).await.unwrap();
    assert_eq!(plan.next_now().map(|step| step.name()), Some("mark"));
    let plan = go_on(&rotation, false).await.unwrap();
    let after = plan.not_before().unwrap();
    assert!(after > before, "{before} {after}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mark_of_a_rotation_that_was_taken_back_does_not_count() {
    let account = Account::new().await;
    promoted(&account).await;
    let new = account.found().labels;
    let new = new.as_object().unwrap().keys().find(|id| **id != account.version).unwrap().clone();
    // Back to the old key: now the new one is what may have live URLs.
    let back = json!({
        "SecretId": account.secret, "VersionStage": "AWSCURRENT",
        "MoveToVersionId": account.version, "RemoveFromVersionId": new,
    });
    ask(services(), "secretsmanager.UpdateSecretVersionStage", &back).unwrap();
    let plan = account.rotation_of(patient()).await.plan(true).await.unwrap();
    let mark = plan.steps.iter().find(|step| step.name() == "mark").unwrap();
    assert!(mark.progress == Progress::Now && !mark.text.contains(&account.first), "{}", mark.text);
    finish(&account.rotation().await, false).await.unwrap();
    assert_eq!(account.found().group, std::slice::from_ref(&account.first));
    assert_eq!(account.held("AWSCURRENT").0, account.first);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_back_before_it_was_noted_is_not_promoted_again() {
    let account = Account::new().await;
    let pending = json!({ "privateKey": make(Algorithm::EcdsaP256) }).to_string();
    stage::put_secret(services(), &account.secret, &pending, &["AWSPENDING", "AWSPREVIOUS"]);
    let error = go_on(&account.rotation().await, true).await.unwrap_err().to_string();
    assert!(error.contains("taken back by hand") && error.contains("AWSPENDING off"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_that_seemed_to_fail_is_no_leave_to_begin_again() {
    let account = Account::new().await;
    promoted(&account).await;
    let delete = format!("DELETE /2020-05-31/public-key/{}", account.first);
    let rotation = account.rotation().await;
    // Nothing but the deletion is left.
    account.proxy.fail(&delete, Fault::Reset, 100);
    until("the deletion fails", async || go_on(&rotation, false).await.is_err()).await;
    account.proxy.heal();
    // It happens, and every attempt the SDK makes at it seems to fail.
    account.proxy.fail(&delete, Fault::LostReply, 1);
    account.proxy.fail(&delete, Fault::Reset, 3);
    let plan = go_on(&rotation, true).await.unwrap();
    assert!(!plan.under_way && plan.steps.is_empty(), "{plan:?}");
    account.assert_rotated("the end");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_begun_by_hand_is_gone_on_with() {
    let account = Account::new().await;
    let private = make(Algorithm::Rsa2048);
    // As docs/key-rotation.md does it: the key alone under AWSPENDING, and its other half registered.
    stage::put_secret(services(), &account.secret, &private, &["AWSPENDING"]);
    let name = format!("{}-by-hand", account.secret);
    let id = cdn::make_public_key(services(), &name, &public(&private));
    finish(&account.rotation().await, false).await.unwrap();
    assert_eq!(account.found().group, std::slice::from_ref(&id));
    assert_eq!(account.held("AWSCURRENT"), (id, private));
    assert_eq!(account.registered(), [""; 0], "none was made beside it");
    assert_eq!(cdn::public_key(services(), &account.first), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_else_the_secret_holds_is_carried_over() {
    let others = json!({ "team": "players", "alarm": { "days": [30, 7] } });
    let full = |id: &str, key: &str| {
        let mut text = others.clone();
        text["keyPairId"] = json!(id);
        text["privateKey"] = json!(key);
        text.to_string()
    };
    for by_hand in [false, true] {
        let account = Account::made(full).await;
        if by_hand {
            let private = make(Algorithm::EcdsaP256);
            stage::put_secret(services(), &account.secret, &private, &["AWSPENDING"]);
        }
        finish(&account.rotation().await, !by_hand).await.unwrap();
        let (id, private) = account.held("AWSCURRENT");
        assert_ne!(id, account.first);
        let request = json!({ "SecretId": account.secret, "VersionStage": "AWSCURRENT" });
        let read = ask(services(), "secretsmanager.GetSecretValue", &request).unwrap();
        let text: Value = serde_json::from_str(read["SecretString"].as_str().unwrap()).unwrap();
        assert_eq!(text, serde_json::from_str::<Value>(&full(&id, &private)).unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_group_is_refused_before_anything_is_made() {
    let account = Account::new().await;
    let mut keys = vec![account.first.clone()];
    for n in 0..4 {
        let key = public(&make(Algorithm::EcdsaP256));
        keys.push(cdn::make_public_key(services(), &format!("{}-{n}", account.secret), &key));
    }
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let mut full = Account::new().await;
    full.group = cdn::make_key_group(services(), &format!("{}-full", account.secret), &keys);
    full.configure("");
    let error = go_on(&full.rotation().await, true).await.unwrap_err().to_string();
    assert!(error.contains("holds 5 public keys"), "{error}");
    assert_eq!(changes(&full), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_the_policy_names_is_not_retired() {
    let account = Account::new().await;
    promoted(&account).await;
    let pinned = Settings { pinned: Some(account.first.clone()), ..settings() };
    let error = go_on(&account.rotation_of(pinned).await, false).await.unwrap_err().to_string();
    assert!(error.contains("policy.key-pair-id") && error.contains(&account.first), "{error}");
    assert!(account.found().group.contains(&account.first));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bare_key_is_followed_by_a_document_and_its_kind_is_kept_or_changed() {
    for (algorithm, words) in [(None, "EC"), (Some(Algorithm::Rsa2048), "RSA")] {
        let account = Account::made(|_, key| key.to_owned()).await;
        account.configure(&format!("key-pair-id = \"{}\"", account.first));
        let rotation = account.rotation_of(Settings { algorithm, ..settings() }).await;
        finish(&rotation, true).await.unwrap();
        account.assert_rotated("a bare key");
        let (_, key) = account.held("AWSCURRENT");
        let text = crate::cli::openssl::openssl_text(&["pkey", "-text", "-noout"], key.as_bytes());
        assert_eq!(text.contains("modulus"), words == "RSA", "{words}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_names_the_permission_and_a_repeat_goes_on() {
    let account = Account::new().await;
    let group = format!("PUT /2020-05-31/key-group/{}", account.group);
    let old = format!("/2020-05-31/public-key/{}", account.first);
    for (operation, permission) in [
        ("DescribeSecret", "secretsmanager:DescribeSecret"),
        ("GetSecretValue", "secretsmanager:GetSecretValue"),
        ("PutSecretValue", "secretsmanager:PutSecretValue"),
        ("GET /2020-05-31/public-key", "cloudfront:ListPublicKeys"),
        ("POST /2020-05-31/public-key", "cloudfront:CreatePublicKey"),
        (&*format!("GET /2020-05-31/key-group/{}", account.group), "cloudfront:GetKeyGroup"),
        (&*group, "cloudfront:UpdateKeyGroup"),
        ("UpdateSecretVersionStage", "secretsmanager:UpdateSecretVersionStage"),
        (&*format!("GET {old}"), "cloudfront:GetPublicKey"),
        (&*format!("PUT {old}/config"), "cloudfront:UpdatePublicKey"),
        (&*format!("DELETE {old}"), "cloudfront:DeletePublicKey"),
    ] {
        account.proxy.fail(operation, Fault::AccessDenied, 100);
        let begin = account.found().labels.as_object().unwrap().len() == 1;
        let error =
            finish(&account.rotation().await, begin).await.expect_err(operation).to_string();
        assert!(
            error.contains(permission) && error.contains("not allowed"),
            "{operation}: {error}"
        );
        account.proxy.heal();
    }
    finish(&account.rotation().await, false).await.unwrap();
    account.assert_rotated("after refusals");
}
