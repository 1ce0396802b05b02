//! From who asks for what, and what the ports found, to a plan or a denial.

use std::net::IpAddr;

use super::{
    Ask, Delivery, Denial, Link, Policy,
    ask::Wanted,
    link::LinkTerms,
    plan::{Format, Lease, Plan, Target},
    viewer::address_to_bind,
};
use crate::{
    cloudfront::{Terms, Unsigned, encoding::encode_path},
    error::InvalidField,
    time::EpochSeconds,
};

/// What is on record for the user and the series.
#[derive(Clone, Debug)]
pub struct Entitlement {
    /// The state the shop recorded.
    pub status: String,
    /// The first second in which it no longer holds.
    pub valid_until: Option<u64>,
}

/// The media of the episode, as object keys.
#[derive(Clone, Debug)]
pub struct Media {
    /// Object key of the raw video.
    pub video: Option<String>,
    /// Object key of the poster.
    pub poster: Option<String>,
}

/// What the ports found.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The user's entitlement to the series.
    pub entitlement: Option<Entitlement>,
    /// The episode's media.
    pub media: Option<Media>,
    /// Whether there is an object under [`super::Wanted::hls_key`].
    pub hls_exists: bool,
    /// Whether there is one under [`super::Wanted::dash_key`].
    pub dash_exists: bool,
}

/// What besides the object goes into its statement.
pub(super) struct Circumstances {
    pub(super) address: IpAddr,
    pub(super) valid_until: Option<u64>,
    /// How long the signature shall hold, if not as long as the rule says.
    pub(super) ttl: Option<u64>,
    pub(super) now: EpochSeconds,
}

impl Policy {
    /// Decides; what is planned still has to find a device place.
    pub fn decide(&self, ask: &Ask, facts: &Facts, now: EpochSeconds) -> Result<Plan, Denial> {
        let link = match ask.has_link() {
            true => Some(self.link_terms(ask.caller.user(), &ask.wanted, now)?),
            false => None,
        };
        self.plan(&ask.wanted, ask.delivery, link, facts, now)
    }

    /// Decides for a link that leads to cookies. Nothing but its lease is in the way then.
    pub fn decide_cookies(
        &self,
        link: &Link,
        facts: &Facts,
        now: EpochSeconds,
    ) -> Result<Plan, Denial> {
        self.check_delivery(Delivery::Cookies)?;
        self.plan(&link.wanted, Delivery::Cookies, None, facts, now)
    }

    fn plan(
        &self,
        wanted: &Wanted,
        delivery: Delivery,
        link: Option<LinkTerms>,
        facts: &Facts,
        now: EpochSeconds,
    ) -> Result<Plan, Denial> {
        let valid_until = self.check_entitlement(facts.entitlement.as_ref(), now)?;
        let media = facts.media.as_ref().ok_or(Denial::EpisodeNotFound)?;
        let is_hls = facts.hls_exists;
        if is_hls || facts.dash_exists {
            self.check_hls_directory(&wanted.hls_key)
                .map_err(|wrong| Denial::Misconfigured(vec![wrong]))?;
        }
        let dash_key = wanted.dash_key.as_deref().filter(|_| facts.dash_exists);
        let hls_key = Some(wanted.hls_key.as_str()).filter(|_| is_hls);
        // Who looks for a file that any player plays must not get a manifest instead.
        let video_key = hls_key.or(media.video.as_deref()).or(dash_key).ok_or(Denial::NoVideo)?;

        let circumstances = Circumstances {
            address: wanted.address,
            valid_until,
            ttl: self.playlist_ttl.filter(|_| delivery == Delivery::Playlist),
            now,
        };
        let video = self.target("catalog.video", video_key, &circumstances)?;
        let beside = |field: &str, key: &str| {
            // Inside the directory of the video, it shares its signature and its fate.
            let directory = self.ruling(key).directory;
            if directory.is_some() && directory == self.ruling(video_key).directory {
                return Ok(Target { url: self.url(field, key)?, ..video.clone() });
            }
            self.target(field, key, &circumstances)
        };
        let poster =
            media.poster.as_deref().map(|key| beside("catalog.poster", key)).transpose()?;
        let dash = dash_key.map(|key| beside("policy.dash-path", key)).transpose()?;
        Ok(Plan {
            lease: self.lease(now),
            video,
            dash,
            poster,
            format: match (is_hls, media.video.is_some()) {
                (true, _) => Format::Hls,
                (false, true) => Format::Raw,
                (false, false) => Format::Dash,
            },
            delivery,
            link,
            cookies: self.cookies.clone(),
            now,
        })
    }

