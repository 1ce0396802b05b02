//! Bodies: however they come, they are whole or an error, and never more than was asked for.

use std::time::{Duration, Instant};

use tollgate_backends::ports::PortError;

use super::{NOTHING_KEPT, against};
use crate::server::{Step, begun, whole};

const SOON: Duration = Duration::from_secs(20);

fn send(bytes: impl AsRef<[u8]>) -> Step {
    Step::Send(bytes.as_ref().to_vec())
}

fn chunk(bytes: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat()
}

const CHUNKED: &str = "transfer-encoding: chunked\r\n";

#[tokio::test]
async fn a_body_in_parts_is_put_together() {
    let (_server, opened) = against(NOTHING_KEPT, |_| {
        let pause = Step::Wait(Duration::from_millis(20));
        let parts = [b"#EXT".as_slice(), b"M", b"3U\n"].map(|part| send(chunk(part)));
        let parts = parts.into_iter().flat_map(|part| [part, pause.clone()]);
        begun(CHUNKED, parts.chain([send("0\r\n\r\n")]))
    })
    .await;
    assert_eq!(opened.objects.read("a", None, 8).await.unwrap().unwrap(), "#EXTM3U\n");
    let error = opened.objects.read("a", None, 7).await.unwrap_err();
    assert_eq!(error.to_string(), "the playlist is larger than 7 bytes");
}

#[tokio::test]
async fn a_length_that_is_too_much_is_refused_before_anything_comes() {
    for length in ["1001", "9223372036854775807"] {
        let headers = format!("content-length: {length}\r\n");
        let (_server, opened) = against("timeout = 60", move |_| {
            // Whoever waited for the body would wait for a minute.
            begun(&headers, [Step::Wait(Duration::from_secs(60))])
        })
        .await;
        let started = Instant::now();
        let error = opened.objects.read("a", None, 1_000).await.unwrap_err();
        assert_eq!(error.to_string(), "the playlist is larger than 1000 bytes");
        assert!(started.elapsed() < SOON);
    }
}

#[tokio::test]
async fn a_body_without_end_is_cut_off_at_what_was_asked_for() {
    let (_server, opened) = against("timeout = 60", |_| {
        begun(CHUNKED, [Step::Forever(chunk(&[b'x'; 4_096]), Duration::ZERO)])
    })
    .await;
    let started = Instant::now();
    let error = opened.objects.read("a", None, 1_000_000).await.unwrap_err();
    assert_eq!(error.to_string(), "the playlist is larger than 1000000 bytes");
    assert!(started.elapsed() < SOON);
}

#[tokio::test]
async fn a_body_that_drips_is_given_up_in_time() {
    // Something comes all the time, and never all of it.
    let (_server, opened) = against("timeout = 1", |_| {
        begun("content-length: 1000\r\n", [Step::Forever(vec![b'x'], Duration::from_millis(50))])
    })
    .await;
    let started = Instant::now();
    let error = opened.objects.read("a", None, 1_000).await.unwrap_err();
    assert!(matches!(error, PortError::Timeout), "{error}");
    assert!(started.elapsed() >= Duration::from_secs(1) && started.elapsed() < SOON);
}

#[tokio::test]
async fn a_body_that_breaks_off_is_asked_for_once_more_and_is_never_a_part() {
    let cases: [fn() -> Vec<Step>; 3] = [
        || begun("content-length: 100\r\n", [send("#EXTM3U"), Step::Close]),
        || begun(CHUNKED, [send(chunk(b"#EXTM3U")), Step::Close]),
        || begun(CHUNKED, [send("ffffffffffffffffffff\r\n"), Step::Close]),
    ];
    for (number, broken) in cases.into_iter().enumerate() {
        let (server, opened) = against(NOTHING_KEPT, move |_| broken()).await;
        let error = opened.objects.read("a", None, 1_000).await.unwrap_err();
        assert!(matches!(error, PortError::Unavailable(_)), "{number}: {error}");
        assert!(error.to_string().contains("broke off"), "{number}: {error}");
        assert_eq!(server.take_seen().len(), 2, "{number}");

        let once = std::sync::atomic::AtomicBool::new(true);
        let (_server, opened) = against(NOTHING_KEPT, move |asked| {
            match once.swap(false, std::sync::atomic::Ordering::SeqCst) {
                true => broken(),
                false => whole(asked, 200, "", b"#EXTM3U"),
            }
        })
        .await;
        assert_eq!(opened.objects.read("a", None, 1_000).await.unwrap().unwrap(), "#EXTM3U");
    }
}

#[tokio::test]
async fn what_comes_after_a_body_is_nobodys_playlist() {
    // The length is less than what is sent; the rest must not be taken for the next answer.
    let (_server, opened) = against(NOTHING_KEPT, |_| {
        begun(
            "content-length: 7\r\n",
            [send("#EXTM3UHTTP/1.1 200 x\r\ncontent-length: 4\r\n\r\nfake")],
        )
    })
    .await;
    for _ in 0..4 {
        let read = opened.objects.read("a", None, 99).await;
        match read {
            Ok(read) => assert_eq!(read.unwrap(), "#EXTM3U"),
            Err(error) => assert!(matches!(error, PortError::Unavailable(_)), "{error}"),
        }
    }
}

#[tokio::test]
async fn a_body_that_ends_with_its_connection_is_refused() {
    let (_server, opened) =
        against(NOTHING_KEPT, |_| begun("", [send("#EXTM3U\n"), Step::Close])).await;
    let error = opened.objects.read("a", None, 99).await.unwrap_err();
    assert!(error.to_string().contains("does not say where its answer ends"), "{error}");
}

#[tokio::test]
async fn a_body_that_is_packed_is_refused() {
    for (encoding, taken) in [("identity", true), ("", true), ("gzip", false), ("br", false)] {
        let headers = format!("content-encoding: {encoding}\r\n");
        let (_server, opened) =
            against(NOTHING_KEPT, move |asked| whole(asked, 200, &headers, b"#EXTM3U")).await;
        let read = opened.objects.read("a", None, 99).await;
        assert_eq!(read.is_ok(), taken, "{encoding}: {read:?}");
        if let Err(error) = read {
            assert!(error.to_string().contains("Content-Encoding"), "{error}");
        }
    }
}
