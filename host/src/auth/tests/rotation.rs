//! Keys that change while the gateway runs.

use std::sync::Arc;
use std::time::Duration;

use super::issuer::{Answer, Issuer};
use super::{
    Authenticator, JwksUrl, KeySource, TestClock, eventually, start, sub, token, token_named,
    unknown,
};

async fn ready(answer: Answer) -> (Issuer, Arc<TestClock>, Authenticator) {
    let issuer = Issuer::start(answer).await;
    let clock = TestClock::new();
    let authenticator = start(KeySource::JwksUrl(JwksUrl::new(issuer.url("/jwks"))), &clock);
    eventually("the first fetch", || authenticator.ready()).await;
    (issuer, clock, authenticator)
}

#[tokio::test]
async fn a_new_key_is_fetched_when_it_is_first_used() {
    let (issuer, _clock, authenticator) = ready(Answer::keys(&["rsa"])).await;
    assert_eq!(sub(&authenticator, &token("rsa")).await, Ok("u1".into()));
    assert_eq!(issuer.asked(), 1);
    // Right after the scheduled fetch: that one does not count against the limit.
    issuer.answer(Answer::keys(&["rsa", "p256"]));
    assert_eq!(sub(&authenticator, &token("p256")).await, Ok("u1".into()));
    assert_eq!(sub(&authenticator, &token("rsa")).await, Ok("u1".into()));
    assert_eq!(issuer.asked(), 2);
}

#[tokio::test]
async fn a_key_that_was_withdrawn_is_no_longer_trusted() {
    let (issuer, _clock, authenticator) = ready(Answer::keys(&["rsa", "p256"])).await;
    issuer.answer(Answer::keys(&["p256", "ed25519"]));
    assert_eq!(sub(&authenticator, &token("ed25519")).await, Ok("u1".into()));
    assert_eq!(sub(&authenticator, &token("rsa")).await, Err(unknown("rsa")));
    assert_eq!(sub(&authenticator, &token("p256")).await, Ok("u1".into()));
}

#[tokio::test]
async fn unknown_keys_cause_few_fetches() {
    let (issuer, clock, authenticator) = ready(Answer::keys(&["rsa"])).await;
    for number in 0..20 {
        let kid = format!("made-up-{number}");
        assert_eq!(sub(&authenticator, &token_named("p256", &kid)).await, Err(unknown(&kid)));
    }
    assert_eq!(issuer.asked(), 2);
    issuer.answer(Answer::keys(&["rsa", "p256"]));
    clock.advance(29);
    assert_eq!(sub(&authenticator, &token("p256")).await, Err(unknown("p256")));
    assert_eq!(issuer.asked(), 2);
    clock.advance(1);
    assert_eq!(sub(&authenticator, &token("p256")).await, Ok("u1".into()));
    assert_eq!(issuer.asked(), 3);
    // Known keys never ask.
    for _ in 0..5 {
        assert_eq!(sub(&authenticator, &token("rsa")).await, Ok("u1".into()));
    }
    assert_eq!(issuer.asked(), 3);
}

#[tokio::test]
async fn only_an_unknown_key_causes_a_fetch() {
    let (issuer, clock, authenticator) = ready(Answer::keys(&["rsa"])).await;
    let good = token("rsa");
    let forged = format!("{}AAAA", &good[..good.len() - 4]);
    clock.advance(100_000);
    for bad in [good.as_str(), forged.as_str(), "Bearer a.b.c", "Basic x"] {
        assert!(sub(&authenticator, bad).await.is_err());
    }
    assert!(authenticator.authenticate(None).await.is_err());
    assert_eq!(issuer.asked(), 1);
}

#[tokio::test]
async fn simultaneous_requests_share_one_fetch() {
    let (issuer, clock, authenticator) = ready(Answer::keys(&["rsa"])).await;
    issuer.answer(Answer::keys(&["rsa", "p256"]).after(Duration::from_millis(200)));
    let header = token("p256");
    let all = (0..50).map(|_| sub(&authenticator, &header));
    for outcome in futures::future::join_all(all).await {
        assert_eq!(outcome, Ok("u1".into()));
    }
    assert_eq!(issuer.asked(), 2);
    // A fetch that brings nothing is shared as well, and so is one that fails.
    for answer in [Answer::keys(&["rsa"]), Answer::status(500)] {
        let before = issuer.asked();
        clock.advance(31);
        issuer.answer(answer.after(Duration::from_millis(100)));
        let header = token_named("p256", "made-up");
        let all = (0..50).map(|_| sub(&authenticator, &header));
        for outcome in futures::future::join_all(all).await {
            assert_eq!(outcome, Err(unknown("made-up")));
        }
        assert_eq!(issuer.asked(), before + 1);
    }
}

#[tokio::test]
async fn a_viewer_who_hangs_up_takes_nothing_from_the_others() {
    let (issuer, _clock, authenticator) = ready(Answer::keys(&["rsa"])).await;
    issuer.answer(Answer::keys(&["rsa", "p256"]).after(Duration::from_millis(300)));
    let header = token("p256");
    let impatient = tokio::time::timeout(Duration::from_millis(50), sub(&authenticator, &header));
    assert!(impatient.await.is_err());
    assert_eq!(sub(&authenticator, &header).await, Ok("u1".into()));
    assert_eq!(issuer.asked(), 2);
}

#[tokio::test]
async fn the_last_good_keys_stay_when_the_issuer_fails() {
    let (issuer, clock, authenticator) = ready(Answer::keys(&["rsa"])).await;
    let text = |body: &str| Answer { body: body.to_owned(), ..Answer::status(200) };
    let failing = [
        Answer::status(500),
        Answer::status(404),
        Answer::status(204),
        Answer::status(301),
        Answer::status(307),
        text("<html>"),
        text(r#"{"keys":[]}"#),
        text(&" ".repeat(1024 * 1024 + 1)),
    ];
    for (failures, answer) in failing.into_iter().enumerate() {
        issuer.answer(answer);
        clock.advance(31);
        assert_eq!(sub(&authenticator, &token("p256")).await, Err(unknown("p256")));
        assert_eq!(authenticator.refreshes_failed(), failures as u64 + 1);
        assert_eq!(issuer.asked(), failures + 2, "a redirect was followed");
        assert_eq!(sub(&authenticator, &token("rsa")).await, Ok("u1".into()));
        assert!(authenticator.ready());
    }
    issuer.answer(Answer::keys(&["p256"]));
    clock.advance(31);
    assert_eq!(sub(&authenticator, &token("p256")).await, Ok("u1".into()));
}

#[tokio::test]
async fn keys_are_fetched_again_on_schedule() {
    let issuer = Issuer::start(Answer::keys(&["rsa"])).await;
    let url = JwksUrl { refresh: Duration::from_millis(100), ..JwksUrl::new(issuer.url("/jwks")) };
    let authenticator = start(KeySource::JwksUrl(url), &TestClock::new());
    eventually("the first fetch", || authenticator.ready()).await;
    assert_eq!(sub(&authenticator, &token("rsa")).await, Ok("u1".into()));
    issuer.answer(Answer::keys(&["p256"]));
    let before = authenticator.refreshes();
    eventually("two more fetches", || authenticator.refreshes() >= before + 2).await;
    let asked = issuer.asked();
    assert_eq!(sub(&authenticator, &token("p256")).await, Ok("u1".into()));
    assert!(issuer.asked() <= asked + 1, "a known key asked");
    drop(authenticator);
    tokio::time::sleep(Duration::from_millis(50)).await;
    let asked = issuer.asked();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(issuer.asked(), asked, "a dropped authenticator still asks");
}
