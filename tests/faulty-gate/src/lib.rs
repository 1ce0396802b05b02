//! A gate that does what the series asked for is called: `trap`, `hang`, `grow`, `nag` or `wait`. Anything else is granted.

mod bindings;
mod unused;

use bindings::{
    exports::tollgate::gate::playback::{
        Delivery, Denial, Device, Grant, Guest, LinkedRequest, Manifest, PlaybackRequest, Playlist,
        Redirect, Viewer,
    },
    tollgate::gate::catalog,
};

/// The component, as its exports see it.
struct Component;

impl Guest for Component {
    async fn authorize(request: PlaybackRequest) -> Result<Grant, Denial> {
        match request.series.as_str() {
            "trap" => std::process::abort(),
            "hang" => loop {
                std::hint::spin_loop();
            },
            "grow" => {
                let mut kept = Vec::new();
                loop {
                    kept.push(std::hint::black_box(vec![1_u8; 1 << 20]));
                }
            }
            "wait" => match catalog::exists(request.episode).await {
                Ok(_) => Ok(grant(request.series)),
                Err(_) => Err(Denial::EpisodeNotFound),
            },
            "nag" => loop {
                let _ = catalog::exists(request.episode.clone()).await;
            },
            _ => Ok(grant(request.series)),
        }
    }

    async fn renew(
        _: Viewer,
        _: String,
        _: Option<(String, String)>,
        _: Option<Delivery>,
    ) -> Result<Grant, Denial> {
        Err(Denial::NoVideo)
    }

    async fn authorize_playlist(_: PlaybackRequest, _: Manifest) -> Result<Playlist, Denial> {
        Err(Denial::PlaylistNotFound)
    }

    async fn linked_playlist(_: LinkedRequest, _: Manifest) -> Result<Playlist, Denial> {
        Err(Denial::PlaylistNotFound)
    }

    async fn linked_cookies(_: LinkedRequest) -> Result<Redirect, Denial> {
        Err(Denial::NoVideo)
    }

    async fn release(_: Viewer, _: String) -> Result<bool, Denial> {
        Ok(false)
    }

    async fn devices(_: Viewer) -> Result<Vec<Device>, Denial> {
        Ok(Vec::new())
    }

    async fn ready() -> Result<(), Denial> {
        Ok(())
    }
}

fn grant(series: String) -> Grant {
    Grant {
        video_url: series,
        dash_url: None,
        poster_url: None,
        is_hls: false,
        expires_at: 0,
        expires_in: 0,
        refresh_at: 0,
        session_id: String::new(),
        session_expires_at: 0,
        delivery: Delivery::Url,
        query: Vec::new(),
        cookies: Vec::new(),
        bootstrap_url: None,
    }
}
