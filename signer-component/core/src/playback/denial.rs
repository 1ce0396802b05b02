//! Why nothing is granted: the rule that denied.

use crate::error::InvalidField;

/// Why nothing is granted, in the words of `wit/playback.wit`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Denial {
    /// The request itself is wrong.
    InvalidRequest(InvalidField),
    /// The viewer's roles do not allow this.
    ForbiddenRole(String),
    /// The user has no entitlement that holds now.
    NotEntitled(String),
    /// The series has no such episode.
    EpisodeNotFound,
    /// The episode has neither HLS nor a raw video nor DASH.
    NoVideo,
    /// Every device place is taken.
    DeviceLimitExceeded {
        /// Places the policy gives.
        max_devices: u32,
        /// Seconds until a place may be free if nobody renews.
        retry_after: u32,
    },
    /// This device's lease has ended.
    SessionEnded {
        /// Places the policy gives.
        max_devices: u32,
        /// Whether other devices have all of them now.
        all_taken: bool,
        /// Whether the lease lives and belongs to another device.
        other_device: bool,
    },
    /// The link is not one of ours, was altered, or its time is over.
    InvalidLink(String),
    /// The origin has no such playlist.
    PlaylistNotFound,
    /// What the origin has there cannot be handed out as a playlist.
    PlaylistUnusable(String),
    /// The installation is set up wrongly: everything that is wrong. For operators.
    Misconfigured(Vec<InvalidField>),
}

impl From<InvalidField> for Denial {
    fn from(invalid: InvalidField) -> Self {
        Self::InvalidRequest(invalid)
    }
}

/// The denial for a claim that found every place taken.
pub fn limit_reached(max_devices: u32, next_free_at: u64, now: u64) -> Denial {
    let retry_after = u32::try_from(next_free_at.saturating_sub(now)).unwrap_or(u32::MAX).max(1);
    Denial::DeviceLimitExceeded { max_devices, retry_after }
}

/// The denial for a lease that is not there for who asks, while `others` live.
pub fn session_ended(max_devices: u32, others: usize, other_device: bool) -> Denial {
    let all_taken = u32::try_from(others).is_ok_and(|others| others >= max_devices);
    Denial::SessionEnded { max_devices, all_taken, other_device }
}
