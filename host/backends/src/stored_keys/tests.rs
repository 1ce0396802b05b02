//! A vault in memory that fails when it is told to: who waits for it, what is kept, and what is said of it.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use serde_json::json;

use super::*;

/// A key CloudFront accepts.
pub(super) const PEM: &str =
    include_str!("../../../../signer-component/core/testdata/p256.pkcs8.pem");

const PATIENCE: Duration = Duration::from_secs(20);

/// What the vault answers, and how often it was asked.
#[derive(Clone)]
struct Fake(Arc<Inner>);

struct Inner {
    answer: Mutex<Answered>,
    takes: Mutex<Duration>,
    asked: AtomicUsize,
}

type Answered = Result<(String, Result<Option<String>, Failure>), Failure>;

impl Fake {
    fn new(answer: Answered) -> Self {
        let takes = Mutex::new(Duration::ZERO);
        Self(Arc::new(Inner { answer: Mutex::new(answer), takes, asked: AtomicUsize::new(0) }))
    }

    fn set(&self, answer: Answered) {
        *self.0.answer.lock().unwrap() = answer;
    }

    fn takes(&self, time: Duration) {
        *self.0.takes.lock().unwrap() = time;
    }

    fn asked(&self) -> usize {
        self.0.asked.load(Ordering::SeqCst)
    }
}

impl Vault for Fake {
    fn name(&self) -> String {
        "fake".to_owned()
    }

    fn key(&self) -> &'static str {
        "secret-id"
    }

    fn fetch(&self) -> BoxFuture<'_, Result<Fetched, Failure>> {
        Box::pin(async {
            self.0.asked.fetch_add(1, Ordering::SeqCst);
            let takes = *self.0.takes.lock().unwrap();
            tokio::time::sleep(takes).await;
            let (current, previous) = self.0.answer.lock().unwrap().clone()?;
            let version = |id: &str, text: String| Version { id: id.into(), text: text.into() };
            Ok(Fetched {
                current: version("v2", current),
                previous: previous.map(|text| text.map(|text| version("v1", text))),
            })
        })
    }
}

fn stored(id: &str) -> String {
    json!({ "keyPairId": id, "privateKey": PEM }).to_string()
}

/// A vault with `K2` as the current key and `K1` as the one before it.
fn both() -> Answered {
    Ok((stored("K2"), Ok(Some(stored("K1")))))
}

fn only(id: &str) -> Answered {
    Ok((stored(id), Ok(None)))
}

fn silent() -> Failure {
    Failure::Unavailable("no answer in time".to_owned())
}

fn settings(key_pair_id: Option<&str>) -> Settings {
    Settings {
        path: "signing-keys".to_owned(),
        key_pair_id: key_pair_id.map(str::to_owned),
        mode: Mode::Held,
        refresh: Duration::from_secs(300),
    }
}

/// Fetches again only when a test causes it.
const IDLE: Pace = Pace {
    refresh: Duration::from_secs(3_600),
    first_retry: Duration::from_secs(3_600),
    last_retry: Duration::from_secs(3_600),
    gap: Duration::ZERO,
};

/// Fetches again all the time.
const BUSY: Pace = Pace {
    refresh: Duration::from_millis(40),
    first_retry: Duration::from_millis(5),
    last_retry: Duration::from_millis(20),
    gap: Duration::from_secs(3_600),
};

async fn opened(vault: &Fake, pace: Pace) -> Arc<StoredKeys> {
    Arc::new(StoredKeys::open(vault.clone(), &settings(None), pace).await.unwrap())
}

fn id(key: &Key) -> &str {
    match key {
        Key::Held(key) => key.key_pair_id(),
        Key::Revealed { key_pair_id, .. } => key_pair_id,
    }
}

async fn signs(keys: &StoredKeys) -> String {
    id(&keys.current().await.unwrap()).to_owned()
}

