//! Many long playlists at once: an instance holds their texts, and must not be lost for it.

use std::{fmt::Write as _, num::NonZero};

use tollgate::{
    Delivery, Gate, LinkedRequest, Manifest, PlaybackRequest, Role, Viewer,
    ports::{Answer, Entitlement, GivenKeys, Media, Objects, PortError},
};

use crate::ground::SIGNING_KEY;

const POLICY: &str = r#"{"domain": "media.example.com", "gateway-url": "https://api.example.com"}"#;

/// Six hours in segments of four seconds.
const SEGMENTS: usize = 5400;

struct Long(String);

impl Objects for Long {
    fn exists<'a>(&'a self, _: &'a str) -> Answer<'a, bool> {
        Box::pin(async { Ok(true) })
    }
    fn read<'a>(
        &'a self,
        _: &'a str,
        _: Option<&'a str>,
        _: u32,
    ) -> Answer<'a, Option<tollgate::ports::Bytes>> {
        Box::pin(async { Ok(Some(self.0.clone().into())) })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_outlives_as_many_as_are_asked_for() {
    let mut text = "#EXTM3U\n#EXT-X-TARGETDURATION:4\n".to_owned();
    for number in 0..SEGMENTS {
        writeln!(text, "#EXTINF:4.000,\nsegment-{number:05}.ts").unwrap();
    }
    let gate = Gate::builder()
        .instances(NonZero::<usize>::MIN)
        .entitlements_fn(|_, _| async {
            let entitlement = Entitlement { status: "Active".to_owned(), valid_until: None };
            Ok::<_, PortError>(Some(entitlement))
        })
        .catalog_fn(|_, _| async { Ok::<_, PortError>(Some(Media { video: None, poster: None })) })
        .objects(Long(text))
        .key(GivenKeys::new("K1", SIGNING_KEY).unwrap())
        .policy(POLICY)
        .build()
        .await
        .unwrap();
    let viewer = Viewer {
        subject: "alice".to_owned(),
        user: "alice".to_owned(),
        roles: vec![Role::Standard],
        source_ip: Some("203.0.113.7".to_owned()),
        user_agent: None,
    };
    let (series, episode) = ("s".to_owned(), "e".to_owned());
    let request = PlaybackRequest { viewer, series, episode, delivery: Some(Delivery::Playlist) };
    let grant = gate.authorize(request.clone()).await.unwrap().unwrap();
    let link = LinkedRequest {
        user: "alice".to_owned(),
        series: "s".to_owned(),
        episode: "e".to_owned(),
        session_id: grant.session_id,
        query: grant.video_url.split_once('?').unwrap().1.to_owned(),
        source_ip: Some("203.0.113.7".to_owned()),
    };
    let by_link = (0..50).map(|_| gate.linked_playlist(link.clone(), Manifest::Hls));
    for answer in futures::future::join_all(by_link).await {
        let playlist = answer.unwrap().unwrap();
        assert_eq!(playlist.text.matches("?Policy=").count(), SEGMENTS);
    }
    let by_token = (0..50).map(|_| gate.authorize_playlist(request.clone(), Manifest::Hls));
    for answer in futures::future::join_all(by_token).await {
        assert!(answer.unwrap().is_ok());
    }
    assert_eq!(gate.lost_instances(), 0);
}
