//! What was decided, and the grant it becomes once signed and leased.

use std::fmt;

use super::{Delivery, OnLimit, link::LinkTerms};
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

/// What the video is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Hls,
    Dash,
    Raw,
}

/// Everything but the lease and the signatures.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The device place to claim.
    pub lease: Lease,
    pub(super) video: Target,
    pub(super) dash: Option<Target>,
    pub(super) poster: Option<Target>,
    pub(super) format: Format,
    pub(super) delivery: Delivery,
    pub(super) link: Option<LinkTerms>,
    pub(super) cookies: CookieAttributes,
    pub(super) now: EpochSeconds,
}

impl Plan {
    /// What has to be signed, each statement once. The first is the video's.
    pub fn statements(&self) -> Vec<Unsigned> {
        let mut statements = vec![self.video.statement.clone()];
        for other in [&self.dash, &self.poster].into_iter().flatten() {
            if !statements.contains(&other.statement) {
                statements.push(other.statement.clone());
            }
        }
        statements
    }

    /// What has to be signed besides, once the lease is known: its link. It is nobody else's, so no cache needs it.
    ///
    /// # Errors
    /// The policy cannot be right.
    pub fn link_statement(&self, session: &str) -> Result<Option<Unsigned>, InvalidField> {
        self.link.as_ref().map(|terms| terms.statement(session)).transpose()
    }

    /// Puts the grant together. `signed` belongs to [`Plan::statements`], in their order, and `link` to
    /// [`Plan::link_statement`].
    ///
    /// # Errors
    /// Something does not belong together.
    pub fn grant(
        self,
        signed: &[Signed],
        link: Option<&Signed>,
        session: Session,
    ) -> Result<Grant, InvalidField> {
        let video = self.signature_of(&self.video, signed)?;
        let by_cookies = self.delivery == Delivery::Cookies;
        let query = if self.video.shared && self.delivery == Delivery::Url {
            video.query().iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
        } else {
            Vec::new()
        };
        let video_url = match self.format {
            Format::Hls => self.manifest_url(&self.video, HLS, signed, link, &session)?,
            Format::Dash => self.manifest_url(&self.video, DASH, signed, link, &session)?,
            Format::Raw => self.carried(&self.video, signed)?,
        };
        let dash_url = self.dash.as_ref();
        let dash_url = dash_url
            .map(|dash| self.manifest_url(dash, DASH, signed, link, &session))
            .transpose()?;
        let bootstrap_url = match by_cookies && self.link.is_some() {
            true => Some(self.linked("cookies", link, &session)?),
            false => None,
        };
        let now = self.now.seconds();
        let expires_at = video.expires_at().seconds();
        let lifetime = expires_at.saturating_sub(now);
        // Half the lease leaves room for one lost heartbeat, and a fifth of the signature for a slow one.
        let pause = (session.expires_at.saturating_sub(now) / 2).min(lifetime * 4 / 5).max(1);
        Ok(Grant {
            video_url,
            dash_url,
            poster_url: self
                .poster
                .as_ref()
                .map(|poster| self.carried(poster, signed))
                .transpose()?,
            is_hls: self.format == Format::Hls,
            expires_at,
            expires_in: u32::try_from(lifetime).unwrap_or(u32::MAX),
            refresh_at: now + pause,
            session,
            delivery: self.delivery,
            query,
            cookies: if by_cookies { self.set_cookies(video)? } else { Vec::new() },
            bootstrap_url,
        })
    }

    /// Where a link to cookies leads, and the cookies.
    ///
    /// # Errors
    /// Something does not belong together.
    pub fn redirect(&self, signed: &[Signed]) -> Result<(String, Vec<String>), InvalidField> {
        let video = self.signature_of(&self.video, signed)?;
        Ok((self.video.url.clone(), self.set_cookies(video)?))
    }

    fn signature_of<'a>(
        &self,
        target: &Target,
        signed: &'a [Signed],
    ) -> Result<&'a Signed, InvalidField> {
        let found = signed.iter().find(|signed| *signed.statement() == target.statement);
        found.ok_or_else(|| InvalidField::new("signatures", "must be one for each statement"))
    }

    fn carried(&self, target: &Target, signed: &[Signed]) -> Result<String, InvalidField> {
        // Cookies carry one statement; whatever has another keeps its signature in its URL.
        if self.delivery == Delivery::Cookies && target.statement == self.video.statement {
            return Ok(target.url.clone());
        }
        // Each target's statement was made for its URL, or for a directory that the URL lies in.
        Ok(self.signature_of(target, signed)?.append_to(&target.url)?.into_string())
    }

    fn manifest_url(
        &self,
        target: &Target,
        name: &str,
        signed: &[Signed],
        link: Option<&Signed>,
        session: &Session,
    ) -> Result<String, InvalidField> {
        match self.delivery {
            Delivery::Playlist => self.linked(name, link, session),
            Delivery::Url | Delivery::Cookies => self.carried(target, signed),
        }
    }

    fn linked(
        &self,
        name: &str,
        link: Option<&Signed>,
        session: &Session,
    ) -> Result<String, InvalidField> {
        let (Some(terms), Some(link)) = (&self.link, link) else {
            return Err(InvalidField::new("signatures", "must have one for the link"));
        };
        let url = format!("{}{name}", terms.session_url(&session.id));
        Ok(link.apply_to(&url)?.into_string())
    }

    fn set_cookies(&self, video: &Signed) -> Result<Vec<String>, InvalidField> {
        let path = Some(self.video.path.clone());
        let attributes = CookieAttributes { path, ..self.cookies.clone() };
        Ok(video.cookies(&attributes)?.into_iter().map(|cookie| cookie.header).collect())
    }
}

/// The names of the episode's own playlists in its links.
const HLS: &str = "playlist.m3u8";
const DASH: &str = "manifest.mpd";

/// The right to watch, for a while. `Debug` hides the signatures.
#[derive(Clone)]
pub struct Grant {
    /// Where the video is.
    pub video_url: String,
    /// Where the DASH manifest is, if there is one.
    pub dash_url: Option<String>,
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
    /// How the signature travels.
    pub delivery: Delivery,
    /// Signature parameters to append below the directory of the video.
    pub query: Vec<(String, String)>,
    /// Complete `Set-Cookie` values.
    pub cookies: Vec<String>,
    /// Link that sets the cookies and leads to the video.
    pub bootstrap_url: Option<String>,
}

impl fmt::Debug for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Grant")
            .field("is_hls", &self.is_hls)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}
