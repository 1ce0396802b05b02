//! Every way in which a server can fail: never an answer that was not given, and in time.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use tollgate_backends::ports::PortError;

use super::{NOTHING_KEPT, against};
use crate::server::{Step, whole};

type Steps = fn() -> Vec<Step>;

fn garbage() -> Vec<Step> {
    vec![Step::Send(b"SSH-2.0-OpenSSH_9.9\r\n\r\n".to_vec()), Step::Close]
}

fn endless_head() -> Vec<Step> {
    let head = Step::Send(b"HTTP/1.1 200 x\r\n".to_vec());
    vec![head, Step::Forever([b"a: ".as_slice(), &[b'x'; 9_000], b"\r\n"].concat(), Duration::ZERO)]
}

#[tokio::test]
async fn no_fault_is_an_absence_and_every_fault_ends_in_time() {
    let faults: [(&str, Steps); 5] = [
        ("silence", || vec![Step::Wait(Duration::from_secs(30))]),
        ("a closed connection", || vec![Step::Close]),
        ("half a head", || vec![Step::Send(b"HTTP/1.1 20".to_vec()), Step::Close]),
        ("something else than HTTP", garbage),
        ("a head without end", endless_head),
    ];
    for (fault, steps) in faults {
        let (_server, opened) =
            against(&format!("{NOTHING_KEPT}\ntimeout = 1"), move |_| steps()).await;
        let started = Instant::now();
        for error in [
            opened.objects.exists("a").await.unwrap_err(),
            opened.objects.read("a", None, 99).await.unwrap_err(),
            opened.upkeep.check().await.unwrap_err(),
        ] {
            let right = matches!(error, PortError::Unavailable(_) | PortError::Timeout);
            assert!(right, "{fault}: {error}");
        }
        assert!(started.elapsed() < Duration::from_secs(15), "{fault}");
    }
}

#[tokio::test]
async fn a_connection_that_ends_early_is_made_once_more() {
    let once = AtomicBool::new(true);
    let (server, opened) =
        against(NOTHING_KEPT, move |asked| match once.swap(false, Ordering::SeqCst) {
            true => vec![Step::Close],
            false => whole(asked, 200, "", b"#EXTM3U"),
        })
        .await;
    assert!(opened.objects.exists("a").await.unwrap());
    assert_eq!(server.take_seen().len(), 2);
}

#[tokio::test]
async fn an_error_is_told_to_nobody_after_it() {
    let once = AtomicBool::new(true);
    let (_server, opened) =
        against("playlists-for = 60", move |asked| match once.swap(false, Ordering::SeqCst) {
            true => whole(asked, 500, "", b""),
            false => whole(asked, 200, "", b"#EXTM3U"),
        })
        .await;
    opened.objects.read("a", None, 99).await.unwrap_err();
    assert_eq!(opened.objects.read("a", None, 99).await.unwrap().unwrap(), "#EXTM3U");
}
