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
        }
    }
}
