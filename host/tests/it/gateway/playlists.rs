//! Delivery by playlist: links, the playlists they lead to, and the leases they live by.

use std::fs;

use serde_json::Value;

use super::support::{
    client::{Call, Reply},
    site::{EDGE, Ground, Layout, Site, signed_urls, watch},
    tokens::token,
};
use crate::ground::SIGNING_KEY_PUBLIC;

const POLICY: &str = r#"
    gateway-url = "https://api.example.com"
    dash-path = "content/series/{series}/video/{episode}/manifest.mpd"
"#;
const MASTER: &str = "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n360p/index.m3u8\n";
const MEDIA: &str = "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nseg 0.ts\n#EXTINF:4,\n\
                     https://cdn.example.net/ad.ts\n#EXT-X-ENDLIST\n";
const SEGMENT: &str = "content/series/s/video/hls/360p/seg0.ts";

async fn site(policy: &str) -> Site {
    let ground = Ground::prepare().await;
    ground.write("signing.pub", SIGNING_KEY_PUBLIC);
    let folder = ground.path().join("objects/content/series/s/video/hls");
    fs::create_dir_all(folder.join("360p")).unwrap();
    fs::write(folder.join("video.m3u8"), MASTER).unwrap();
    fs::write(folder.join("360p/index.m3u8"), MEDIA.replace("seg 0", "seg0")).unwrap();
    fs::write(folder.join("360p/seg0.ts"), "segment").unwrap();
    fs::write(folder.join("360p/empty.m3u8"), "not a playlist").unwrap();
    let layout =
        Layout { policy: format!("{POLICY}{policy}"), more: EDGE.to_owned(), ..Layout::default() };
    ground.open(&layout).await.unwrap_or_else(|error| panic!("{error}"))
}

fn ask(delivery: &str) -> Call {
    let target = format!("{}?delivery={delivery}", signed_urls("alice", "s", "hls"));
    Call::get(target).token(&token("alice")).header("user-agent", "phone")
}

/// A call without a token, as a player makes it that can send none.
fn bare(url: &str) -> Call {
    Call::get(url.strip_prefix("https://api.example.com").unwrap()).header("user-agent", "native")
}

fn lines(reply: &Reply) -> Vec<String> {
    assert_eq!(reply.status, 200, "{}", reply.text());
    let lines = reply.text();
    lines.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
}

