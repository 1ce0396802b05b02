//! Links: what they are signed over, and everything that keeps one from working.

use super::*;
use crate::cloudfront::{KeyPairId, Signed, SigningKey};

const KEY: &str = include_str!("../../../testdata/p256.pkcs8.pem");
const OTHER_KEY: &str = include_str!("../../../testdata/rsa-2048.pkcs8.pem");
const GATEWAY: &str = r#""gateway-url":"https://api.example.com/v1/","expiry-window":0"#;
const SESSION_URL: &str =
    "https://api.example.com/v1/users/alice/series/big-test/episodes/ep1/sessions/5e55/";

fn key(pem: &str) -> (KeyPairId, SigningKey) {
    (KeyPairId::new("K1").unwrap(), SigningKey::from_pem(pem).unwrap())
}

fn sign(statement: crate::cloudfront::Unsigned) -> Signed {
    let (id, key) = key(KEY);
    statement.sign(&id, &key).unwrap()
}

fn granted(policy: &Policy, delivery: Delivery, facts: &Facts) -> Grant {
    let ask = Ask::new(policy, &viewer(), "big-test", "ep1", Some(delivery)).unwrap();
    let plan = policy.decide(&ask, facts, now()).unwrap();
    let signed: Vec<Signed> = plan.statements().into_iter().map(sign).collect();
    let link = plan.link_statement("5e55").unwrap().map(sign);
    assert_eq!(link.is_some(), ask.has_link());
    let session = Session { id: "5e55".to_owned(), expires_at: plan.lease.expires_at };
    plan.grant(&signed, link.as_ref(), session).unwrap()
}

/// A request by the link of a grant, changed by the test.
fn follow(policy: &Policy, url: &str, change: impl Fn(&mut LinkedRequest)) -> Result<Link, Denial> {
    let (_, query) = url.split_once('?').unwrap();
    let mut request = LinkedRequest {
        user: "alice".to_owned(),
        series: "big-test".to_owned(),
        episode: "ep1".to_owned(),
        session_id: "5e55".to_owned(),
        query: query.to_owned(),
        source_ip: Some("198.51.100.9".to_owned()),
    };
    change(&mut request);
    Link::new(policy, &request)
}

fn genuine(link: &Link, now: EpochSeconds) -> Result<(), Denial> {
    let (id, key) = key(KEY);
    assert_eq!(link.key_pair_id().unwrap(), id);
    link.verify(&id, &key.public(), now)
}

#[test]
fn a_grant_by_playlist_is_a_link_and_its_poster_is_signed() {
    let grant = granted(&policy(GATEWAY), Delivery::Playlist, &facts());
    assert!(grant.video_url.starts_with(&format!("{SESSION_URL}playlist.m3u8?Policy=")));
    assert!(grant.poster_url.unwrap().starts_with("https://media.example.com/content/"));
    assert!(grant.query.is_empty() && grant.cookies.is_empty() && grant.bootstrap_url.is_none());
    assert_eq!((grant.delivery, grant.expires_at), (Delivery::Playlist, NOW + 900));
}

