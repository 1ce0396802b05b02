//! Reading playlists: how often S3 is asked, and that a refusal is never an absence.

use std::time::{Duration, Instant};

use futures::future::join_all;
use tollgate_backends::ports::PortError;
use tollgate_emulators::{Fault, rest, services, stage};

use super::Place;

const NOTHING_KEPT: &str = "timeout = 2\nplaylists-for = 0";

#[tokio::test]
async fn one_playlist_is_one_request_whatever_its_query() {
    let place = Place::new().await;
    let opened = place.open("").await;
    place.proxy.take_calls();
    place.proxy.fail("*", Fault::Delay(Duration::from_millis(200)), usize::MAX);
    let queries = [None, Some("_HLS_msn=7"), Some("a=1"), Some("not for a URL\n")];
    let reads = (0..40).map(|at| opened.objects.read("there", queries[at % 4], 99));
    assert!(join_all(reads).await.into_iter().all(|read| read.unwrap().unwrap() == "x"));
    let calls = place.proxy.take_calls();
    assert_eq!(calls.len(), 1, "the bucket was seen at the start");
    let path = calls[0].target.split('?').next().unwrap();
    assert_eq!(path, format!("/{}/there", place.bucket));
    assert!(!calls[0].target.contains("_HLS_msn"), "{}", calls[0].target);
    place.proxy.heal();
    stage::put_object(services(), &place.bucket, "there", b"newer");
    let newer = async {
        while opened.objects.read("there", None, 99).await.unwrap().unwrap() != "newer" {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), newer).await.expect("a copy is kept for ever");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fault_that_passes_is_not_seen_and_one_that_stays_is_no_absence() {
    let place = Place::new().await;
    let opened = place.open(NOTHING_KEPT).await;
    for fault in [Fault::Throttle, Fault::Internal, Fault::Reset, Fault::LostReply] {
        place.proxy.fail(&place.get("there"), fault, 1);
        let read = opened.objects.read("there", None, 99).await;
        assert_eq!(read.unwrap().unwrap(), "x", "{fault:?}");
    }
    for fault in [
        Fault::Throttle,
        Fault::Internal,
        Fault::Reset,
        Fault::Silence,
        Fault::Garbage,
        Fault::NotFoundBySomebody,
    ] {
        place.proxy.fail("*", fault, usize::MAX);
        for key in ["there", "missing"] {
            let started = Instant::now();
            let error = opened.objects.read(key, None, 99).await.unwrap_err();
            let right = matches!(error, PortError::Unavailable(_) | PortError::Timeout);
            assert!(right, "{fault:?}: {error}");
            assert!(started.elapsed() < Duration::from_millis(3_500), "{fault:?}");
        }
        place.proxy.heal();
    }
}

#[tokio::test]
async fn a_refusal_names_the_right_that_is_missing() {
    let place = Place::new().await;
    let opened = place.open(NOTHING_KEPT).await;
    place.proxy.fail(&place.get("there"), Fault::AccessDenied, usize::MAX);
    let refused = opened.objects.read("there", None, 99).await.unwrap_err();
    assert!(matches!(refused, PortError::AccessDenied(_)), "{refused:?}");
    let expected = format!("s3:GetObject on objects of the bucket {}", place.bucket);
    assert!(refused.to_string().contains(&expected), "{refused}");

    let place = Place::new().await;
    let opened = place.open(NOTHING_KEPT).await;
    place.proxy.fail("*", Fault::Elsewhere, usize::MAX);
    let refused = opened.objects.read("there", None, 99).await.unwrap_err();
    assert!(refused.to_string().contains("in the region eu-west-1, and not in us-east-1"));
}

#[tokio::test]
async fn a_bucket_that_is_not_there_is_no_missing_playlist() {
    let place = Place::new().await;
    // S3 was out of reach at the start, so nobody has seen the bucket.
    place.proxy.fail("*", Fault::Silence, usize::MAX);
    let opened = place.open("timeout = 1").await;
    place.proxy.heal();
    for path in ["/there", ""] {
        let (status, _) = rest(services(), "DELETE", &format!("/{}{path}", place.bucket), b"");
        assert_eq!(status, 204);
    }
    let refused = opened.objects.read("missing", None, 99).await.unwrap_err();
    assert!(matches!(refused, PortError::Other(_)), "{refused:?}");
    assert!(refused.to_string().contains("does not exist"), "{refused}");
}
