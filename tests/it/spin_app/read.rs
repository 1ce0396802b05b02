//! Playlists that the app reads from the object store: how it asks, and what it makes of the answers.

use std::{
    fs,
    time::{Duration, Instant},
};

use serde_json::json;
use tollgate_spin_host::{Allowed, Options};

use super::{
    origin::{Behaviour, Origin},
    scene::{Scene, Setting, ask, patient},
};
use crate::scenarios::{client::Answer, format::Installation};

pub const PLAYLIST: &str = "/users/alice/series/s/episodes/e/playlist.m3u8";
pub const MASTER: &str = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nlow/index.m3u8\n";

async fn on(origin: &Origin, installation: Installation) -> Scene {
    let at = origin.address;
    let change = move |options: &mut Options| {
        options.variables.insert("objects_url".to_owned(), format!("http://{at}/media"));
        options.allowed_hosts = Allowed::authorities([at.to_string().as_str()]);
    };
    Scene::set(Setting { installation, change: Box::new(change), ..Setting::default() }).await
}

pub fn installation() -> Installation {
    patient(&json!({ "gateway-url": "https://api.example.com" }))
}

async fn read(origin: &Origin, installation: Installation) -> (Answer, String) {
    let scene = on(origin, installation).await;
    let answer = ask(scene.address, "GET", PLAYLIST, "phone").await;
    let log = fs::read_to_string(scene.ground.log()).unwrap();
    (answer, log)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_store_is_asked_for_plain_text_with_the_query_of_the_playlist_alone() {
    let origin = Origin::start(Behaviour::answers(200, "", MASTER)).await;
    let scene = on(&origin, installation()).await;
    let master = ask(scene.address, "GET", PLAYLIST, "phone").await;
    assert_eq!(master.status, 200, "{master:?}");
    let text = master.text();
    let nested = text.lines().nth(2).unwrap().strip_prefix("https://api.example.com").unwrap();
    let nested = nested.replace("index.m3u8?", "index.m3u8?_HLS_msn=7&a=%2f&");
    let answer = ask(scene.address, "GET", &nested, "native").await;
    // What comes is a master again, which is one too deep, and was read for that.
    assert_eq!(answer.json()["type"], "playlist-unusable", "{answer:?}");
    let reads = origin.reads();
    let [first, second] = reads.as_slice() else { panic!("{reads:?}") };
    let directory = "/media/content/series/s/video/e";
    assert!(first.starts_with(&format!("get {directory}/video.m3u8 http/1.1\r\n")), "{first}");
    let asked = format!("get {directory}/low/index.m3u8?_hls_msn=7&a=%2f http/1.1\r\n");
    assert!(second.starts_with(&asked), "{second}");
    for head in &reads {
        assert!(head.contains("\r\naccept-encoding: identity\r\n"), "{head}");
        for secret in ["authorization", "signature", "policy", "cookie"] {
            assert!(!head.contains(secret), "{head}");
        }
    }
}

/// What the store does, what a viewer is answered, and what the log mentions.
pub fn refusals() -> Vec<(Behaviour, u16, &'static str, &'static str)> {
    let redirect = Behaviour::answers(302, "location: http://127.0.0.1:1/other.m3u8\r\n", "");
    let cut = Behaviour::answers(200, "", MASTER);
    let Behaviour::Says(mut whole) = cut else { unreachable!() };
    whole.truncate(whole.len() - 5);
    let chunks = "HTTP/1.1 200 -\r\ntransfer-encoding: chunked\r\n\r\n7\r\n#EXTM3U\r\n";
    let packed = Behaviour::answers(200, "content-encoding: gzip\r\n", MASTER);
    vec![
        (Behaviour::answers(404, "", ""), 404, "playlist-not-found", ""),
        (Behaviour::answers(410, "", ""), 404, "playlist-not-found", ""),
        (Behaviour::answers(403, "", ""), 503, "dependency-unavailable", "answered 403"),
        (Behaviour::answers(206, "", MASTER), 503, "dependency-unavailable", "answered 206"),
        (Behaviour::answers(500, "", ""), 503, "dependency-unavailable", "answered 500"),
        (redirect, 503, "dependency-unavailable", "redirects are not followed"),
        (Behaviour::Says(whole), 503, "dependency-unavailable", "broke off"),
        (Behaviour::Says(chunks.to_owned()), 503, "dependency-unavailable", "broke off"),
        (packed, 503, "dependency-unavailable", "Content-Encoding"),
        (Behaviour::NeverEnds, 503, "dependency-unavailable", "larger than 2097152 bytes"),
        (Behaviour::answers(200, "", "no playlist"), 502, "playlist-unusable", "video.m3u8"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_whole_playlist_is_not_handed_out() {
    let origin = Origin::start(Behaviour::Waits).await;
    for (at, (behaviour, status, slug, mention)) in refusals().into_iter().enumerate() {
        origin.behave(behaviour);
        let (answer, log) = read(&origin, installation()).await;
        assert_eq!((answer.status, &answer.json()["type"]), (status, &json!(slug)), "{log}");
        assert!(log.contains(mention), "{mention}: {log}");
        assert!(!log.contains("Signature="), "{log}");
        assert_eq!(origin.reads().len(), at + 1, "{mention}: it was asked for once");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_does_not_answer_is_waited_for_as_long_as_a_port_may_take() {
    let origin = Origin::start(Behaviour::Waits).await;
    let started = Instant::now();
    let hasty = Installation { port_timeout: 1, ..installation() };
    let (answer, log) = read(&origin, hasty).await;
    assert_eq!((answer.status, &answer.json()["type"]), (504, &json!("timeout")), "{log}");
    assert!(started.elapsed() >= Duration::from_secs(1), "{:?}", started.elapsed());
    assert!(log.contains("no answer within 1 s"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_playlist_is_read_once_in_a_second() {
    let origin = Origin::start(Behaviour::answers(200, "", MASTER)).await;
    let scene = on(&origin, installation()).await;
    // The first request makes the instance, which may take its time.
    assert_eq!(ask(scene.address, "GET", PLAYLIST, "phone").await.status, 200);
    let mut judged = false;
    for _ in 0..20 {
        tokio::time::sleep(Duration::from_millis(1050)).await;
        let before = origin.reads().len();
        let started = Instant::now();
        for _ in 0..3 {
            assert_eq!(ask(scene.address, "GET", PLAYLIST, "phone").await.status, 200);
        }
        // A machine that is too busy says nothing about copies.
        judged = started.elapsed() < Duration::from_millis(900);
        if judged {
            assert_eq!(origin.reads().len() - before, 1, "the copy was too old, and then at hand");
            break;
        }
    }
    assert!(judged, "three requests never came within a second");
}
