//! From the gate's words to the API's, in both directions. What only operators may know is logged here.

use tollgate_api::{self as api, Denial, FieldError, Slug, responses};

use crate::component::{GateError, gate};

/// Why there is no answer: what the caller learns, and what it counts as if it is our fault.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) denial: Denial,
    pub(super) failure: Option<&'static str>,
}

/// Every failure of ours that can keep a signed URL from being made.
pub(super) const FAILURES: [&str; 5] =
    ["component-failed", "dependency-unavailable", "internal-error", "misconfigured", "timeout"];

impl From<Denial> for Refusal {
    fn from(denial: Denial) -> Self {
        let failure = match denial {
            Denial::Misconfigured => Some("misconfigured"),
            _ => match denial.problem().slug() {
                slug @ (Slug::DependencyUnavailable | Slug::Timeout | Slug::InternalError) => {
                    Some(slug.as_str())
                }
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
            gate::Denial::SessionNotFound => Denial::SessionNotFound,
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
    }
}

/// A grant as the API writes it, without its cookies.
pub(super) fn signed_urls(grant: gate::Grant) -> responses::SignedUrls {
    responses::SignedUrls {
        delivery: if grant.cookies.is_empty() {
            api::Delivery::Url
        } else {
            api::Delivery::Cookies
        },
        video_url: grant.video_url,
        poster_url: grant.poster_url,
        expires_at: grant.expires_at,
        expires_in: grant.expires_in,
        is_hls: grant.is_hls,
        session_id: grant.session_id,
        session_expires_at: grant.session_expires_at,
        refresh_at: grant.refresh_at,
        query: responses::Query(grant.query),
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