    pub(super) fn lease(&self, now: EpochSeconds) -> Lease {
        Lease {
            expires_at: now.plus(self.device_lease).seconds(),
            max_devices: self.max_devices,
            on_limit: self.on_limit,
        }
    }

    pub(super) fn check_entitlement(
        &self,
        found: Option<&Entitlement>,
        now: EpochSeconds,
    ) -> Result<Option<u64>, Denial> {
        let refuse = |text: &str| Err(Denial::NotEntitled(text.to_owned()));
        let Some(entitlement) = found else {
            return refuse("there is no entitlement to this series");
        };
        if !self.statuses.iter().any(|status| status.eq_ignore_ascii_case(&entitlement.status)) {
            return refuse("the status of the entitlement does not allow playback");
        }
        if entitlement.valid_until.is_some_and(|end| end <= now.seconds()) {
            return refuse("the entitlement has ended");
        }
        Ok(entitlement.valid_until)
    }

    pub(super) fn url(&self, field: &str, key: &str) -> Result<String, Denial> {
        let whole =
            key.split('/').all(|segment| !segment.is_empty() && segment != "." && segment != "..");
        let plain = key.bytes().all(|byte| byte.is_ascii_graphic());
        if !whole || (!plain && key.chars().any(char::is_control)) {
            let rule = "must be an object key without empty or dot segments and control characters";
            return Err(Denial::Misconfigured(vec![InvalidField::new(field, rule)]));
        }
        Ok(format!("{}/{}", self.base, encode_path(key)))
    }

    pub(super) fn target(
        &self,
        field: &str,
        key: &str,
        circumstances: &Circumstances,
    ) -> Result<Target, Denial> {
        let Circumstances { address, valid_until, ttl, now } = *circumstances;
        let url = self.url(field, key)?;
        let ruling = self.ruling(key);
        let ip_address = address_to_bind(ruling.bind_ip, address)?;
        let path = match ruling.directory {
            Some(directory) => format!("/{}", encode_path(directory)),
            None => format!("/{}", encode_path(key)),
        };
        let terms = Terms {
            expires_at: expiry(now, ttl.unwrap_or(ruling.ttl), ruling.window, valid_until),
            not_before: None,
            ip_address,
            resource: ruling.directory.map(|_| format!("{}{path}/*", self.base)),
            allow_wildcard_domain: false,
            hash: self.hash,
            now: Some(now),
        };
        let statement = Unsigned::new(&url, &terms).map_err(|invalid| {
            Denial::Misconfigured(vec![InvalidField::new(field, invalid.rule)])
        })?;
        Ok(Target { url, statement, path, shared: ruling.directory.is_some() })
    }
}

/// The end of a signature: rounded up to the window, so that everybody within it gets the same statement, but never
/// beyond the end of the entitlement.
fn expiry(now: EpochSeconds, ttl: u64, window: u64, valid_until: Option<u64>) -> EpochSeconds {
    let end = now.plus(ttl).seconds();
    let rounded = if window == 0 { end } else { end.div_ceil(window) * window };
    let capped = valid_until.map_or(rounded, |valid_until| rounded.min(valid_until));
    now.plus(capped.saturating_sub(now.seconds()))
}