#[test]
fn signatures_in_playlists_can_hold_longer() {
    let policy = policy(&format!(r#"{GATEWAY},"playlist-ttl":7200"#));
    assert_eq!(granted(&policy, Delivery::Playlist, &facts()).expires_at, NOW + 7200);
    assert_eq!(granted(&policy, Delivery::Url, &facts()).expires_at, NOW + 900);
}

#[test]
fn a_raw_video_has_no_playlist_and_keeps_its_signature() {
    let grant =
        granted(&policy(GATEWAY), Delivery::Playlist, &Facts { hls_exists: false, ..facts() });
    assert!(grant.video_url.starts_with("https://media.example.com/content/series/big-test/raw/"));
    assert!(grant.video_url.contains("?Expires="));
}

#[test]
fn cookies_come_with_a_link_that_sets_them_where_the_host_knows_its_address() {
    let grant = granted(&policy(GATEWAY), Delivery::Cookies, &facts());
    let link = grant.bootstrap_url.unwrap();
    assert!(link.starts_with(&format!("{SESSION_URL}cookies?Policy=")));
    let policy_without = policy(r#""expiry-window":0"#);
    assert!(granted(&policy_without, Delivery::Cookies, &facts()).bootstrap_url.is_none());

    let policy = policy(GATEWAY);
    let link = follow(&policy, &link, |_| {}).unwrap();
    genuine(&link, now()).unwrap();
    let plan = policy.decide_cookies(&link, &facts(), now()).unwrap();
    let signed: Vec<Signed> = plan.statements().into_iter().map(sign).collect();
    let (location, cookies) = plan.redirect(&signed).unwrap();
    assert_eq!(location, "https://media.example.com/content/series/big-test/video/ep1/video.m3u8");
    assert_eq!(cookies.len(), 4);
}

#[test]
fn dash_is_found_beside_hls_and_shares_its_signature() {
    let dash = r#""dash-path":"content/series/{series}/video/{episode}/manifest.mpd""#;
    let policy = policy(&format!("{GATEWAY},{dash}"));
    let both = Facts { dash_exists: true, ..facts() };
    let grant = granted(&policy, Delivery::Url, &both);
    assert!(grant.is_hls && grant.video_url.contains("video.m3u8?Policy="));
    assert!(grant.dash_url.unwrap().contains("/video/ep1/manifest.mpd?Policy="));
    let linked = granted(&policy, Delivery::Playlist, &both);
    assert!(linked.dash_url.unwrap().starts_with(&format!("{SESSION_URL}manifest.mpd?Policy=")));

    let only =
        Facts { hls_exists: false, media: Some(Media { video: None, poster: None }), ..both };
    let grant = granted(&policy, Delivery::Url, &only);
    assert!(!grant.is_hls && grant.video_url == grant.dash_url.unwrap());
    assert!(!grant.query.is_empty(), "its segments are signed as those of HLS are");
}

#[test]
fn nothing_but_the_link_itself_works() {
    let policy = policy(GATEWAY);
    let url = granted(&policy, Delivery::Playlist, &facts()).video_url;
    let outcome = |change: &dyn Fn(&mut LinkedRequest)| {
        follow(&policy, &url, change).and_then(|link| genuine(&link, now()))
    };
    assert_eq!(outcome(&|_| {}), Ok(()));
    assert_eq!(outcome(&|request| request.query.push_str("&_HLS_msn=7")), Ok(()));
    assert_eq!(outcome(&|request| request.query.insert_str(0, "own=1&own=2&")), Ok(()));

    type Change<'a> = (&'a str, &'a dyn Fn(&mut LinkedRequest));
    let changes: [Change<'_>; 7] = [
        ("another user", &|request| request.user = "bob".to_owned()),
        ("another series", &|request| request.series = "other".to_owned()),
        ("another episode", &|request| request.episode = "ep2".to_owned()),
        ("another lease", &|request| request.session_id = "5e56".to_owned()),
        ("a longer lease", &|request| request.session_id = "5e555".to_owned()),
        ("a changed policy", &|request| {
            request.query = request.query.replacen("Policy=e", "Policy=f", 1)
        }),
        ("a doubled parameter", &|request| request.query.push_str("&Signature=x")),
    ];
    for (what, change) in changes {
        assert!(matches!(outcome(change), Err(Denial::InvalidLink(_))), "{what}");
    }
    let unsigned = follow(&policy, &url, |request| request.query = "own=1".to_owned()).unwrap();
    assert!(matches!(unsigned.key_pair_id(), Err(Denial::InvalidLink(_))));
    let link = follow(&policy, &url, |_| {}).unwrap();
    let (id, other) = key(OTHER_KEY);
    assert!(matches!(link.verify(&id, &other.public(), now()), Err(Denial::InvalidLink(_))));
}

#[test]
fn the_signature_of_a_video_is_no_link() {
    let policy = policy(GATEWAY);
    let url = granted(&policy, Delivery::Url, &facts()).video_url;
    let link = follow(&policy, &url, |_| {}).unwrap();
    assert!(matches!(genuine(&link, now()), Err(Denial::InvalidLink(_))));
}

#[test]
fn a_link_ends_and_stays_at_its_address_where_signatures_do() {
    let policy = policy(&format!(r#"{GATEWAY},"link-ttl":3600,"bind-ip":true"#));
    let url = granted(&policy, Delivery::Playlist, &facts()).video_url;
    let from = |address: &str, later: u64| {
        let link = follow(&policy, &url, |request| request.source_ip = Some(address.to_owned()));
        link.and_then(|link| genuine(&link, at(NOW + later)))
    };
    assert_eq!(from("192.0.2.7", 3599), Ok(()));
    for (address, later) in [("192.0.2.7", 3600), ("192.0.2.8", 0), ("2001:db8::1", 0)] {
        assert!(matches!(from(address, later), Err(Denial::InvalidLink(_))), "{address} {later}");
    }
}

#[test]
fn what_belongs_to_the_link_and_what_to_the_playlist_is_told_apart() {
    let policy = policy(GATEWAY);
    let url = granted(&policy, Delivery::Playlist, &facts()).video_url;
    let query = url.split_once('?').unwrap().1;
    let own = |text: &str| {
        let text = text.replace("{}", query);
        let link = follow(&policy, &url, |request| request.query = text.clone()).unwrap();
        assert_eq!(link.signature(), query);
        link.own_query()
    };
    assert_eq!(own("{}"), None);
    let long = format!("{query}&{}", "a".repeat(2049));
    let refused = follow(&policy, &url, |request| request.query.clone_from(&long)).map(|_| ());
    assert!(matches!(refused, Err(Denial::InvalidRequest(invalid)) if invalid.field == "query"));
    assert_eq!(own("a=1&{}&b=%20&b").as_deref(), Some("a=1&b=%20&b"));
}

#[test]
fn only_playlists_of_the_episode_are_asked_for() {
    let policy = policy(GATEWAY);
    let ask = Ask::new(&policy, &viewer(), "big-test", "ep1", Some(Delivery::Playlist)).unwrap();
    let key = |manifest: Manifest| {
        policy.requested(Asking::Viewer(&ask), &manifest).map(|found| found.key().to_owned())
    };
    let directory = "content/series/big-test/video/ep1";
    assert_eq!(key(Manifest::Hls), Ok(format!("{directory}/video.m3u8")));
    assert_eq!(key(Manifest::Dash), Err(Denial::PlaylistNotFound), "no dash-path");
    let nested = |key_text: &str| key(Manifest::Nested(key_text.to_owned()));
    assert!(nested(&format!("{directory}/a b/index.m3u8")).is_ok());
    for outside in [
        "",
        "content/series/big-test/video/ep2/index.m3u8",
        "content/series/big-test/video/ep1",
        "content/series/big-test/video/ep1/../ep2/index.m3u8",
        "content/series/big-test/video/ep1//index.m3u8",
        "content/series/big-test/video/ep1/a\n.m3u8",
        "content/series/other/video/ep1/index.m3u8",
        "secrets.m3u8",
    ] {
        assert!(matches!(nested(outside), Err(Denial::InvalidRequest(_))), "{outside}");
    }
}

#[test]
fn a_policy_that_fixes_another_delivery_hands_out_no_playlist() {
    let fixed = policy(&format!(r#"{GATEWAY},"delivery-override":false"#));
    let url = granted(&policy(GATEWAY), Delivery::Playlist, &facts()).video_url;
    let link = follow(&fixed, &url, |_| {}).unwrap();
    let asking = Asking::Link(&link);
    assert!(matches!(fixed.requested(asking, &Manifest::Hls), Err(Denial::InvalidRequest(_))));
    assert!(fixed.decide_cookies(&link, &facts(), now()).is_err());
}

#[test]
fn playlists_need_to_know_where_the_host_is() {
    let refused = Ask::new(&policy(""), &viewer(), "s", "e", Some(Delivery::Playlist)).unwrap_err();
    assert!(matches!(&refused, Denial::InvalidRequest(invalid) if invalid.field == "delivery"));
    let parse =
        |members: &str| Policy::parse(&format!(r#"{{"domain":"m.example.com",{members}}}"#));
    let mistakes = parse(r#""delivery":"playlist""#).unwrap_err();
    assert_eq!(mistakes[0].field, "policy.gateway-url");
    for wrong in [
        "",
        "api.example.com",
        "ftp://a",
        "https://",
        "https://A.example",
        "https://a:443",
        "https://a/b//c",
        "https://a/../b",
        "https://a?b",
        "https://a#b",
        "https://u@a",
        "https://a/ b",
    ] {
        let mistakes = parse(&format!(r#""gateway-url":"{wrong}""#)).unwrap_err();
        assert_eq!(mistakes[0].field, "policy.gateway-url", "{wrong}");
    }
    for right in ["https://a", "http://127.0.0.1:8080", "https://a.example/b/c/"] {
        assert!(parse(&format!(r#""gateway-url":"{right}""#)).is_ok(), "{right}");
    }
    let elsewhere = parse(r#""dash-path":"dash/{series}/{episode}.mpd""#).unwrap_err();
    assert_eq!(elsewhere[0].field, "policy.dash-path");
}

#[test]
fn debug_shows_no_link() {
    let policy = policy(GATEWAY);
    let url = granted(&policy, Delivery::Playlist, &facts()).video_url;
    let request = LinkedRequest {
        user: "alice".to_owned(),
        series: String::new(),
        episode: String::new(),
        session_id: String::new(),
        query: url,
        source_ip: None,
    };
    assert!(!format!("{request:?}").contains("Signature"));
}
