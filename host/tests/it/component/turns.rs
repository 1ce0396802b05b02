//! A core that is full of signatures, and what does not wait for all of them.

use std::{
    num::NonZero,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::sync::oneshot;
use tollgate::{
    Gate, PlaybackRequest, Role, Viewer,
    ports::{Entitlement, GivenKeys},
};

use crate::ground::SIGNING_KEY;

/// Grants that each need a signature of their own, made inside the component.
const SIGNATURES: usize = 40;

#[tokio::test(flavor = "multi_thread")]
async fn what_needs_no_signature_waits_for_one_of_the_others_and_not_for_all() {
    let gate = Gate::builder()
        .instances(NonZero::<usize>::MIN)
        .entitlements_fn(async |_, _| {
            Ok(Some(Entitlement { status: "Active".to_owned(), valid_until: None }))
        })
        .every_episode_is_hls()
        .key(GivenKeys::revealed("K1", SIGNING_KEY).unwrap())
        .domain("a.example")
        .build()
        .await
        .unwrap();
    gate.authorize(play("known", 0)).await.unwrap().unwrap();
    let (done, signed) = oneshot::channel();
    let asking = gate.clone();
    gate.seat().unwrap().spawn(async move {
        let made = Arc::new(AtomicUsize::new(0));
        let all: Vec<_> = (0..SIGNATURES)
            .map(|number| {
                let (asking, made) = (asking.clone(), Arc::clone(&made));
                tokio::spawn(async move {
                    asking.authorize(play(&format!("e{number}"), number)).await.unwrap().unwrap();
                    made.fetch_add(1, Ordering::SeqCst);
                })
            })
            .collect();
        // They are all asked for now: this task comes after them.
        tokio::task::yield_now().await;
        asking.authorize(play("known", 0)).await.unwrap().unwrap();
        let before = made.load(Ordering::SeqCst);
        for one in all {
            one.await.unwrap();
        }
        let _ = done.send(before);
    });
    let before = signed.await.unwrap();
    assert!(before < SIGNATURES / 2, "{before} of {SIGNATURES} signatures were made before");
}

fn play(episode: &str, user: usize) -> PlaybackRequest {
    let viewer = Viewer {
        subject: format!("u{user}"),
        user: format!("u{user}"),
        roles: vec![Role::Standard],
        source_ip: Some("203.0.113.7".to_owned()),
        user_agent: Some("player".to_owned()),
    };
    PlaybackRequest { viewer, series: "s".to_owned(), episode: episode.to_owned(), delivery: None }
}
