//! What the server is asked, how often, and what its statuses mean.

use std::time::Duration;

use futures::future::join_all;
use tollgate_backends::ports::PortError;

use super::{NOTHING_KEPT, against};
use crate::server::{Step, whole};

#[tokio::test]
async fn a_request_says_what_is_needed_and_no_more() {
    let (server, opened) = against(NOTHING_KEPT, |asked| whole(asked, 200, "", b"#EXTM3U")).await;
    opened.objects.exists("a b/é.m3u8").await.unwrap();
    opened.objects.read("a/b.m3u8", Some("_HLS_msn=7&x=%2F"), 99).await.unwrap();
    opened.objects.read("a/b.m3u8", Some(""), 99).await.unwrap();
    let seen = server.take_seen();
    let lines: Vec<_> =
        seen.iter().map(|asked| format!("{} {}", asked.method, asked.target)).collect();
    assert_eq!(
        lines,
        [
            "HEAD /live/a%20b/%C3%A9.m3u8",
            "GET /live/a/b.m3u8?_HLS_msn=7&x=%2F",
            "GET /live/a/b.m3u8"
        ]
    );
    let host = server.url().trim_start_matches("http://");
    for asked in seen {
        let mut headers = asked.headers;
        headers.sort();
        let agent = concat!("user-agent: tollgate/", env!("CARGO_PKG_VERSION"));
        assert_eq!(headers, ["accept-encoding: identity", &format!("host: {host}"), agent]);
    }
}

#[tokio::test]
async fn each_status_says_one_thing() {
    for status in [200, 404, 410, 401, 403, 301, 302, 304, 307, 204, 206, 400, 418, 429, 500, 503] {
        let headers = "location: http://127.0.0.1:1/secret\r\n";
        let (_server, opened) =
            against(NOTHING_KEPT, move |asked| whole(asked, status, headers, b"#EXTM3U")).await;
        let exists = opened.objects.exists("a").await;
        let read = opened.objects.read("a", None, 99).await;
        match status {
            200 => {
                assert!(exists.unwrap());
                assert_eq!(read.unwrap().unwrap(), "#EXTM3U");
                continue;
            }
            404 | 410 => {
                assert!(!exists.unwrap());
                assert_eq!(read.unwrap(), None);
                continue;
            }
            _ => {}
        }
        for error in [exists.unwrap_err(), read.unwrap_err()] {
            let right = match status {
                401 | 403 => matches!(error, PortError::AccessDenied(_)),
                300..=399 => matches!(error, PortError::Other(_)),
                _ => matches!(error, PortError::Unavailable(_)),
            };
            let text = error.to_string();
            assert!(right && text.contains(&format!("answered {status}")), "{status}: {text}");
            assert!(!text.contains("secret"), "{text}");
        }
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (server, opened) = against(NOTHING_KEPT, |asked| match asked.target.as_str() {
        "/live/elsewhere" => whole(asked, 200, "", b"#EXTM3U"),
        _ => whole(asked, 302, "location: /live/elsewhere\r\n", b""),
    })
    .await;
    opened.objects.exists("a").await.unwrap_err();
    let error = opened.objects.read("a", None, 99).await.unwrap_err();
    assert!(error.to_string().contains("`url` must be where the objects are"), "{error}");
    assert_eq!(server.take_seen().len(), 2);
}

#[tokio::test]
async fn a_server_that_knows_no_head_is_asked_by_get() {
    for status in [405, 501] {
        let (server, opened) =
            against(NOTHING_KEPT, move |asked| match (&*asked.method, &*asked.target) {
                ("HEAD", _) => whole(asked, status, "", b""),
                (_, "/live/there") => whole(asked, 200, "", b"#EXTM3U"),
                _ => whole(asked, 404, "", b""),
            })
            .await;
        assert!(opened.objects.exists("there").await.unwrap());
        assert!(!opened.objects.exists("missing").await.unwrap());
        assert_eq!(server.take_seen().len(), 4);
        opened.upkeep.check().await.unwrap();
    }
}

#[tokio::test]
async fn answers_are_believed_for_their_lifetimes_and_asked_for_once() {
    let (server, opened) = against("missing-for = 0", |asked| {
        let mut steps = vec![Step::Wait(Duration::from_millis(150))];
        steps.extend(match asked.target.as_str() {
            "/live/missing" => whole(asked, 404, "", b""),
            _ => whole(asked, 200, "", b"#EXTM3U"),
        });
        steps
    })
    .await;
    let all = join_all((0..20).map(|_| opened.objects.exists("there"))).await;
    assert!(all.into_iter().all(|found| found.unwrap()));
    let all = join_all((0..20).map(|_| opened.objects.read("there", Some("a=1"), 99))).await;
    assert!(all.into_iter().all(|read| read.unwrap().unwrap() == "#EXTM3U"));
    assert!(opened.objects.exists("there").await.unwrap());
    opened.objects.read("there", Some("a=1"), 99).await.unwrap();
    assert_eq!(server.take_seen().len(), 2, "found-for is 60 s and playlists-for 1 s");
    opened.objects.read("there", Some("a=2"), 99).await.unwrap();
    for _ in 0..2 {
        assert!(!opened.objects.exists("missing").await.unwrap());
    }
    assert_eq!(server.take_seen().len(), 3);
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    opened.objects.read("there", Some("a=1"), 99).await.unwrap();
    assert_eq!(server.take_seen().len(), 1, "a copy is at most a second old");
}

#[tokio::test]
async fn keys_that_servers_disagree_about_are_not_asked_for() {
    let (server, opened) = against(NOTHING_KEPT, |asked| whole(asked, 200, "", b"x")).await;
    let longest = "x".repeat(1024);
    for key in ["", "/a", "a/", "a//b", "./a", "a/./b", "a\\.\\b", &format!("{longest}x")] {
        assert!(!opened.objects.exists(key).await.unwrap(), "{key}");
        assert_eq!(opened.objects.read(key, None, 9).await.unwrap(), None, "{key}");
    }
    for key in ["..", "a/../b", "a\\..\\b", "a\0"] {
        let refused = opened.objects.read(key, None, 9).await;
        assert!(matches!(refused, Err(PortError::AccessDenied(_))), "{key}: {refused:?}");
    }
    assert_eq!(server.take_seen().len(), 0);
    assert!(opened.objects.exists(&longest).await.unwrap());
}
