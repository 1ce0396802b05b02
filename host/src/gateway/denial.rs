//! From the gate's words to the API's, in both directions. What only operators may know is logged here.

use std::net::IpAddr;

use tollgate_api::{self as api, Denial, FieldError, Slug, responses};

use crate::component::{GateError, gate};

/// Why there is no answer: what the caller learns, and what it counts as if it is our fault.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) denial: Denial,
    pub(super) failure: Option<&'static str>,
}

/// Every failure of ours that can keep a signed URL from being made.
pub(super) const FAILURES: [&str; 6] = [
    "component-failed",
    "dependency-unavailable",
    "internal-error",
    "misconfigured",
    "playlist-unusable",
    "timeout",
];

impl From<Denial> for Refusal {
    fn from(denial: Denial) -> Self {
        let failure = match denial {
            Denial::Misconfigured => Some("misconfigured"),
            _ => match denial.problem().slug() {
                slug @ (Slug::DependencyUnavailable
                | Slug::Timeout
                | Slug::InternalError
                | Slug::PlaylistUnusable) => Some(slug.as_str()),
                _ => None,
            },
        };
        Self { denial, failure }
    }
}

impl From<gate::Denial> for Refusal {
    fn from(denial: gate::Denial) -> Self {
        Self::from(match denial {
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
                tracing::error!(detail, "a playlist of the origin cannot be handed out");
                Denial::PlaylistUnusable
            }
            gate::Denial::DependencyUnavailable(failure) => {
                let (port, detail) = (failure.port, failure.detail);
                tracing::warn!(port, timed_out = failure.timed_out, detail, "nothing was granted");
                Denial::DependencyUnavailable { port, timed_out: failure.timed_out }
            }
            gate::Denial::Misconfigured(wrong) => {
                for field in wrong {
                    tracing::error!(field = field.field, rule = field.rule, "set up wrongly");
                }
                Denial::Misconfigured
            }
        })
    }
}

impl From<GateError> for Refusal {
    fn from(error: GateError) -> Self {
        tracing::error!(%error, "the gate gave no answer");
        match error {
            GateError::Failed => {
                Self { denial: Denial::Internal, failure: Some("component-failed") }
            }
            GateError::Stopped => {
                Denial::DependencyUnavailable { port: "gate".to_owned(), timed_out: false }.into()
            }
        }
    }
}

/// Who asks, in the gate's words.
pub(super) fn viewer(viewer: api::Viewer) -> gate::Viewer {
    gate::Viewer {
        subject: viewer.subject,
        user: viewer.user.as_str().to_owned(),
        roles: viewer
            .roles
            .into_iter()
            .map(|role| match role {
                api::Role::Standard => gate::Role::Standard,
                api::Role::Admin => gate::Role::Admin,
                api::Role::ContentCreator => gate::Role::ContentCreator,
            })
            .collect(),
        source_ip: Some(viewer.source_ip.to_string()),
        user_agent: viewer.user_agent,
    }
}

/// How the signature shall travel, in the gate's words.
pub(super) fn delivery(delivery: api::Delivery) -> gate::Delivery {
    match delivery {
        api::Delivery::Url => gate::Delivery::Url,
        api::Delivery::Cookies => gate::Delivery::Cookies,
        api::Delivery::Playlist => gate::Delivery::Playlist,
    }
}

/// Which of the episode's playlists, in the gate's words.
pub(super) fn manifest(format: api::Format) -> gate::Manifest {
    match format {
        api::Format::Hls => gate::Manifest::Hls,
        api::Format::Dash => gate::Manifest::Dash,
    }
}

/// A request by link, in the gate's words.
pub(super) fn linked(
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
pub(super) fn signed_urls(grant: gate::Grant) -> responses::SignedUrls {
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
pub(super) fn sessions(devices: Vec<gate::Device>) -> responses::Sessions {
    let sessions = devices
        .into_iter()
        .map(|device| responses::Session {
            session_id: device.session_id,
            this_device: device.is_this_device,
            series_id: device.series,
            episode_id: device.episode,
            started_at: device.started_at,
            renewed_at: device.renewed_at,
            expires_at: device.expires_at,
        })
        .collect();
    responses::Sessions { sessions }
}
