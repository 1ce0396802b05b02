//! How long an answer is believed, and how often S3 is asked.

use std::time::Duration;

use futures::future::join_all;
use tollgate_backends::ports::PortError;
use tollgate_emulators::{Fault, services, stage};

use super::Place;

#[tokio::test]
async fn an_answer_is_believed_for_its_lifetime_and_no_longer() {
    let place = Place::new().await;
    let opened = place.open("found-for = 3600\nmissing-for = 1").await;
    place.proxy.take_calls();
    for _ in 0..3 {
        assert!(opened.objects.exists("there").await.unwrap());
        assert!(!opened.objects.exists("later").await.unwrap());
    }
    assert_eq!(place.proxy.count(&place.head("there")), 1);
    assert_eq!(place.proxy.count(&place.head("later")), 1);
    stage::put_object(services(), &place.bucket, "later", b"x");
    let found = async {
        while !opened.objects.exists("later").await.unwrap() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), found).await.expect("it is missing for ever");
    assert_eq!(place.proxy.count(&place.head("later")), 2);
    assert_eq!(place.proxy.count(&place.head_bucket()), 0, "it was seen at the start");
}

#[tokio::test]
async fn a_lifetime_of_zero_believes_nothing() {
    let place = Place::new().await;
    let opened = place.open("found-for = 0\nmissing-for = 0").await;
    place.proxy.take_calls();
    for count in 1..=2 {
        assert!(opened.objects.exists("there").await.unwrap());
        assert!(!opened.objects.exists("missing").await.unwrap());
        assert_eq!(place.proxy.count(&place.head("there")), count);
        assert_eq!(place.proxy.count(&place.head("missing")), count);
    }
}

#[tokio::test]
async fn however_many_ask_at_once_s3_is_asked_once_for_each_key() {
    let place = Place::new().await;
    let opened = place.open("found-for = 0\nmissing-for = 0").await;
    place.proxy.take_calls();
    place.proxy.fail("*", Fault::Delay(Duration::from_millis(200)), usize::MAX);
    let asked = (0..60).map(|at| {
        let key = ["there", "missing", "other"][at % 3];
        let objects = &opened.objects;
        async move { (key, objects.exists(key).await.unwrap()) }
    });
    for (key, found) in join_all(asked).await {
        assert_eq!(found, key == "there", "{key}");
    }
    assert_eq!(place.proxy.take_calls().len(), 3);
}

#[tokio::test]
async fn an_error_is_told_to_all_who_wait_and_to_nobody_after_them() {
    let place = Place::new().await;
    let opened = place.open("").await;
    place.proxy.take_calls();
    place.proxy.fail("*", Fault::AccessDenied, usize::MAX);
    let refused = join_all((0..10).map(|_| opened.objects.exists("there"))).await;
    assert!(refused.iter().all(|answer| matches!(answer, Err(PortError::AccessDenied(_)))));
    place.proxy.heal();
    assert!(opened.objects.exists("there").await.unwrap(), "the error was kept");
}

#[tokio::test]
async fn a_viewer_who_leaves_takes_nobodys_answer_with_him() {
    let place = Place::new().await;
    let opened = place.open("").await;
    place.proxy.take_calls();
    place.proxy.fail("*", Fault::Delay(Duration::from_millis(300)), usize::MAX);
    let first = opened.objects.exists("there");
    let left = tokio::time::timeout(Duration::from_millis(50), first);
    let (left, stayed) = tokio::join!(left, opened.objects.exists("there"));
    assert!(left.is_err() && stayed.unwrap());
    assert_eq!(place.proxy.count(&place.head("there")), 1);
}

#[tokio::test]
async fn keys_that_no_object_can_have_are_not_asked_for() {
    let place = Place::new().await;
    let opened = place.open("prefix = 'media'").await;
    place.proxy.take_calls();
    let longest = 1024 - "media/".len();
    for key in ["", ".", "./there", "a/./b", &"x".repeat(longest + 1)] {
        assert!(!opened.objects.exists(key).await.unwrap(), "{key}");
    }
    for key in ["..", "a/../there", "there\0"] {
        let refused = opened.objects.exists(key).await;
        assert!(matches!(refused, Err(PortError::AccessDenied(_))), "{key}: {refused:?}");
    }
    assert_eq!(place.proxy.take_calls().len(), 0);
    assert!(!opened.objects.exists(&"x".repeat(longest)).await.unwrap());
    assert_eq!(place.proxy.take_calls().len(), 1);
}
