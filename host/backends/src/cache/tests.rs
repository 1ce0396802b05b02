//! What is believed, for how long, and what never is.

use std::sync::{
    Mutex,
    atomic::{AtomicUsize, Ordering},
};

use futures::future::join_all;

use super::*;
use crate::ports::{Answer, Catalog, Entitlement, Entitlements, Media};

/// Answers what it is told to, after a moment, and counts.
#[derive(Default)]
struct Store {
    asked: AtomicUsize,
    /// The error, or what there is: a key of a video, or a status.
    answer: Mutex<Option<Result<&'static str, PortError>>>,
}

impl Store {
    fn now_says(&self, answer: Option<Result<&'static str, PortError>>) {
        *self.answer.lock().unwrap() = answer;
    }

    async fn answer(&self) -> Result<Option<String>, PortError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_millis(5)).await;
        self.answer.lock().unwrap().clone().transpose().map(|found| found.map(str::to_owned))
    }
}

impl Catalog for Store {
    fn episode<'a>(&'a self, _: &'a str, _: &'a str) -> Answer<'a, Option<Media>> {
        Box::pin(async {
            Ok(self.answer().await?.map(|video| Media { video: Some(video), poster: None }))
        })
    }
}

impl Entitlements for Store {
    fn lookup<'a>(&'a self, _: &'a str, _: &'a str) -> Answer<'a, Option<Entitlement>> {
        Box::pin(async {
            Ok(self.answer().await?.map(|status| Entitlement { status, valid_until: Some(9) }))
        })
    }
}

type Found = Result<Option<String>, PortError>;

/// The same of either port: what a question gives, and how often the store was asked.
struct Port {
    store: Arc<Store>,
    catalog: Remembering<dyn Catalog, Media>,
    entitlements: Remembering<dyn Entitlements, Entitlement>,
    is_catalog: bool,
}

impl Port {
    fn both(lifetime: Duration) -> [Self; 2] {
        [true, false].map(|is_catalog| {
            let store = Arc::new(Store::default());
            Self {
                catalog: Remembering::new(Arc::<Store>::clone(&store), lifetime),
                entitlements: Remembering::new(Arc::<Store>::clone(&store), lifetime),
                store,
                is_catalog,
            }
        })
    }

    async fn ask(&self, one: &str, other: &str) -> Found {
        if self.is_catalog {
            Ok(self.catalog.episode(one, other).await?.and_then(|media| media.video))
        } else {
            let found = self.entitlements.lookup(one, other).await?;
            assert!(found.as_ref().is_none_or(|found| found.valid_until == Some(9)));
            Ok(found.map(|found| found.status))
        }
    }

    fn asked(&self) -> usize {
        self.store.asked.load(Ordering::SeqCst)
    }
}

const LONG: Duration = Duration::from_secs(60);

#[tokio::test]
async fn what_was_found_is_believed_for_its_time() {
    for port in Port::both(Duration::from_millis(200)) {
        port.store.now_says(Some(Ok("first")));
        let all = join_all((0..20).map(|_| port.ask("a", "b"))).await;
        assert!(all.into_iter().all(|found| found.unwrap().as_deref() == Some("first")));
        assert_eq!(port.asked(), 1, "those who ask at once are one question");
        port.store.now_says(Some(Ok("second")));
        assert_eq!(port.ask("a", "b").await.unwrap().as_deref(), Some("first"));
        assert_eq!(port.ask("a", "c").await.unwrap().as_deref(), Some("second"));
        tokio::time::sleep(Duration::from_millis(250)).await;
        assert_eq!(port.ask("a", "b").await.unwrap().as_deref(), Some("second"));
        assert_eq!(port.asked(), 3);
    }
}

#[tokio::test]
async fn what_was_not_found_is_looked_for_again() {
    for port in Port::both(LONG) {
        let all = join_all((0..20).map(|_| port.ask("a", "b"))).await;
        assert!(all.into_iter().all(|found| found.unwrap().is_none()));
        assert_eq!(port.asked(), 1);
        port.store.now_says(Some(Ok("added")));
        assert_eq!(port.ask("a", "b").await.unwrap().as_deref(), Some("added"));
    }
}

#[tokio::test]
async fn an_error_is_told_to_those_who_wait_and_to_nobody_after_them() {
    for port in Port::both(Duration::from_millis(100)) {
        port.store.now_says(Some(Err(PortError::Timeout)));
        let all = join_all((0..5).map(|_| port.ask("a", "b"))).await;
        assert!(all.iter().all(|found| matches!(found, Err(PortError::Timeout))), "{all:?}");
        port.store.now_says(Some(Ok("back")));
        assert_eq!(port.ask("a", "b").await.unwrap().as_deref(), Some("back"));
        // And what was known is not used beyond its time because nothing newer is to be had.
        port.store.now_says(Some(Err(PortError::Timeout)));
        tokio::time::sleep(Duration::from_millis(150)).await;
        assert!(matches!(port.ask("a", "b").await, Err(PortError::Timeout)));
    }
}

#[tokio::test]
async fn no_two_questions_are_mistaken_for_one_another() {
    for port in Port::both(LONG) {
        for (number, (one, other)) in
            [("a", "bc"), ("ab", "c"), ("", "abc"), ("abc", ""), ("a\0", "b"), ("a", "\0b")]
                .into_iter()
                .enumerate()
        {
            port.store.now_says(Some(Ok("x")));
            port.ask(one, other).await.unwrap();
            assert_eq!(port.asked(), number + 1, "{one:?} {other:?}");
        }
    }
}