async fn until(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let started = Instant::now();
    while !condition().await {
        assert!(started.elapsed() < PATIENCE, "{what} did not happen");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

#[tokio::test]
async fn what_was_fetched_is_used_without_another_question() {
    let vault = Fake::new(both());
    let keys = opened(&vault, IDLE).await;
    for _ in 0..20 {
        assert_eq!(signs(&keys).await, "K2");
        assert_eq!(id(&keys.by_id("K1").await.unwrap().unwrap()), "K1");
    }
    assert!(keys.by_id("no id").await.unwrap().is_none(), "what is no id is not looked for");
    assert_eq!(vault.asked(), 1);
}

#[tokio::test]
async fn one_fetch_serves_all_who_wait_even_if_some_go_away() {
    let vault = Fake::new(Err(silent()));
    let keys = opened(&vault, IDLE).await;
    vault.takes(Duration::from_millis(100));
    vault.set(both());
    let ask = |keys: &Arc<StoredKeys>| {
        let keys = Arc::clone(keys);
        tokio::spawn(async move { signs(&keys).await })
    };
    let first = ask(&keys);
    let others: Vec<_> = (0..200).map(|_| ask(&keys)).collect();
    until("the second fetch", async || vault.asked() == 2).await;
    first.abort();
    for other in others {
        assert_eq!(other.await.unwrap(), "K2");
    }
    assert_eq!(vault.asked(), 2);
}

#[tokio::test]
async fn nobody_waits_for_the_fetch_that_renews_what_is_there() {
    let vault = Fake::new(only("K1"));
    let keys = opened(&vault, BUSY).await;
    vault.takes(Duration::from_secs(3_600));
    until("the next fetch", async || vault.asked() == 2).await;
    let started = Instant::now();
    assert_eq!(signs(&keys).await, "K1");
    assert!(started.elapsed() < Duration::from_secs(60));
}

#[tokio::test]
async fn what_is_promoted_is_seen_after_the_next_refresh() {
    let vault = Fake::new(only("K1"));
    let keys = opened(&vault, BUSY).await;
    vault.set(both());
    until("the new key", async || signs(&keys).await == "K2").await;
    assert_eq!(id(&keys.by_id("K1").await.unwrap().unwrap()), "K1");
    assert_eq!(keys.freshness().unwrap().failures, 0);
}

#[tokio::test]
async fn a_vault_that_fails_leaves_the_last_good_keys_and_is_reported() {
    for failure in
        [silent(), Failure::Refused { key: "secret-id", rule: "cannot be read".to_owned() }]
    {
        let vault = Fake::new(both());
        let keys = opened(&vault, BUSY).await;
        assert_eq!(keys.freshness().unwrap().stale, None);
        vault.set(Err(failure.clone()));
        until("failures", async || keys.freshness().unwrap().failures > 3).await;
        assert_eq!(signs(&keys).await, "K2");
        assert_eq!(id(&keys.by_id("K1").await.unwrap().unwrap()), "K1");
        let unheard = keys.by_id("K3").await;
        assert!(matches!(unheard, Err(PortError::Unavailable(_))), "{unheard:?}");
        keys.check().await.unwrap();
        let during = keys.freshness().unwrap();
        let stale = during.stale.unwrap();
        assert_eq!(stale.reason, failure.reason());
        assert!(stale.since > 1_700_000_000);
        vault.set(only("K3"));
        until("recovery", async || signs(&keys).await == "K3").await;
        let after = keys.freshness().unwrap();
        assert_eq!(after.stale, None);
        assert!(after.refreshes > during.refreshes && after.age < PATIENCE, "{after:?}");
        assert!(keys.by_id("K2").await.unwrap().is_none(), "what is gone from the vault is gone");
    }
}

#[tokio::test]
async fn a_new_value_that_is_no_key_does_not_replace_the_good_one() {
    let vault = Fake::new(only("K1"));
    let keys = opened(&vault, BUSY).await;
    vault.set(Ok(("oops".to_owned(), Ok(Some(stored("K1"))))));
    until("the bad value", async || keys.freshness().unwrap().stale.is_some()).await;
    assert_eq!(signs(&keys).await, "K1");
    assert!(keys.freshness().unwrap().stale.unwrap().reason.contains("the newest cannot be used"));
    vault.set(both());
    until("a good one", async || signs(&keys).await == "K2").await;
    assert_eq!(keys.freshness().unwrap().stale, None);
}

#[tokio::test]
async fn a_previous_version_is_missed_by_nobody_who_signs() {
    let refused = Failure::Refused { key: "secret-id", rule: "cannot be decrypted".to_owned() };
    for previous in [Ok(Some("oops".to_owned())), Ok(Some(PEM.to_owned())), Err(refused)] {
        let keys = opened(&Fake::new(Ok((stored("K2"), previous))), IDLE).await;
        assert_eq!(signs(&keys).await, "K2");
        assert!(keys.by_id("K1").await.unwrap().is_none());
        assert_eq!(keys.freshness().unwrap().stale, None);
    }
    // No answer is another matter: what was known stays known.
    let vault = Fake::new(only("K1"));
    let keys = opened(&vault, IDLE).await;
    vault.set(Ok((stored("K2"), Err(silent()))));
    assert_eq!(id(&keys.by_id("K2").await.unwrap().unwrap()), "K2");
    assert_eq!(id(&keys.by_id("K1").await.unwrap().unwrap()), "K1");
    assert!(keys.freshness().unwrap().stale.is_some());
}

#[tokio::test]
async fn an_unknown_id_is_looked_for_but_not_by_everybody() {
    let vault = Fake::new(only("K1"));
    let keys = opened(&vault, Pace { gap: Duration::from_secs(3_600), ..IDLE }).await;
    vault.set(both());
    assert_eq!(id(&keys.by_id("K2").await.unwrap().unwrap()), "K2");
    for made_up in 0..50 {
        assert!(keys.by_id(&format!("K9{made_up}")).await.unwrap().is_none());
    }
    assert_eq!(vault.asked(), 2);
}

#[tokio::test]
async fn a_fetch_that_a_request_caused_and_that_failed_is_tried_again_soon() {
    let vault = Fake::new(only("K1"));
    let pace = Pace { first_retry: BUSY.first_retry, last_retry: BUSY.last_retry, ..IDLE };
    let keys = opened(&vault, pace).await;
    vault.set(Err(silent()));
    keys.by_id("K2").await.unwrap_err();
    vault.set(both());
    until("the next fetch", async || signs(&keys).await == "K2").await;
}

#[tokio::test]
async fn without_any_key_there_is_no_answer_until_the_vault_has_one() {
    let vault = Fake::new(Err(silent()));
    let keys = opened(&vault, BUSY).await;
    for answer in [keys.current().await.map(Some), keys.by_id("K2").await] {
        assert!(matches!(&answer, Err(PortError::Unavailable(_))), "{answer:?}");
    }
    assert!(matches!(keys.check().await, Err(PortError::Unavailable(_))));
    let freshness = keys.freshness().unwrap();
    assert!(freshness.stale.is_none() && freshness.failures > 0, "{freshness:?}");
    vault.set(both());
    until("the first key", async || keys.check().await.is_ok()).await;
    assert_eq!(signs(&keys).await, "K2");
}

#[tokio::test]
async fn a_key_stored_without_its_id_has_the_one_of_the_table() {
    let pem = || PEM.to_owned();
    for (current, previous, signs, known) in [
        (pem(), Some(stored("K1")), "K9", Some("K1")),
        // Both cannot have it.
        (pem(), Some(pem()), "K9", None),
        (stored("K2"), Some(pem()), "K2", Some("K9")),
        (stored("K9"), Some(pem()), "K9", None),
    ] {
        let vault = Fake::new(Ok((current, Ok(previous))));
        let keys = StoredKeys::open(vault, &settings(Some("K9")), IDLE).await.unwrap();
        assert_eq!(id(&keys.current().await.unwrap()), signs);
        for id in ["K1", "K2", "K9"] {
            let there = keys.by_id(id).await.unwrap().is_some();
            assert_eq!(there, id == signs || Some(id) == known, "{id} beside {signs}");
        }
    }
}

#[tokio::test]
async fn what_is_wrong_from_the_start_is_a_mistake_of_its_key() {
    for (answer, expected) in [
        (Ok((PEM.to_owned(), Ok(None))), "signing-keys.key-pair-id: is required: version v2 is"),
        (Ok(("oops".to_owned(), Ok(None))), "signing-keys.secret-id: names what cannot be used"),
        (
            Err(Failure::Refused { key: "secret-id", rule: "cannot be read".to_owned() }),
            "signing-keys.secret-id: cannot be read",
        ),
    ] {
        let vault = Fake::new(answer);
        let opened = StoredKeys::open(vault, &settings(None), IDLE).await;
        let [mistake] = &opened.err().unwrap()[..] else { panic!("{expected}") };
        let text = mistake.to_string();
        assert!(text.starts_with(expected) && !text.contains("oops"), "{text}");
    }
}

#[tokio::test]
async fn nothing_is_fetched_any_more_once_the_keys_are_dropped() {
    let vault = Fake::new(both());
    let keys = opened(&vault, BUSY).await;
    until("a refresh", async || vault.asked() > 2).await;
    drop(keys);
    tokio::time::sleep(Duration::from_millis(50)).await;
    let asked = vault.asked();
    tokio::time::sleep(4 * BUSY.refresh).await;
    assert_eq!(vault.asked(), asked);
    assert_eq!(Arc::strong_count(&vault.0), 1, "the task holds nothing any more");
}
