//! Links and the leases they are made for, when those change while a request is under way; and whom the stores work for.

use std::{
    num::NonZero,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use tollgate::{
    Delivery, Denial, Gate, LinkedRequest, Manifest, PlaybackRequest, Role, Viewer,
    ports::{
        Answer, ClaimOutcome, ClaimRequest, Entitlement, GivenKeys, PortError, RenewRequest,
        Session, Sessions,
    },
};

use crate::ground::SIGNING_KEY;

const POLICY: &str = r#"{"domain": "media.example.com", "gateway-url": "https://api.example.com"}"#;

/// A store that says of every device that it has a lease, which is then gone whenever it is claimed or renewed.
#[derive(Default)]
struct Fleeting {
    device: Mutex<String>,
    claimed: Mutex<Vec<String>>,
    reads: AtomicUsize,
}

const GONE: &str = "freed-meanwhile";

fn lease(id: &str, device: &str) -> Session {
    Session {
        id: id.to_owned(),
        device: device.to_owned(),
        series: "s".to_owned(),
        episode: "e".to_owned(),
        started_at: 1,
        renewed_at: 1,
        expires_at: u64::MAX >> 32,
    }
}

impl Sessions for Fleeting {
    fn claim<'a>(&'a self, request: &'a ClaimRequest) -> Answer<'a, ClaimOutcome> {
        Box::pin(async move {
            self.claimed.lock().unwrap().push(request.session_id.clone());
            self.device.lock().unwrap().clone_from(&request.device);
            Ok(ClaimOutcome::Claimed(lease(&request.session_id, &request.device)))
        })
    }
    fn renew<'a>(&'a self, _: &'a RenewRequest) -> Answer<'a, Option<Session>> {
        Box::pin(async { Ok(None) })
    }
    fn release<'a>(&'a self, _: &'a str, _: &'a str, _: u64) -> Answer<'a, bool> {
        Box::pin(async { Ok(true) })
    }
    fn active<'a>(&'a self, _: &'a str, _: u64) -> Answer<'a, Vec<Session>> {
        Box::pin(async {
            self.reads.fetch_add(1, Ordering::SeqCst);
            let device = self.device.lock().unwrap().clone();
            Ok(vec![lease(GONE, &device)])
        })
    }
}

async fn gate(sessions: &Arc<Fleeting>, lookups: &Arc<AtomicUsize>) -> Gate {
    let lookups = Arc::clone(lookups);
    Gate::builder()
        .instances(NonZero::<usize>::MIN)
        .entitlements_fn(move |_, _| {
            lookups.fetch_add(1, Ordering::SeqCst);
            let entitlement = Entitlement { status: "Active".to_owned(), valid_until: None };
            async { Ok::<_, PortError>(Some(entitlement)) }
        })
        .every_episode_is_hls()
        .sessions(Arc::clone(sessions))
        .key(GivenKeys::new("K1", SIGNING_KEY).unwrap())
        .policy(POLICY)
        .build()
        .await
        .unwrap()
}

fn play() -> PlaybackRequest {
    let viewer = Viewer {
        subject: "alice".to_owned(),
        user: "alice".to_owned(),
        roles: vec![Role::Standard],
        source_ip: Some("203.0.113.7".to_owned()),
        user_agent: None,
    };
    let (series, episode) = ("s".to_owned(), "e".to_owned());
    PlaybackRequest { viewer, series, episode, delivery: Some(Delivery::Playlist) }
}

fn follow(session: &str, query: &str) -> LinkedRequest {
    LinkedRequest {
        user: "alice".to_owned(),
        series: "s".to_owned(),
        episode: "e".to_owned(),
        session_id: session.to_owned(),
        query: query.to_owned(),
        source_ip: Some("203.0.113.7".to_owned()),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_that_ended_meanwhile_does_not_come_back_under_its_id() {
    let (sessions, lookups) = (Arc::<Fleeting>::default(), Arc::default());
    let gate = gate(&sessions, &lookups).await;
    for _ in 0..3 {
        let grant = gate.authorize(play()).await.unwrap().unwrap();
        assert_ne!(grant.session_id, GONE);
        let address = format!("/episodes/e/sessions/{}/playlist.m3u8?", grant.session_id);
        let (_, query) = grant.video_url.split_once(&address).expect("a link of the new lease");
        // It is signed for it, too: what is missing is only that the lease lives.
        let followed = gate.linked_playlist(follow(&grant.session_id, query), Manifest::Hls).await;
        assert!(matches!(followed.unwrap(), Err(Denial::SessionEnded(_))));
        let other = gate.linked_playlist(follow(GONE, query), Manifest::Hls).await;
        assert!(matches!(other.unwrap(), Err(Denial::InvalidLink(_))));
    }
    let claimed = sessions.claimed.lock().unwrap();
    assert!(claimed.len() == 3 && !claimed.iter().any(|id| id == GONE), "{claimed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_no_link_makes_no_store_work() {
    let (sessions, lookups) = (Arc::<Fleeting>::default(), Arc::default());
    let gate = gate(&sessions, &lookups).await;
    for query in ["", "own=1", "Policy=x&Signature=y&Key-Pair-Id=K1", "Key-Pair-Id=OTHER"] {
        for wanted in [Manifest::Hls, Manifest::Nested("content/series/s/video/e/a.m3u8".into())] {
            let answer = gate.linked_playlist(follow("x", query), wanted).await.unwrap();
            assert!(matches!(answer, Err(Denial::InvalidLink(_))), "{query}");
        }
        let answer = gate.linked_cookies(follow("x", query)).await.unwrap();
        assert!(matches!(answer, Err(Denial::InvalidLink(_))), "{query}");
    }
    assert_eq!(sessions.reads.load(Ordering::SeqCst), 0);
    assert_eq!(lookups.load(Ordering::SeqCst), 0);
}
