//! What was decided, and the grant it becomes once signed and leased.

use std::fmt;

use super::{Delivery, OnLimit};
use crate::{
    cloudfront::{CookieAttributes, Signed, Unsigned},
    error::InvalidField,
    time::EpochSeconds,
};

/// One object to hand out, and the statement that opens it.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) url: String,
    pub(super) statement: Unsigned,
    /// The path a cookie for it is sent under.
    pub(super) path: String,
    /// Whether the statement covers the directory.
    pub(super) shared: bool,
}

/// The device place to claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    /// When it shall run out.
    pub expires_at: u64,
    /// The most live leases the user may hold.
    pub max_devices: u32,
    /// What to do when every place is taken.
    pub on_limit: OnLimit,
}

/// The lease that was claimed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its identifier.
    pub id: String,
    /// First second in which it no longer holds.
    pub expires_at: u64,
}

/// Everything but the lease and the signatures.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The device place to claim.
    pub lease: Lease,
    video: Target,
    poster: Option<Target>,
    is_hls: bool,
    delivery: Delivery,
    cookies: CookieAttributes,
    now: EpochSeconds,
}

impl Plan {
    pub(super) fn new(
        video: Target,
        poster: Option<Target>,
        is_hls: bool,
        delivery: Delivery,
        cookies: CookieAttributes,
        lease: Lease,
        now: EpochSeconds,
    ) -> Self {
        Self { lease, video, poster, is_hls, delivery, cookies, now }
    }

    /// What has to be signed, each statement once. The first is the video's.
    pub fn statements(&self) -> Vec<Unsigned> {
        let mut statements = vec![self.video.statement.clone()];
        statements.extend(
            self.poster
                .iter()
                .map(|poster| &poster.statement)
                .filter(|poster| **poster != self.video.statement)
                .cloned(),
        );
        statements
    }

    /// Puts the grant together. `signed` belongs to [`Plan::statements`], in their order.
    pub fn grant(self, signed: &[Signed], session: Session) -> Result<Grant, InvalidField> {
        let find = |target: &Target| {
            let found = signed.iter().find(|signed| *signed.statement() == target.statement);
            found.ok_or_else(|| InvalidField::new("signatures", "must be one for each statement"))
        };
        let video = find(&self.video)?;
        let by_cookies = self.delivery == Delivery::Cookies;
        let carried = |target: &Target| -> Result<String, InvalidField> {
            // Cookies carry one statement; whatever has another keeps its signature in its URL.
            if by_cookies && target.statement == self.video.statement {
                return Ok(target.url.clone());
            }
            Ok(find(target)?.apply_to(&target.url)?.into_string())
        };
        let cookies = if by_cookies {
            let attributes =
                CookieAttributes { path: Some(self.video.path.clone()), ..self.cookies.clone() };
            video.cookies(&attributes)?.into_iter().map(|cookie| cookie.header).collect()
        } else {
            Vec::new()
        };
        let query = if self.video.shared && !by_cookies {
            video.query().into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
        } else {
            Vec::new()
        };
        let now = self.now.seconds();
        let expires_at = video.expires_at().seconds();
        let lifetime = expires_at.saturating_sub(now);
        // Half the lease leaves room for one lost heartbeat, and a fifth of the signature for a slow one.
        let pause = (session.expires_at.saturating_sub(now) / 2).min(lifetime * 4 / 5).max(1);
        Ok(Grant {
            video_url: carried(&self.video)?,
            poster_url: self.poster.as_ref().map(carried).transpose()?,
            is_hls: self.is_hls,
            expires_at,
            expires_in: u32::try_from(lifetime).unwrap_or(u32::MAX),
            refresh_at: now + pause,
            session,
            query,
            cookies,
        })
    }
}

/// The right to watch, for a while. `Debug` hides the signatures.
#[derive(Clone)]
pub struct Grant {
    /// Where the video is.
    pub video_url: String,
    /// Where the poster is.
    pub poster_url: Option<String>,
    /// Whether the video is an HLS playlist.
    pub is_hls: bool,
    /// First second in which the signature no longer holds.
    pub expires_at: u64,
    /// The same, counted from now.
    pub expires_in: u32,
    /// When the player should ask again.
    pub refresh_at: u64,
    /// The lease of this device.
    pub session: Session,
    /// Signature parameters to append below the directory of the video.
    pub query: Vec<(String, String)>,
    /// Complete `Set-Cookie` values.
    pub cookies: Vec<String>,
}

impl fmt::Debug for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Grant")
            .field("is_hls", &self.is_hls)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}
