//! `tollgate keys` as an operator runs it.

use std::{fs, os::unix::fs::PermissionsExt as _};

use tollgate_emulators::{cdn, services};

use super::{
    account::{Account, slow},
    refusals::changes,
};
use crate::cli::process::Outcome;

/// Flags of a rotation that hardly waits.
const QUICK: [&str; 3] = ["--propagation=0", "--url-lifetime=1s", "--max-key-age=0"];

fn rotate(account: &Account, more: &[&str]) -> Outcome {
    account.run(&[&["rotate"], &QUICK[..], more].concat())
}

/// Asserts that no private key that the secret ever held stands in what was written.
fn silent(account: &Account, outcome: &Outcome) {
    for label in ["AWSCURRENT", "AWSPREVIOUS"] {
        if !account.found().labels.to_string().contains(label) {
            continue;
        }
        let (_, key) = account.held(label);
        for line in key.lines().filter(|line| !line.starts_with('-')) {
            for written in [&outcome.out, &outcome.err] {
                assert!(!written.contains(&line[..line.len().min(16)]), "{outcome}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_and_a_status_print_and_change_nothing() {
    let account = Account::new().await;
    let plan = rotate(&account, &["--dry-run"]);
    let lines: Vec<&str> = plan.done().lines().collect();
    assert_eq!(lines.len(), 11, "{plan}");
    assert!(lines[0].starts_with("to do now") && lines[0].contains("AWSPENDING"), "{plan}");
    assert!(lines[1..].iter().all(|line| line.starts_with("later ")), "{plan}");
    assert!(lines[10].contains(&format!("delete public key {}", account.first)), "{plan}");
    assert!(plan.err.contains("nothing was compared with --url-lifetime"), "{plan}");
    let none = account.run(&["status"]);
    assert!(none.done().starts_with("no rotation is under way\nto do now "), "{none}");
    assert!(none.done().ends_with("bring the folder of public keys up to date"), "{none}");
    // In the middle as well.
    super::account::go_on(&account.rotation_of(slow()).await, true).await.unwrap();
    changes(&account);
    let middle = account.run(&["rotate", "--dry-run", "--json"]).json();
    let states: Vec<_> = middle["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| step["state"].as_str().unwrap())
        .collect();
    assert_eq!(middle["underWay"], true);
    assert_eq!(states[..6], ["done", "done", "done", "done", "done", "not-before"], "{middle}");
    assert!(states[6..].iter().all(|state| *state == "later"), "{middle}");
    let wait = middle["steps"][5]["notBefore"].as_u64().unwrap();
    assert!(wait > 1_700_000_000, "{middle}");
    let status = account.run(&["status", "--json"]).json();
    assert_eq!(status["steps"], middle["steps"]);
    assert_eq!(changes(&account), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_walks_to_the_end_and_says_what_it_did() {
    let account = Account::new().await;
    let outcome = rotate(&account, &["--wait"]);
    let did = outcome.done().lines().filter(|line| line.starts_with("done just now")).count();
    assert_eq!(did, 12, "{outcome}");
    let id = account.held("AWSCURRENT").0;
    let end = format!("no rotation is under way any more\nthe key that signs now is {id}");
    assert!(outcome.done().ends_with(&end), "{outcome}");
    silent(&account, &outcome);
    account.assert_rotated("by command");
    let file = account.file("public").join(format!("{id}.pem"));
    assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o644);
    // To resume what is finished begins nothing.
    rotate(&account, &["--resume", "--wait"]).done();
    assert_eq!(account.held("AWSCURRENT").0, id);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_ends_where_it_must_wait_and_says_until_when() {
    let account = Account::new().await;
    let outcome = account.run(&["rotate"]);
    let last = outcome.done().lines().rev().nth(1).unwrap();
    assert!(
        last.starts_with(
            "nothing more can be done now: run `tollgate keys rotate --resume` after 20"
        ),
        "{outcome}"
    );
    silent(&account, &outcome);
    assert_eq!(account.held("AWSCURRENT").0, account.first);
    assert_eq!(account.found().group.len(), 2);
    // The default waits: ten minutes for the edges; then an hour, `refresh` and the longest that any policy allows,
    // for this file does not say what its gateways' own does.
    let outcome = account.run(&["status"]);
    assert!(outcome.done().contains("wait 10m until every edge trusts it"), "{outcome}");
    assert!(outcome.done().contains("for 1h5m, and URLs live for 7d1h"), "{outcome}");
    assert!(outcome.err.contains("neither `ttl` nor `rules`"), "{outcome}");
    let file = account.file("tollgate.toml");
    let text = fs::read_to_string(&file).unwrap();
    for (policy, lifetime, note) in [
        ("ttl = 86400, domain", "1d1m", ""),
        ("ttl = 900, domain", "16m", ""),
        ("rules = [{ pattern = \"a/**\", ttl = 3600 }], domain", "1h1m", ""),
        ("key-pair-id = \"KOTHER\", domain", "7d1h", "neither `ttl` nor `rules`"),
    ] {
        fs::write(&file, text.replacen("domain", policy, 1)).unwrap();
        let outcome = account.run(&["status"]);
        assert!(outcome.done().contains(&format!("URLs live for {lifetime}")), "{outcome}");
        assert_eq!(outcome.err.contains("note: [policy]"), !note.is_empty(), "{outcome}");
        assert!(outcome.err.contains(note), "{outcome}");
        let shorter = account.run(&["status", "--url-lifetime=1s"]);
        let warned = shorter.err.contains("shorter than what [policy] allows");
        assert_eq!(warned, note.is_empty(), "{shorter}");
    }
    account.configure("refresh = \"1m\"\n[policy.none]");
    account.run(&["status"]).ended(2, &["tollgate.toml"]);
    rotate(&account, &["--dry-run"]).ended(2, &[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_is_said_and_nothing_secret_with_it() {
    let account = Account::new().await;
    let group = format!("PUT /2020-05-31/key-group/{}", account.group);
    account.proxy.fail(&group, tollgate_emulators::Fault::AccessDenied, 100);
    let outcome = rotate(&account, &[]);
    assert_eq!(outcome.code, Some(1), "{outcome}");
    assert!(outcome.err.contains("cloudfront:UpdateKeyGroup"), "{outcome}");
    silent(&account, &outcome);
    account.proxy.heal();
    rotate(&account, &["--resume", "--wait"]).done();
    account.assert_rotated("after an error");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_that_does_not_do_is_refused() {
    let account = Account::new().await;
    let file = account.file("tollgate.toml");
    let good = fs::read_to_string(&file).unwrap();
    for (from, to, words) in [
        (
            "key-group-id",
            "key-group",
            "cloudfront.key-group: unknown key; did you mean `key-group-id`?",
        ),
        ("[cloudfront]", "[cloud-front]", "cloudfront: is required"),
        ("[signing-keys]", "[signing]", "signing-keys: is required"),
        ("\"secrets-manager\"", "\"pem\"", "signing-keys.type: must be `secrets-manager`"),
        ("secret-id", "secret", "signing-keys.secret-id: is required"),
        ("policy = {", "polcy = {", "policy: is required"),
        (
            "domain = \"media.example.com\"",
            "ttl = \"15m\"",
            "policy.ttl: must be a number of seconds",
        ),
    ] {
        assert!(good.contains(from), "{from}");
        fs::write(&file, good.replacen(from, to, 1)).unwrap();
        account.run(&["rotate", "--dry-run"]).refused(&[words]);
    }
    fs::write(&file, good).unwrap();
    account.run(&["rotate", "--max-key-age", "an hour"]).refused(&["must be a duration"]);
    account.run(&["rotate", "--wait", "--dry-run"]).refused(&["cannot be used with"]);
    assert_eq!(changes(&account), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_examples_of_its_help_do_what_they_say() {
    let account = Account::new().await;
    for example in [&["status"][..], &["rotate", "--dry-run"], &["status", "--json"], &["rotate"]] {
        account.run(example).done();
    }
    assert_eq!(cdn::key_group(services(), &account.group).len(), 2);
}
