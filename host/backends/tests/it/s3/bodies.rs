//! Bodies of GetObject that no emulator sends: too long, too short, too slow, packed, or without end.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use tollgate_backends::ports::{Objects, PortError};

use super::open;
use crate::server::{Server, Step, begun, whole};

const SOON: Duration = Duration::from_secs(20);

/// What marks an answer as S3's.
const S3: &str = "x-amz-request-id: 1\r\netag: \"1\"\r\n";

/// A backend whose GetObjects are answered so, by their number.
async fn against(
    lines: &str,
    answer: impl Fn(usize) -> Vec<Step> + Send + Sync + 'static,
) -> (Server, Arc<dyn Objects>, Arc<AtomicUsize>) {
    let gets = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&gets);
    let server = Server::start(move |asked| match asked.method.as_str() {
        "GET" => answer(counted.fetch_add(1, Ordering::SeqCst)),
        _ => whole(asked, 200, S3, b""),
    });
    let table = format!(
        "type = 's3'\nbucket = 'media'\nendpoint-url = '{}'\nplaylists-for = 0\n{lines}",
        server.url()
    );
    let objects = open(&table).await.unwrap_or_else(|mistakes| panic!("{mistakes:?}")).objects;
    (server, objects, gets)
}

fn s3(headers: &str, rest: impl IntoIterator<Item = Step>) -> Vec<Step> {
    begun(&format!("{S3}{headers}"), rest)
}

fn text(text: &str) -> Step {
    Step::Send(text.as_bytes().to_vec())
}

#[tokio::test]
async fn a_length_that_is_too_much_is_refused_before_anything_comes() {
    let (_server, objects, gets) = against("timeout = 60", |_| {
        s3("content-length: 5368709120\r\n", [Step::Wait(Duration::from_secs(60))])
    })
    .await;
    let started = Instant::now();
    let error = objects.read("a", None, 1_000).await.unwrap_err();
    assert_eq!(error.to_string(), "the playlist is larger than 1000 bytes");
    assert!(started.elapsed() < SOON);
    assert_eq!(gets.load(Ordering::SeqCst), 1, "it would be too large again");
}

#[tokio::test]
async fn a_body_without_end_is_cut_off_at_what_was_asked_for() {
    let (_server, objects, _) = against("timeout = 60", |_| {
        let chunk = [b"1000\r\n".as_slice(), &[b'x'; 4_096], b"\r\n"].concat();
        s3("transfer-encoding: chunked\r\n", [Step::Forever(chunk, Duration::ZERO)])
    })
    .await;
    let started = Instant::now();
    let error = objects.read("a", None, 1_000_000).await.unwrap_err();
    assert_eq!(error.to_string(), "the playlist is larger than 1000000 bytes");
    assert!(started.elapsed() < SOON);
}

#[tokio::test]
async fn a_body_that_drips_is_given_up_in_time() {
    let (_server, objects, _) = against("timeout = 1", |_| {
        s3("content-length: 1000\r\n", [Step::Forever(vec![b'x'], Duration::from_millis(50))])
    })
    .await;
    let started = Instant::now();
    let error = objects.read("a", None, 1_000).await.unwrap_err();
    assert!(matches!(error, PortError::Timeout), "{error}");
    assert!(started.elapsed() < SOON);
}

#[tokio::test]
async fn a_body_that_breaks_off_is_asked_for_once_more_and_is_never_a_part() {
    let broken = || s3("content-length: 100\r\n", [text("#EXTM3U"), Step::Close]);
    let (_server, objects, gets) = against("", move |_| broken()).await;
    let error = objects.read("a", None, 1_000).await.unwrap_err();
    assert!(matches!(error, PortError::Unavailable(_)), "{error}");
    assert!(error.to_string().contains("the bucket media: the answer broke off"), "{error}");
    assert_eq!(gets.load(Ordering::SeqCst), 2);

    let (_server, objects, _) = against("", move |number| match number {
        0 => broken(),
        _ => s3("content-length: 7\r\n", [text("#EXTM3U")]),
    })
    .await;
    assert_eq!(objects.read("a", None, 1_000).await.unwrap().unwrap(), "#EXTM3U");
}

#[tokio::test]
async fn a_playlist_that_is_kept_packed_is_refused() {
    let (_server, objects, gets) =
        against("", |_| s3("content-encoding: gzip\r\ncontent-length: 7\r\n", [text("#EXTM3U")]))
            .await;
    let error = objects.read("a", None, 1_000).await.unwrap_err();
    assert!(error.to_string().contains("Content-Encoding"), "{error}");
    assert_eq!(gets.load(Ordering::SeqCst), 1);
}
