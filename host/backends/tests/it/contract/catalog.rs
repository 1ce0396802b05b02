//! `wit/catalog.wit`, the part about episodes.

use tollgate_backends::{ports::Media, registry::Port};

use super::ODD;
use crate::{bench::serving, fixtures::Seed};

#[tokio::test]
async fn media_are_read_back() {
    for bench in serving(Port::Catalog) {
        let port = bench.catalog().await;
        assert_eq!(port.episode("s", "e").await.unwrap(), None, "{}", bench.name());
        for (episode, video, poster) in [
            ("e", Some("v/é 1.mp4"), Some("p.jpg")),
            ("raw", Some("v.mp4"), None),
            ("still", None, Some("p.jpg")),
            ("empty", None, None),
        ] {
            bench.seed(Seed::Episode { series: "s", episode, video, poster });
            let media =
                Media { video: video.map(str::to_owned), poster: poster.map(str::to_owned) };
            assert_eq!(port.episode("s", episode).await.unwrap(), Some(media), "{}", bench.name());
            assert_eq!(port.episode("s2", episode).await.unwrap(), None, "{}", bench.name());
        }
    }
}

#[tokio::test]
async fn no_text_is_mistaken_for_another() {
    for bench in serving(Port::Catalog) {
        let port = bench.catalog().await;
        for text in ODD {
            for (series, episode) in [(*text, "e"), ("s", *text)] {
                assert_eq!(port.episode(series, episode).await.unwrap(), None, "{text:?}");
                if !bench.takes(text) {
                    continue;
                }
                bench.seed(Seed::Episode { series, episode, video: Some(text), poster: None });
                let media = port.episode(series, episode).await.unwrap().unwrap();
                assert_eq!(media.video.as_deref(), Some(*text), "{}", bench.name());
            }
        }
    }
}
