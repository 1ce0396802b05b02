//! Between the contract's playback types and the core's.

use tollgate_core::playback::{self as core, OnLimit};

use crate::bindings::{
    exports::tollgate::gate::playback::{
        Delivery, Denial, Device, DeviceLimit, Grant, LinkedRequest, Manifest, Role, SessionEnd,
        Viewer,
    },
    tollgate::gate::{
        catalog::Media,
        entitlements::Entitlement,
        sessions::{LimitPolicy, Session},
    },
};

impl From<Viewer> for core::Viewer {
    fn from(viewer: Viewer) -> Self {
        let role = |role: Role| match role {
            Role::Standard => core::Role::Standard,
            Role::Admin => core::Role::Admin,
            Role::ContentCreator => core::Role::ContentCreator,
        };
        Self {
            subject: viewer.subject,
            user: viewer.user,
            roles: viewer.roles.into_iter().map(role).collect(),
            source_ip: viewer.source_ip,
            user_agent: viewer.user_agent,
        }
    }
}

impl From<Delivery> for core::Delivery {
    fn from(delivery: Delivery) -> Self {
        match delivery {
            Delivery::Url => Self::Url,
            Delivery::Cookies => Self::Cookies,
            Delivery::Playlist => Self::Playlist,
        }
    }
}

impl From<core::Delivery> for Delivery {
    fn from(delivery: core::Delivery) -> Self {
        match delivery {
            core::Delivery::Url => Self::Url,
            core::Delivery::Cookies => Self::Cookies,
            core::Delivery::Playlist => Self::Playlist,
        }
    }
}

impl From<Manifest> for core::Manifest {
    fn from(wanted: Manifest) -> Self {
        match wanted {
            Manifest::Hls => Self::Hls,
            Manifest::Dash => Self::Dash,
            Manifest::Nested(key) => Self::Nested(key),
        }
    }
}

impl From<LinkedRequest> for core::LinkedRequest {
    fn from(request: LinkedRequest) -> Self {
        Self {
            user: request.user,
            series: request.series,
            episode: request.episode,
            session_id: request.session_id,
            query: request.query,
            source_ip: request.source_ip,
        }
    }
}

impl From<Entitlement> for core::Entitlement {
    fn from(found: Entitlement) -> Self {
        Self { status: found.status, valid_until: found.valid_until }
    }
}

impl From<Media> for core::Media {
    fn from(found: Media) -> Self {
        Self { video: found.video, poster: found.poster }
    }
}

impl From<OnLimit> for LimitPolicy {
    fn from(on_limit: OnLimit) -> Self {
        match on_limit {
            OnLimit::BlockNew => Self::BlockNew,
            OnLimit::EvictOldest => Self::EvictOldest,
        }
    }
}

impl From<core::Denial> for Denial {
    fn from(denial: core::Denial) -> Self {
        match denial {
            core::Denial::InvalidRequest(invalid) => Self::InvalidRequest(invalid.into()),
            core::Denial::ForbiddenRole(text) => Self::ForbiddenRole(text),
            core::Denial::NotEntitled(text) => Self::NotEntitled(text),
            core::Denial::EpisodeNotFound => Self::EpisodeNotFound,
            core::Denial::NoVideo => Self::NoVideo,
            core::Denial::DeviceLimitExceeded { max_devices, retry_after } => {
                Self::DeviceLimitExceeded(DeviceLimit { max_devices, retry_after })
            }
            core::Denial::SessionEnded { max_devices, all_taken, other_device } => {
                Self::SessionEnded(SessionEnd { max_devices, all_taken, other_device })
            }
            core::Denial::InvalidLink(text) => Self::InvalidLink(text),
            core::Denial::PlaylistNotFound => Self::PlaylistNotFound,
            core::Denial::PlaylistUnusable(text) => Self::PlaylistUnusable(text),
            core::Denial::Misconfigured(wrong) => {
                Self::Misconfigured(wrong.into_iter().map(Into::into).collect())
            }
        }
    }
}

impl From<core::Grant> for Grant {
    fn from(grant: core::Grant) -> Self {
        Self {
            video_url: grant.video_url,
            dash_url: grant.dash_url,
            poster_url: grant.poster_url,
            is_hls: grant.is_hls,
            expires_at: grant.expires_at,
            expires_in: grant.expires_in,
            refresh_at: grant.refresh_at,
            session_id: grant.session.id,
            session_expires_at: grant.session.expires_at,
            delivery: grant.delivery.into(),
            query: grant.query,
            cookies: grant.cookies,
            bootstrap_url: grant.bootstrap_url,
        }
    }
}

/// A lease as its owner may see it: without the fingerprint.
pub(crate) fn device(session: Session, asking: &str) -> Device {
    Device {
        session_id: session.id,
        is_this_device: session.device == asking,
        series: session.series,
        episode: session.episode,
        started_at: session.started_at,
        renewed_at: session.renewed_at,
        expires_at: session.expires_at,
    }
}
