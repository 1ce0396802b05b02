//! Editing the tables, beyond what one page of answers holds.

use tollgate_backends::ports::{Media, PortError};

use super::Place;
use crate::contract::claims::{claimed, request};

#[tokio::test]
async fn what_is_recorded_is_listed_and_forgotten() {
    let place = Place::new().await;
    let gateway = place.gateway(5).await;
    let store = &gateway.administration;
    for (user, series) in [("b", "s2"), ("a", "s1"), ("b", "s1")] {
        store.grant(user, series, "active", Some(1_800_000_000)).await.unwrap();
    }
    let all = store.entitlements(None).await.unwrap();
    let keys: Vec<_> = all.iter().map(|row| (row.user.as_str(), row.series.as_str())).collect();
    assert_eq!(keys, [("a", "s1"), ("b", "s1"), ("b", "s2")]);
    assert_eq!(store.entitlements(Some("b")).await.unwrap().len(), 2);
    store.grant("b", "s2", "completed", None).await.unwrap();
    let found = gateway.entitlements.lookup("b", "s2").await.unwrap().unwrap();
    assert_eq!((found.status.as_str(), found.valid_until), ("completed", None));
    assert!(store.revoke("b", "s2").await.unwrap());
    assert!(!store.revoke("b", "s2").await.unwrap());

    let media = Media { video: Some("v.mp4".to_owned()), poster: None };
    store.put_episode("s", "e", &media).await.unwrap();
    assert_eq!(gateway.catalog.episode("s", "e").await.unwrap(), Some(media));
    assert_eq!(store.episodes(Some("s")).await.unwrap().len(), 1);
    assert!(store.remove_episode("s", "e").await.unwrap());
    assert_eq!(store.episodes(None).await.unwrap(), []);

    for (user, device, now) in [("v", "a", 1_000), ("u", "b", 1_001), ("u", "a", 1_000)] {
        claimed(&*gateway.sessions, &request(user, device, now)).await;
    }
    let watching = store.sessions(None, 1_600).await.unwrap();
    let rows: Vec<_> =
        watching.iter().map(|row| (row.user.as_str(), row.session.device.as_str())).collect();
    assert_eq!(rows, [("u", "b")], "what has run out is not listed");
    assert_eq!(store.sessions(Some("u"), 1_001).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_list_longer_than_a_page_is_whole() {
    let place = Place::new().await;
    let gateway = place.gateway(10).await;
    // A page of DynamoDB is one megabyte.
    let key = "k".repeat(1_000);
    let media = Media { video: Some(key.clone()), poster: Some(key) };
    let puts = (0..600).map(|number| {
        let (store, media) = (&gateway.administration, &media);
        async move { store.put_episode("s", &format!("e{number:03}"), media).await.unwrap() }
    });
    futures::future::join_all(puts).await;
    place.proxy.take_calls();
    assert_eq!(gateway.administration.episodes(Some("s")).await.unwrap().len(), 600);
    assert_eq!(gateway.administration.episodes(None).await.unwrap().len(), 600);
    assert!(place.proxy.count("Query") > 1 && place.proxy.count("Scan") > 1);
}

#[tokio::test]
async fn what_could_never_be_asked_for_is_not_written() {
    let place = Place::new().await;
    let gateway = place.gateway(2).await;
    let store = &gateway.administration;
    place.proxy.take_calls();
    for refused in [
        store.grant("a/b", "s", "active", None).await,
        store.grant("u", "..", "active", None).await,
        store.grant("u", "s", "two words", None).await,
        store.grant("u", "s", "active", Some(1_800_000_000_000)).await,
        store.put_episode("s", "", &Media { video: None, poster: None }).await,
    ] {
        assert!(matches!(refused, Err(PortError::InvalidArgument(_))), "{refused:?}");
    }
    assert_eq!(place.proxy.take_calls().len(), 0);
}
