//! Every way in which S3 can fail or refuse: never an answer that was not given, and in time.

use std::time::{Duration, Instant};

use tollgate_backends::ports::PortError;
use tollgate_emulators::{Fault, rest, services};

use super::Place;

const PASSING: [Fault; 5] = [
    Fault::Throttle,
    Fault::Internal,
    Fault::Reset,
    Fault::LostReply,
    // Longer than half of what a call may take in all, and so longer than one attempt.
    Fault::Delay(Duration::from_millis(2_200)),
];

/// No answer is kept, so that each question is one to S3.
const NOTHING_KEPT: &str = "timeout = 2\nfound-for = 0\nmissing-for = 0";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fault_that_passes_is_not_seen() {
    let place = Place::new().await;
    let opened = place.open("timeout = 4\nfound-for = 0\nmissing-for = 0").await;
    for fault in PASSING {
        place.proxy.fail(&place.head("there"), fault, 1);
        let found = opened.objects.exists("there").await;
        assert!(matches!(found, Ok(true)), "{fault:?}: {found:?}");
        place.proxy.fail(&place.head("missing"), fault, 1);
        assert!(!opened.objects.exists("missing").await.unwrap(), "{fault:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fault_that_stays_is_unavailable_in_time_and_is_no_absence() {
    let faults =
        PASSING.into_iter().chain([Fault::Silence, Fault::Garbage, Fault::NotFoundBySomebody]);
    // Side by side, because each takes its time.
    let cases = faults.map(|fault| async move {
        let fault = match fault {
            Fault::Delay(_) => Fault::Delay(Duration::from_secs(30)),
            fault => fault,
        };
        let place = Place::new().await;
        // The start does not fail, because S3 may come back.
        place.proxy.fail("*", fault, usize::MAX);
        let opened = place.open(NOTHING_KEPT).await;
        for key in ["there", "missing"] {
            let started = Instant::now();
            let answer = opened.objects.exists(key).await;
            assert!(matches!(answer, Err(PortError::Unavailable(_))), "{fault:?}: {answer:?}");
            assert!(started.elapsed() < Duration::from_millis(3_500), "{fault:?}");
        }
        let checked = opened.upkeep.check().await;
        assert!(matches!(checked, Err(PortError::Unavailable(_))), "{fault:?}: {checked:?}");
        // The bucket alone does not answer: what is there is there, and of the rest nobody knows.
        place.proxy.heal();
        place.proxy.fail(&place.head_bucket(), fault, usize::MAX);
        assert!(opened.objects.exists("there").await.unwrap(), "{fault:?}");
        let answer = opened.objects.exists("missing").await;
        assert!(matches!(answer, Err(PortError::Unavailable(_))), "{fault:?}: {answer:?}");
        place.proxy.heal();
        assert!(!opened.objects.exists("missing").await.unwrap(), "{fault:?}");
        opened.upkeep.check().await.unwrap();
    });
    futures::future::join_all(cases).await;
}

#[tokio::test]
async fn a_refusal_names_the_right_that_is_missing() {
    let place = Place::new().await;
    let opened = place.open(NOTHING_KEPT).await;
    place.proxy.take_calls();
    place.proxy.fail(&place.head("there"), Fault::AccessDenied, usize::MAX);
    let refused = opened.objects.exists("there").await.unwrap_err();
    assert!(matches!(refused, PortError::AccessDenied(_)), "{refused:?}");
    let expected = format!("s3:GetObject on objects of the bucket {}", place.bucket);
    assert!(refused.to_string().contains(&expected), "{refused}");
    assert_eq!(place.proxy.count(&place.head("there")), 1, "a refusal is not asked for again");

    // Without the right to list S3 says 403 of what is missing, and of the bucket.
    let place = Place::new().await;
    place.proxy.fail("*", Fault::Silence, 4);
    let opened = place.open("timeout = 1\nfound-for = 0\nmissing-for = 0").await;
    place.proxy.heal();
    place.proxy.fail(&place.head("missing"), Fault::AccessDenied, usize::MAX);
    place.proxy.fail(&place.head_bucket(), Fault::AccessDenied, usize::MAX);
    let refused = opened.objects.exists("missing").await.unwrap_err();
    assert!(matches!(refused, PortError::AccessDenied(_)), "{refused:?}");
    assert!(refused.to_string().contains("s3:ListBucket on the bucket"), "{refused}");
    assert!(opened.objects.exists("there").await.unwrap());
}

#[tokio::test]
async fn a_bucket_elsewhere_is_said_with_its_region() {
    let place = Place::new().await;
    let opened = place.open(NOTHING_KEPT).await;
    place.proxy.fail("*", Fault::Elsewhere, usize::MAX);
    let refused = opened.objects.exists("there").await.unwrap_err();
    assert!(matches!(refused, PortError::Other(_)), "{refused:?}");
    assert!(refused.to_string().contains("in the region eu-west-1, and not in us-east-1"));
}

#[tokio::test]
async fn a_bucket_that_is_not_there_is_no_missing_playlist() {
    let place = Place::new().await;
    // S3 was out of reach at the start, so nobody has seen the bucket.
    place.proxy.fail("*", Fault::Silence, usize::MAX);
    let opened = place.open("timeout = 1\nmissing-for = 0").await;
    place.proxy.heal();
    for path in ["/there", ""] {
        let (status, _) = rest(services(), "DELETE", &format!("/{}{path}", place.bucket), b"");
        assert_eq!(status, 204);
    }
    for _ in 0..2 {
        let refused = opened.objects.exists("missing").await.unwrap_err();
        assert!(matches!(refused, PortError::Other(_)), "{refused:?}");
        assert!(refused.to_string().contains("does not exist"), "{refused}");
    }
    let refused = opened.upkeep.check().await.unwrap_err().to_string();
    assert!(refused.contains(&format!("the bucket {} does not exist", place.bucket)), "{refused}");
}

#[tokio::test]
async fn an_object_and_its_bucket_are_asked_for_in_one_round_trip() {
    let place = Place::new().await;
    place.proxy.fail("*", Fault::Silence, usize::MAX);
    let opened = place.open("timeout = 1").await;
    place.proxy.heal();
    place.proxy.take_calls();
    place.proxy.fail("*", Fault::Delay(Duration::from_millis(100)), usize::MAX);
    assert!(!opened.objects.exists("missing").await.unwrap());
    let calls = place.proxy.take_calls();
    assert_eq!((calls.len(), tollgate_emulators::proxy::depth(&calls)), (2, 1));
    // The bucket is known now, to readiness as well.
    assert!(!opened.objects.exists("other").await.unwrap());
    opened.upkeep.check().await.unwrap();
    assert_eq!(place.proxy.take_calls().len(), 1);
}

#[tokio::test]
async fn what_was_deleted_under_a_marker_is_missing() {
    let place = Place::new().await;
    let opened = place.open(NOTHING_KEPT).await;
    let versions = b"<VersioningConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
                     <Status>Enabled</Status></VersioningConfiguration>";
    let path = format!("/{}?versioning", place.bucket);
    assert_eq!(rest(services(), "PUT", &path, versions).0, 200);
    assert!(opened.objects.exists("there").await.unwrap());
    assert_eq!(rest(services(), "DELETE", &format!("/{}/there", place.bucket), b"").0, 204);
    assert!(!opened.objects.exists("there").await.unwrap());
}
