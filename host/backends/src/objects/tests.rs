//! Equal questions are one, answers are remembered as long as they may, and nobody's leaving is felt by others.

use std::sync::{
    Mutex,
    atomic::{AtomicUsize, Ordering},
};

use futures::{FutureExt as _, future::join_all};
use tokio::sync::Semaphore;

use super::*;

/// Answers once it may, with how often it was asked.
struct Counted {
    reads: AtomicUsize,
    seen: Mutex<Vec<(String, Option<String>)>>,
    may_answer: Semaphore,
    takes_queries: bool,
    answer: fn(usize) -> Result<Option<Bytes>, PortError>,
}

impl Store for Counted {
    fn admits(&self, key: &str) -> Result<bool, PortError> {
        match key {
            "never" => Ok(false),
            "out" => Err(PortError::AccessDenied("out of the store".to_owned())),
            _ => Ok(true),
        }
    }

    fn takes_queries(&self) -> bool {
        self.takes_queries
    }

    fn look<'a>(&'a self, _: &'a str) -> Answer<'a, bool> {
        Box::pin(async { Ok(true) })
    }

    fn fetch<'a>(
        &'a self,
        key: &'a str,
        query: Option<&'a str>,
        _: u32,
    ) -> Answer<'a, Option<Bytes>> {
        Box::pin(async move {
            let number = self.reads.fetch_add(1, Ordering::SeqCst);
            self.seen.lock().unwrap().push((key.to_owned(), query.map(str::to_owned)));
            // Others get to ask in the meantime.
            tokio::time::sleep(Duration::from_millis(5)).await;
            self.may_answer.acquire().await.unwrap().forget();
            (self.answer)(number)
        })
    }
}

fn numbered(number: usize) -> Result<Option<Bytes>, PortError> {
    Ok(Some(number.to_string().into()))
}

fn over(
    answer: fn(usize) -> Result<Option<Bytes>, PortError>,
    playlists: Duration,
) -> Shared<Counted> {
    let store = Counted {
        reads: AtomicUsize::new(0),
        seen: Mutex::default(),
        may_answer: Semaphore::new(1_000),
        takes_queries: true,
        answer,
    };
    Shared::new(Arc::new(store), Lifetimes { playlists, ..Lifetimes::default() })
}

const LONG: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_playlist_is_read_once_for_all_who_ask_and_again_when_it_is_old() {
    let objects = over(numbered, Duration::from_millis(300));
    let all = join_all((0..20).map(|_| objects.read("a", None, 9))).await;
    assert!(all.into_iter().all(|read| read.unwrap().unwrap() == "0"));
    assert_eq!(objects.read("a", None, 9).await.unwrap().unwrap(), "0");
    assert_eq!(objects.read("b", None, 9).await.unwrap().unwrap(), "1");
    tokio::time::sleep(Duration::from_millis(350)).await;
    assert_eq!(objects.read("a", None, 9).await.unwrap().unwrap(), "2");
}

#[tokio::test]
async fn without_a_lifetime_those_who_ask_at_once_still_are_one() {
    let objects = over(numbered, Duration::ZERO);
    let all = join_all((0..20).map(|_| objects.read("a", None, 9))).await;
    assert!(all.into_iter().all(|read| read.unwrap().unwrap() == "0"));
    assert_eq!(objects.read("a", None, 9).await.unwrap().unwrap(), "1");
}

#[tokio::test]
async fn queries_tell_playlists_apart_only_where_the_store_looks_at_them() {
    let objects = over(numbered, LONG);
    for (query, expected) in [
        (None, "0"),
        (Some("_HLS_msn=7"), "1"),
        (Some("_HLS_msn=8"), "2"),
        (Some("_HLS_msn=7"), "1"),
        (Some(""), "0"),
    ] {
        assert_eq!(objects.read("a", query, 9).await.unwrap().unwrap(), expected, "{query:?}");
    }
    let long = "x".repeat(LONGEST_QUERY + 1);
    for query in ["a b", "a#b", "a\r\nHost: b", "é", &long] {
        let refused = objects.read("a", Some(query), 9).await;
        assert!(matches!(refused, Err(PortError::InvalidArgument(_))), "{query}: {refused:?}");
        assert!(!refused.unwrap_err().to_string().contains(query));
    }
    let seen = objects.store.seen.lock().unwrap().clone();
    assert_eq!(seen.len(), 3);
    assert_eq!(seen[1], ("a".to_owned(), Some("_HLS_msn=7".to_owned())));

    let store = Counted {
        reads: AtomicUsize::new(0),
        seen: Mutex::default(),
        may_answer: Semaphore::new(1_000),
        takes_queries: false,
        answer: numbered,
    };
    let blind = Shared::new(Arc::new(store), Lifetimes { playlists: LONG, ..Lifetimes::default() });
    for query in [None, Some("a=1"), Some("a b")] {
        assert_eq!(blind.read("a", query, 9).await.unwrap().unwrap(), "0");
    }
    assert_eq!(*blind.store.seen.lock().unwrap(), [("a".to_owned(), None)]);
}

#[tokio::test]
async fn an_error_is_told_to_all_who_wait_and_to_nobody_after_them() {
    let objects = over(
        |number| match number {
            0 => Err(PortError::Timeout),
            _ => numbered(number),
        },
        LONG,
    );
    let all = join_all((0..5).map(|_| objects.read("a", None, 9))).await;
    assert!(all.iter().all(|read| matches!(read, Err(PortError::Timeout))), "{all:?}");
    assert_eq!(objects.read("a", None, 9).await.unwrap().unwrap(), "1");
}

#[tokio::test]
async fn a_viewer_who_leaves_takes_nobodys_playlist_along() {
    let objects = over(numbered, LONG);
    objects.store.may_answer.forget_permits(1_000);
    let first = objects.read("a", None, 9);
    let second = objects.read("a", None, 9);
    tokio::pin!(second);
    let left = tokio::time::timeout(Duration::from_millis(30), first);
    let (left, waits) = tokio::join!(left, async { second.as_mut().now_or_never().is_none() });
    assert!(left.is_err() && waits);
    objects.store.may_answer.add_permits(1);
    assert_eq!(second.await.unwrap().unwrap(), "0");
    // Nobody waits for this one any more, so that it is given up, and asked afresh.
    assert!(objects.read("b", None, 9).now_or_never().is_none());
    objects.store.may_answer.add_permits(1);
    assert_eq!(objects.read("b", None, 9).await.unwrap().unwrap(), "2");
}

#[tokio::test]
async fn a_copy_is_not_for_those_who_want_less() {
    let objects = over(|_| Ok(Some("12345".into())), LONG);
    assert_eq!(objects.read("a", None, 5).await.unwrap().unwrap(), "12345");
    let refused = objects.read("a", None, 4).await.unwrap_err();
    assert_eq!(refused.to_string(), "the playlist is larger than 4 bytes");
    assert_eq!(objects.read("a", None, u32::MAX).await.unwrap().unwrap(), "12345");
    assert_eq!(objects.store.reads.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn keys_of_no_object_are_not_asked_for() {
    let objects = over(numbered, LONG);
    assert_eq!(objects.read("never", None, 9).await.unwrap(), None);
    assert!(!objects.exists("never").await.unwrap());
    assert!(matches!(objects.read("out", None, 9).await, Err(PortError::AccessDenied(_))));
    assert!(matches!(objects.exists("out").await, Err(PortError::AccessDenied(_))));
    assert_eq!(objects.store.reads.load(Ordering::SeqCst), 0);
}
