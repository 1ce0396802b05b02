//! What is wrong with a table shows at the start; a server that does not answer stops nothing.

use std::net::TcpListener;

use tollgate_backends::{
    examination::Verdict,
    ports::PortError,
    registry::{Commons, Port},
};

use super::{NOTHING_KEPT, against, configured, open};
use crate::server::whole;

#[test]
fn mistakes_of_the_table_are_named_without_asking_anybody() {
    for (table, expected) in [
        ("", "objects.url: is required"),
        ("url = ''", "objects.url: must not be empty"),
        ("url = 'packager.example'", "objects.url: must start with https:// or http://"),
        (
            "url = 'http://packager.example'",
            "objects.url: must be https unless it points to this machine",
        ),
        ("url = 'https://a:secret@b.example'", "objects.url: must hold no user name"),
        ("url = 'https://b.example/?a=secret'", "objects.url: must hold no user name, query"),
        ("url = 'https://b.example'\ntimeout = 0", "objects.timeout: must be between 1 and 60"),
        (
            "url = 'https://b.example'\nfound-for = '2h'",
            "objects.found-for: must be between 0 and 3600",
        ),
        (
            "url = 'https://b.example'\nmissing-for = -1",
            "objects.missing-for: must be between 0 and 3600",
        ),
        (
            "url = 'https://b.example'\nplaylists-for = 61",
            "objects.playlists-for: must be between 0 and 60",
        ),
        ("url = 'https://b.example'\nbucket = 'x'", "objects.bucket: unknown key"),
    ] {
        let mistakes = configured(&format!("type = 'http'\n{table}")).err().unwrap();
        assert_eq!(mistakes.len(), 1, "{mistakes:?}");
        assert!(mistakes[0].starts_with(expected), "{mistakes:?}");
        assert!(!mistakes[0].contains("secret"), "{mistakes:?}");
    }
    for (table, summary) in [
        ("url = 'https://b.example/live/'", "http https://b.example/live"),
        ("url = 'http://b.example'\nallow-http = true", "http http://b.example"),
    ] {
        assert_eq!(configured(table).unwrap().summary(), summary);
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_stops_no_start_and_is_not_ready() {
    let free = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
    let opened = open(&format!("http://{free}"), NOTHING_KEPT).await;
    assert_eq!(opened.upkeep.part(), "objects");
    for error in [
        opened.upkeep.check().await.unwrap_err(),
        opened.objects.exists("a").await.unwrap_err(),
        opened.objects.read("a", None, 9).await.unwrap_err(),
    ] {
        assert_eq!(error.to_string(), format!("unavailable: http://{free}: no connection"));
    }
}

#[tokio::test]
async fn readiness_asks_only_a_server_that_has_not_answered_lately() {
    let (server, opened) = against(NOTHING_KEPT, |asked| match asked.target.as_str() {
        "/live/broken" => whole(asked, 500, "", b""),
        _ => whole(asked, 404, "", b""),
    })
    .await;
    // What fails is not taken for a server that is well.
    opened.objects.exists("broken").await.unwrap_err();
    server.take_seen();
    opened.upkeep.check().await.unwrap();
    opened.upkeep.check().await.unwrap();
    let seen = server.take_seen();
    assert_eq!(seen.len(), 1, "{seen:?}");
    assert_eq!((seen[0].method.as_str(), seen[0].target.as_str()), ("HEAD", "/live/"));

    let (_server, ill) = against(NOTHING_KEPT, |asked| whole(asked, 503, "", b"")).await;
    let error = ill.upkeep.check().await.unwrap_err();
    assert!(matches!(&error, PortError::Unavailable(why) if why.ends_with("answered 503")));
}

#[tokio::test]
async fn a_doctor_finds_out_whether_missing_is_told_from_forbidden() {
    for (status, verdict, words) in [
        (404, Verdict::Ok, "knows what is not there"),
        (403, Verdict::Fail, "a missing object must be 404"),
        (302, Verdict::Fail, "redirects are not followed"),
    ] {
        let (server, _opened) = against("", move |asked| whole(asked, status, "", b"")).await;
        let table = configured(&format!("url = '{}'", server.url())).unwrap();
        let findings = table.examine(Port::Objects, &Commons::default()).await;
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].verdict, verdict, "{}", findings[0]);
        assert!(findings[0].text.contains(words), "{}", findings[0]);
    }
}
