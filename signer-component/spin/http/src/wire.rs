//! From the gate's words to the API's, in both directions. What only operators may know is logged here.

use std::net::IpAddr;

use serde_json::Value;
use tollgate_api::{self as api, Denial, FieldError, responses};

use crate::{
    bindings::tollgate::gate::playback as gate,
    log::{self, Level},
};

/// The denial as the API has it.
pub(crate) async fn denial(denial: gate::Denial) -> Denial {
    match denial {
        gate::Denial::InvalidRequest(field) => {
            Denial::InvalidRequest(vec![FieldError::new(field.field, field.rule)])
        }
        gate::Denial::ForbiddenRole(rule) => Denial::ForbiddenRole(rule),
        gate::Denial::NotEntitled(reason) => Denial::NotEntitled(reason),
        gate::Denial::EpisodeNotFound => Denial::EpisodeNotFound,
        gate::Denial::NoVideo => Denial::NoVideo,
        gate::Denial::DeviceLimitExceeded(limit) => Denial::DeviceLimitExceeded {
            max_devices: limit.max_devices,
            retry_after: limit.retry_after,
        },
        gate::Denial::SessionEnded(end) => Denial::SessionEnded {
            max_devices: end.max_devices,
            all_taken: end.all_taken,
            other_device: end.other_device,
        },
        gate::Denial::InvalidLink(rule) => Denial::InvalidLink(rule),
        gate::Denial::PlaylistNotFound => Denial::PlaylistNotFound,
        gate::Denial::PlaylistUnusable(detail) => {
            let message = "a playlist of the origin cannot be handed out";
            log::write(Level::Error, message, &[("detail", detail.into())]).await;
            Denial::PlaylistUnusable
        }
        gate::Denial::DependencyUnavailable(failure) => {
            let fields = [
                ("port", Value::from(failure.port.as_str())),
                ("timed_out", failure.timed_out.into()),
                ("detail", failure.detail.into()),
            ];
            log::write(Level::Warn, "nothing was granted", &fields).await;
            Denial::DependencyUnavailable { port: failure.port, timed_out: failure.timed_out }
        }
        gate::Denial::Misconfigured(wrong) => {
            for field in wrong {
                let fields = [("field", Value::from(field.field)), ("rule", field.rule.into())];
                log::write(Level::Error, "set up wrongly", &fields).await;
            }
            Denial::Misconfigured
        }
    }
}

/// Who asks, in the gate's words.
pub(crate) fn viewer(viewer: api::Viewer) -> gate::Viewer {
    let roles = viewer.roles.into_iter().map(|role| match role {
        api::Role::Standard => gate::Role::Standard,
        api::Role::Admin => gate::Role::Admin,
        api::Role::ContentCreator => gate::Role::ContentCreator,
    });
    gate::Viewer {
        subject: viewer.subject,
        user: viewer.user.as_str().to_owned(),
        roles: roles.collect(),
        source_ip: Some(viewer.source_ip.to_string()),
        user_agent: viewer.user_agent,
    }
}

/// How the signature shall travel, in the gate's words.
pub(crate) fn delivery(delivery: api::Delivery) -> gate::Delivery {
    match delivery {
        api::Delivery::Url => gate::Delivery::Url,
        api::Delivery::Cookies => gate::Delivery::Cookies,
        api::Delivery::Playlist => gate::Delivery::Playlist,
    }
}

/// Which of the episode's playlists, in the gate's words.
pub(crate) fn manifest(format: api::Format) -> gate::Manifest {
    match format {
        api::Format::Hls => gate::Manifest::Hls,
        api::Format::Dash => gate::Manifest::Dash,
    }
}

/// A request by link, in the gate's words.
pub(crate) fn linked(
    link: &api::Link,
    query: Option<&str>,
    source_ip: IpAddr,
) -> gate::LinkedRequest {
    gate::LinkedRequest {
        user: link.user.as_str().to_owned(),
        series: link.series.as_str().to_owned(),
        episode: link.episode.as_str().to_owned(),
        session_id: link.session.as_str().to_owned(),
        query: query.unwrap_or_default().to_owned(),
        source_ip: Some(source_ip.to_string()),
    }
}

/// A grant as the API writes it, without its cookies.
pub(crate) fn signed_urls(grant: gate::Grant) -> responses::SignedUrls {
    responses::SignedUrls {
        delivery: match grant.delivery {
            gate::Delivery::Url => api::Delivery::Url,
            gate::Delivery::Cookies => api::Delivery::Cookies,
            gate::Delivery::Playlist => api::Delivery::Playlist,
        },
        video_url: grant.video_url,
        dash_url: grant.dash_url,
        poster_url: grant.poster_url,
        expires_at: grant.expires_at,
        expires_in: grant.expires_in,
        is_hls: grant.is_hls,
        session_id: grant.session_id,
        session_expires_at: grant.session_expires_at,
        refresh_at: grant.refresh_at,
        query: responses::Query(grant.query),
        bootstrap_url: grant.bootstrap_url,
    }
}

/// Leases as the API writes them.
pub(crate) fn sessions(devices: Vec<gate::Device>) -> responses::Sessions {
    let session = |device: gate::Device| responses::Session {
        session_id: device.session_id,
        this_device: device.is_this_device,
        series_id: device.series,
        episode_id: device.episode,
        started_at: device.started_at,
        renewed_at: device.renewed_at,
        expires_at: device.expires_at,
    };
    responses::Sessions { sessions: devices.into_iter().map(session).collect() }
}
