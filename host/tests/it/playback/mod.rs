//! The main job without the network: store, policy, component, signature, and the edge's verdict on it.

mod installation;

use installation::{Installation, viewer};
use tollgate::component::{
    Runtime,
    gate::{Delivery, Denial},
};

#[tokio::test(flavor = "multi_thread")]
async fn the_edge_accepts_what_the_gate_grants_and_nothing_beside_it() {
    for mode in ["held", "revealed"] {
        let here = Installation::new(mode, "").await;
        let grant = here.ask("alice", "hls", "phone").await.unwrap();
        assert!(grant.is_hls);
        let (base, signature) = grant.video_url.split_once('?').unwrap();
        assert_eq!(base, "https://media.example.com/content/series/s/video/hls/video.m3u8");

        assert_eq!(here.edge(&grant.video_url, vec![], 0), None);
        let segment = format!(
            "https://media.example.com/content/series/s/video/hls/360p/seg000.ts?{signature}"
        );
        assert_eq!(here.edge(&segment, vec![], 0), None, "one signature for the whole directory");

        let other = format!(
            "https://media.example.com/content/series/s/video/other/video.m3u8?{signature}"
        );
        let tampered = grant.video_url.replace("Signature=M", "Signature=N");
        assert_ne!(tampered, grant.video_url);
        for (url, later) in [(base, 0), (&*other, 0), (&*tampered, 0), (&*grant.video_url, 16 * 60)]
        {
            assert!(here.edge(url, vec![], later).is_some(), "{url} after {later} s");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_hls_the_raw_video_is_signed_by_itself() {
    let here = Installation::new("held", "").await;
    let grant = here.ask("carol", "raw", "phone").await.unwrap();
    assert!(!grant.is_hls && grant.query.is_empty());
    assert!(
        grant
            .video_url
            .starts_with("https://media.example.com/content/series/s/raw/raw.mp4?Expires=")
    );
    assert_eq!(here.edge(&grant.video_url, vec![], 0), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn cookies_open_the_directory() {
    let here = Installation::new("held", "").await;
    let grant = here.ask_for("alice", "hls", "phone", Some(Delivery::Cookies)).await.unwrap();
    let pairs: Vec<&str> =
        grant.cookies.iter().filter_map(|cookie| cookie.split(';').next()).collect();
    let segment = "https://media.example.com/content/series/s/video/hls/360p/seg000.ts";
    assert_eq!(here.edge(segment, vec![pairs.join("; ")], 0), None);
    assert!(here.edge(segment, vec![], 0).is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_denial_names_its_rule() {
    let here = Installation::new("held", "").await;
    for user in ["erin", "dave", "nobody"] {
        assert!(
            matches!(here.ask(user, "hls", "phone").await, Err(Denial::NotEntitled(_))),
            "{user}"
        );
    }
    assert!(matches!(here.ask("alice", "unknown", "phone").await, Err(Denial::EpisodeNotFound)));
    assert!(matches!(here.ask("alice", "nothing", "phone").await, Err(Denial::NoVideo)));
    assert!(matches!(here.ask("alice", "..", "phone").await, Err(Denial::InvalidRequest(_))));
    assert!(here.gate.trouble().await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_devices_at_once_get_three_places() {
    let here = Installation::new("held", "").await;
    let devices: Vec<String> = (0..50).map(|number| format!("device-{number}")).collect();
    let outcomes =
        futures::future::join_all(devices.iter().map(|device| here.ask("alice", "hls", device)))
            .await;
    let granted = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    assert_eq!(granted, 3);
    for outcome in outcomes.into_iter().filter_map(Result::err) {
        let Denial::DeviceLimitExceeded(limit) = outcome else { panic!("{outcome:?}") };
        assert!(limit.max_devices == 3 && (1..=600).contains(&limit.retry_after));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_is_kept_renewed_and_given_back() {
    let here = Installation::new("held", "max-devices = 1").await;
    let first = here.ask("alice", "hls", "phone").await.unwrap();
    let again = here.ask("alice", "raw", "phone").await.unwrap();
    assert_eq!(first.session_id, again.session_id, "the same device keeps its session");
    assert!(matches!(
        here.ask("alice", "hls", "tablet").await,
        Err(Denial::DeviceLimitExceeded(_))
    ));

    let renew =
        |device: &'static str, id: String| here.gate.renew(viewer("alice", device), id, None, None);
    let renewed = renew("phone", first.session_id.clone()).await.unwrap().unwrap();
    assert!(!renewed.is_hls, "what was watched last is granted again");
    assert!(matches!(
        renew("tablet", first.session_id.clone()).await.unwrap(),
        Err(Denial::SessionEnded(_))
    ));

    let listed = here.gate.devices(viewer("alice", "tablet")).await.unwrap().unwrap();
    assert_eq!(listed.len(), 1);
    assert!(listed[0].session_id == first.session_id && !listed[0].is_this_device);

    let release = || here.gate.release(viewer("alice", "tablet"), first.session_id.clone());
    assert!(release().await.unwrap().unwrap());
    assert!(!release().await.unwrap().unwrap(), "it is gone");
    assert!(here.ask("alice", "hls", "tablet").await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_entitlement_ends_the_renewals() {
    let here = Installation::new("held", "").await;
    let grant = here.ask("alice", "hls", "phone").await.unwrap();
    assert!(here.store.revoke("alice", "s").await.unwrap());
    let renewed =
        here.gate.renew(viewer("alice", "phone"), grant.session_id, None, None).await.unwrap();
    assert!(matches!(renewed, Err(Denial::NotEntitled(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn within_a_window_everybody_shares_a_signature() {
    let here = Installation::new("held", "expiry-window = 3600").await;
    let phone = here.ask("alice", "hls", "phone").await.unwrap();
    let tablet = here.ask("carol", "hls", "tablet").await.unwrap();
    assert_eq!(phone.video_url, tablet.video_url);
    assert_ne!(phone.session_id, tablet.session_id);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_policy_is_trouble_and_grants_nothing() {
    let here = Installation::new("held", "max-devices = 0").await;
    let trouble = here.gate.trouble().await.unwrap().expect("trouble");
    assert!(
        matches!(&trouble, Denial::Misconfigured(wrong) if wrong[0].field == "policy.max-devices"),
        "{trouble:?}"
    );
    assert!(matches!(here.ask("alice", "hls", "phone").await, Err(Denial::Misconfigured(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_not_there_is_trouble_and_costs_nobody_a_place() {
    let here = Installation::new("held", "key-pair-id = \"KOTHER\"").await;
    let trouble = here.gate.trouble().await.unwrap().expect("trouble");
    assert!(
        matches!(&trouble, Denial::Misconfigured(wrong) if wrong[0].field == "policy.key-pair-id"),
        "{trouble:?}"
    );
    assert!(matches!(here.ask("alice", "hls", "phone").await, Err(Denial::Misconfigured(_))));
    let devices = here.gate.devices(viewer("alice", "phone")).await.unwrap().unwrap();
    assert!(devices.is_empty(), "{devices:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_heartbeat_travels_as_it_is_asked_to() {
    let here = Installation::new("held", "").await;
    let first = here.ask_for("alice", "hls", "phone", Some(Delivery::Cookies)).await.unwrap();
    let renew = |delivery| {
        here.gate.renew(viewer("alice", "phone"), first.session_id.clone(), None, delivery)
    };
    let renewed = renew(Some(Delivery::Cookies)).await.unwrap().unwrap();
    assert!(!renewed.cookies.is_empty() && renewed.query.is_empty());
    let renewed = renew(None).await.unwrap().unwrap();
    assert!(renewed.cookies.is_empty() && !renewed.query.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_component_signs_the_same_bytes_as_the_host() {
    for hash in ["SHA1", "SHA256"] {
        let policy = format!("hash = \"{hash}\"\nexpiry-window = 3600");
        let held = Installation::new("held", &policy).await;
        let revealed = Installation::new("revealed", &policy).await;
        let held = held.ask("alice", "hls", "phone").await.unwrap();
        let revealed = revealed.ask("alice", "hls", "phone").await.unwrap();
        assert_eq!(held.video_url, revealed.video_url, "{hash}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_portable_component_signs_the_same_bytes_as_the_wide_one() {
    let path = std::path::Path::new(env!("TOLLGATE_COMPONENTS")).join("gate.wasm");
    let portable = Runtime::with_gate(&std::fs::read(path).unwrap()).unwrap();
    let policy = "expiry-window = 3600";
    let portable = Installation::on(portable, "revealed", policy).await;
    let wide = Installation::new("revealed", policy).await;
    let portable = portable.ask("alice", "hls", "phone").await.unwrap();
    let wide = wide.ask("alice", "hls", "phone").await.unwrap();
    assert_eq!(portable.video_url, wide.video_url);
}
