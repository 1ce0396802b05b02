//! `wit/catalog.wit`, the part about objects.

use tollgate_backends::{ports::PortError, registry::Port};

use crate::{bench::serving, fixtures::Seed};

#[tokio::test]
async fn exactly_this_key_exists() {
    for bench in serving(Port::Objects) {
        let port = bench.objects().await;
        let key = "content/series/s/video/e/video.m3u8";
        assert!(!port.exists(key).await.unwrap(), "{}", bench.name());
        for key in [key, "top.mp4", "with space.mp4", "ünï.mp4", "a/..b", "a%2Fb.mp4"] {
            bench.seed(Seed::Object(key));
            assert!(port.exists(key).await.unwrap(), "{key}: {}", bench.name());
        }
        for other in [
            "",
            "content",
            "content/series/s/video/e",
            "content/series/s/video/e/",
            "content//series/s/video/e/video.m3u8",
            "content/./series/s/video/e/video.m3u8",
            "./top.mp4",
            "top.mp4/",
            "top.mp4/more",
            "top",
            "top.mp",
            "TOP.mp4",
            "with%20space.mp4",
            "a/b.mp4",
        ] {
            assert!(!port.exists(other).await.unwrap(), "{other}: {}", bench.name());
        }
        let long = "x".repeat(5_000);
        assert!(!port.exists(&long).await.unwrap(), "{}", bench.name());
    }
}

#[tokio::test]
async fn no_key_leaves_the_store() {
    for bench in serving(Port::Objects) {
        let port = bench.objects().await;
        bench.seed(Seed::Object("a/b.mp4"));
        for key in [
            "../outside.mp4",
            "a/../../outside.mp4",
            "a/../a/b.mp4",
            "..",
            "/etc/passwd",
            "..\\outside.mp4",
            "a/b.mp4\0",
        ] {
            // Whether there is something out there must not show: refused, or simply no such key.
            match port.exists(key).await {
                Err(PortError::AccessDenied(_)) | Ok(false) => {}
                other => panic!("{key:?}: {other:?}: {}", bench.name()),
            }
            match port.read(key, None, 1_000).await {
                Err(PortError::AccessDenied(_)) | Ok(None) => {}
                other => panic!("{key:?}: {other:?}: {}", bench.name()),
            }
        }
    }
}

#[tokio::test]
async fn what_is_read_is_what_was_put_there_byte_by_byte() {
    let every_byte: Vec<u8> = (0..=255).cycle().take(300_000).collect();
    for bench in serving(Port::Objects) {
        let port = bench.objects().await;
        let playlist = "#EXTM3U\n# Ünï 🎬\r\nmedia.m3u8?a=1\n".as_bytes();
        for (key, bytes) in [
            ("content/series/s/video/e/video.m3u8", playlist),
            ("with space.m3u8", b"#EXTM3U\n".as_slice()),
            ("ünï.mpd", b"\xEF\xBB\xBF<MPD/>"),
            ("a%2Fb.m3u8", b"escaped"),
            ("empty.m3u8", b""),
            ("odd.m3u8", &every_byte),
        ] {
            let before = port.read(key, None, 1_000_000).await.unwrap();
            assert_eq!(before, None, "{key}: {}", bench.name());
            bench.seed(Seed::Playlist { key, bytes });
            for query in [None, Some("_HLS_msn=7&_HLS_part=1&a=%2F"), Some("")] {
                let read = port.read(key, query, 1_000_000).await.unwrap();
                assert!(read.is_some_and(|read| read == bytes), "{key}: {}", bench.name());
            }
        }
        for other in ["", "content", "content/", "ünï.mp", "a/b.m3u8", "./with space.m3u8"] {
            let read = port.read(other, None, 1_000).await.unwrap();
            assert_eq!(read, None, "{other}: {}", bench.name());
        }
        bench.seed(Seed::Playlist { key: "empty.m3u8", bytes: b"not any more" });
        let read = port.read("empty.m3u8", None, 1_000).await.unwrap();
        assert_eq!(read.unwrap(), "not any more", "{}", bench.name());
    }
}

#[tokio::test]
async fn more_than_was_asked_for_is_an_error_and_never_a_part() {
    for bench in serving(Port::Objects) {
        let port = bench.objects().await;
        bench.seed(Seed::Playlist { key: "a.m3u8", bytes: &[b'x'; 70_000] });
        for (most, fits) in [(70_000, true), (u32::MAX, true), (69_999, false), (0, false)] {
            match port.read("a.m3u8", None, most).await {
                Ok(Some(read)) if fits => assert_eq!(read.len(), 70_000, "{}", bench.name()),
                Err(PortError::Other(why)) if !fits => {
                    assert_eq!(why, format!("the playlist is larger than {most} bytes"));
                }
                other => panic!("{most}: {:?}: {}", other.map(|_| ()), bench.name()),
            }
        }
        bench.seed(Seed::Playlist { key: "empty.m3u8", bytes: b"" });
        assert_eq!(port.read("empty.m3u8", None, 0).await.unwrap().unwrap(), "");
    }
}

#[tokio::test]
async fn a_copy_is_believed_as_long_as_the_table_says() {
    for bench in serving(Port::Objects) {
        let bench = bench.with("playlists-for = 0", "playlists-for = 60");
        let port = bench.objects().await;
        for (text, expected) in [("first", "first"), ("second", "first")] {
            bench.seed(Seed::Playlist { key: "a.m3u8", bytes: text.as_bytes() });
            let read = port.read("a.m3u8", None, 1_000).await.unwrap().unwrap();
            assert_eq!(read, expected, "{}", bench.name());
        }
        let afresh = bench.objects().await;
        let read = afresh.read("a.m3u8", None, 1_000).await.unwrap().unwrap();
        assert_eq!(read, "second", "{}", bench.name());
    }
}