async fn link(site: &Site) -> (String, Value) {
    let reply = site.send(&ask("playlist")).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let grant = reply.json();
    (grant["videoUrl"].as_str().unwrap().to_owned(), grant)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_player_that_can_do_nothing_plays_by_the_link() {
    let site = site("").await;
    let (url, grant) = link(&site).await;
    assert_eq!((&grant["delivery"], grant.get("query")), (&"playlist".into(), None));

    let master = site.send(&bare(&url)).await;
    assert_eq!(master.header("content-type"), "application/vnd.apple.mpegurl");
    assert_eq!(master.header("cache-control"), "no-store");
    let nested = lines(&master);
    let session = grant["sessionId"].as_str().unwrap();
    let prefix = format!(
        "https://api.example.com/users/alice/series/s/episodes/hls/sessions/{session}/media/\
         content/series/s/video/hls/360p/index.m3u8?Policy="
    );
    assert!(nested[0].starts_with(&prefix), "{}", nested[0]);

    let segments = lines(&site.send(&bare(&nested[0])).await);
    assert!(segments[0].starts_with(&format!("https://media.example.com/{SEGMENT}?Policy=")));
    assert_eq!(segments[1], "https://cdn.example.net/ad.ts", "a foreign host gets no signature");
    let edge = site.edge.unwrap();
    let target = segments[0].strip_prefix("https://media.example.com").unwrap();
    let segment = Call::get(target).send(edge).await;
    assert_eq!((segment.status, segment.text()), (200, "segment"));
    let unsigned = Call::get(target.split_once('?').unwrap().0).send(edge).await;
    assert_eq!(unsigned.status, 403);

    // No other device was counted, whatever asked.
    let sessions = Call::get("/users/alice/sessions").token(&token("alice"));
    let devices = site.send(&sessions).await.json();
    assert_eq!(devices["sessions"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_playlist_can_be_had_with_a_token_and_counts_as_a_play() {
    let site = site("max-devices = 1").await;
    let get = |name: &str, agent: &str| {
        let target = format!("/users/alice/series/s/episodes/hls/{name}");
        Call::get(target).token(&token("alice")).header("user-agent", agent)
    };
    // What cannot be handed out costs nobody a place.
    let missing = site.send(&get("manifest.mpd", "tv")).await;
    assert_eq!(missing.slug(), (404, "playlist-not-found".to_owned()));
    let nested = lines(&site.send(&get("playlist.m3u8", "phone")).await);
    assert_eq!(lines(&site.send(&bare(&nested[0])).await).len(), 2);
    let second = site.send(&get("playlist.m3u8", "tv")).await;
    assert_eq!(second.slug(), (429, "device-limit-exceeded".to_owned()));
    assert_eq!(site.send(&get("playlist.m3u8?x=1", "phone")).await.status, 400);
    let head = Call::new("HEAD", "/users/alice/series/s/episodes/hls/playlist.m3u8");
    assert_eq!(site.send(&head).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_freed_device_is_told_at_its_link_and_its_heartbeat() {
    let site = site("max-devices = 1").await;
    let (url, grant) = link(&site).await;
    let session = grant["sessionId"].as_str().unwrap();
    let free = Call::new("DELETE", format!("/users/alice/sessions/{session}"));
    assert_eq!(site.send(&free.token(&token("alice"))).await.status, 204);
    let heartbeat = Call::new("POST", format!("/users/alice/sessions/{session}/heartbeat"));
    let heartbeat = heartbeat.token(&token("alice")).header("user-agent", "phone");
    for call in [bare(&url), heartbeat] {
        let reply = site.send(&call).await;
        assert_eq!(reply.slug(), (403, "session-ended".to_owned()));
        assert!(reply.problem().get("maxDevices").is_none(), "there is a place");
        assert!(!reply.text().contains("Signature"));
    }
    assert_eq!(site.send(&watch("alice", "hls").header("user-agent", "tv")).await.status, 200);
    let reply = site.send(&bare(&url)).await;
    assert_eq!(reply.problem()["maxDevices"], 1, "all places are taken now");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_else_opens_a_playlist() {
    let site = site("").await;
    let (url, _) = link(&site).await;
    let (path, query) = url.split_once('?').unwrap();
    let media = path.replace("/playlist.m3u8", "/media/content/series/s/video");
    for (what, url, status, slug) in [
        ("unsigned", path.to_owned(), 403, "invalid-link"),
        ("altered", url.replacen("Policy=ey", "Policy=fy", 1), 403, "invalid-link"),
        ("another user's", url.replacen("/alice/", "/carol/", 1), 403, "invalid-link"),
        ("another episode's", url.replacen("/hls/", "/raw/", 1), 403, "invalid-link"),
        ("elsewhere", format!("{media}/raw/a.m3u8?{query}"), 400, "invalid-request"),
        ("dots", format!("{media}/hls/%2e%2e/a.m3u8?{query}"), 400, "invalid-request"),
        ("missing", format!("{media}/hls/no.m3u8?{query}"), 404, "playlist-not-found"),
        ("a segment", format!("{media}/hls/360p/seg0.ts?{query}"), 502, "playlist-unusable"),
        ("no playlist", format!("{media}/hls/360p/empty.m3u8?{query}"), 502, "playlist-unusable"),
        ("too deep", format!("{media}/hls/video.m3u8?{query}"), 502, "playlist-unusable"),
    ] {
        let reply = site.send(&bare(&url)).await;
        assert_eq!(reply.slug(), (status, slug.to_owned()), "{what}");
    }
    // A token is no link, and a link is no token.
    let target = url.strip_prefix("https://api.example.com").unwrap();
    let unsigned = Call::get(target.split_once('?').unwrap().0).token(&token("alice"));
    assert_eq!(site.send(&unsigned).await.status, 403);
    for query in [query, ""] {
        let other = format!("/users/alice/series/s/episodes/hls/playlist.m3u8?{query}");
        let expected = if query.is_empty() { 401 } else { 400 };
        assert_eq!(site.send(&Call::get(other)).await.status, expected);
    }
    // Whoever may not watch any more is told so at the next playlist.
    assert!(site.ground.store.revoke("alice", "s").await.unwrap());
    assert_eq!(site.send(&bare(&url)).await.slug(), (403, "not-entitled".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_sets_the_cookies_and_leads_on() {
    let site = site("cookies = { domain = \"example.com\", same-site = \"Lax\" }").await;
    let reply = site.send(&ask("cookies")).await;
    let link = reply.json()["bootstrapUrl"].as_str().unwrap().to_owned();
    let redirect = site.send(&bare(&link)).await;
    assert_eq!(redirect.status, 302, "{}", redirect.text());
    let video = "https://media.example.com/content/series/s/video/hls/video.m3u8";
    assert_eq!(redirect.header("location"), video);
    assert_eq!(redirect.header("referrer-policy"), "no-referrer");
    let cookies = redirect.headers.get_all("set-cookie").iter().count();
    assert_eq!(cookies, 4);
    for cookie in redirect.headers.get_all("set-cookie") {
        let attributes = "; Domain=example.com; Path=/content/series/s/video/hls; Secure; HttpOnly; SameSite=Lax";
        assert!(cookie.to_str().unwrap().ends_with(attributes));
    }
    // The same lease's link leads to playlists too: it is the same right to watch.
    assert_eq!(site.send(&bare(&link.replace("/cookies?", "/playlist.m3u8?"))).await.status, 200);
    assert_eq!(site.send(&bare(&link.replace("Policy=ey", "Policy=fy"))).await.status, 403);
}
