//! From who asks for what, and what the ports found, to a plan or a denial.

use std::net::IpAddr;

use super::{
    Caller, Delivery, Denial, Id, Policy, Viewer,
    plan::{Lease, Plan, Target},
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
    /// Whether there is an object under [`Ask::hls_key`].
    pub hls_exists: bool,
}

/// A request that is well-formed and allowed by role.
#[derive(Clone, Debug)]
pub struct Ask {
    caller: Caller,
    series: Id,
    episode: Id,
    delivery: Delivery,
    hls_key: String,
}

impl Ask {
    /// Checks what can be checked before any port is asked.
    pub fn new(
        policy: &Policy,
        viewer: &Viewer,
        series: &str,
        episode: &str,
        delivery: Option<Delivery>,
    ) -> Result<Self, Denial> {
        let series = Id::new("series", series)?;
        let episode = Id::new("episode", episode)?;
        let caller = Caller::new(viewer)?;
        if !caller.roles.iter().any(|role| policy.roles.contains(role)) {
            return Err(Denial::ForbiddenRole("none of the viewer's roles may watch".to_owned()));
        }
        let delivery = match delivery {
            Some(asked) if asked != policy.delivery && !policy.delivery_override => {
                return Err(InvalidField::new("delivery", "is fixed by the policy").into());
            }
            asked => asked.unwrap_or(policy.delivery),
        };
        let hls_key = policy
            .hls_path
            .replace("{series}", series.as_str())
            .replace("{episode}", episode.as_str());
        Ok(Self { caller, series, episode, delivery, hls_key })
    }

    /// Who asks.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The series asked for.
    pub fn series(&self) -> &str {
        self.series.as_str()
    }

    /// The episode asked for.
    pub fn episode(&self) -> &str {
        self.episode.as_str()
    }

    /// Where the HLS playlist is, if there is one.
    pub fn hls_key(&self) -> &str {
        &self.hls_key
    }
}

impl Policy {
    /// Decides; what is planned still has to find a device place.
    pub fn decide(&self, ask: &Ask, facts: &Facts, now: EpochSeconds) -> Result<Plan, Denial> {
        let valid_until = self.check_entitlement(facts.entitlement.as_ref(), now)?;
        let media = facts.media.as_ref().ok_or(Denial::EpisodeNotFound)?;
        let is_hls = facts.hls_exists;
        if is_hls {
            self.check_hls_directory(ask.hls_key())
                .map_err(|wrong| Denial::Misconfigured(vec![wrong]))?;
        }
        let video_key = if is_hls { Some(ask.hls_key()) } else { media.video.as_deref() };
        let video_key = video_key.ok_or(Denial::NoVideo)?;

        let sign = |field, key| self.target(field, key, ask.caller.address, valid_until, now);
        let video = sign("catalog.video", video_key)?;
        let poster = match media.poster.as_deref() {
            None => None,
            // Inside the directory of the video, the poster shares its signature and its fate.
            Some(key)
                if self
                    .ruling(key)
                    .directory
                    .is_some_and(|dir| self.ruling(video_key).directory == Some(dir)) =>
            {
                Some(Target { url: self.url("catalog.poster", key)?, ..video.clone() })
            }
            Some(key) => Some(sign("catalog.poster", key)?),
        };
        let lease = Lease {
            expires_at: now.plus(self.device_lease).seconds(),
            max_devices: self.max_devices,
            on_limit: self.on_limit,
        };
        Ok(Plan::new(video, poster, is_hls, ask.delivery, self.cookies.clone(), lease, now))
    }

    fn check_entitlement(
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

    fn url(&self, field: &str, key: &str) -> Result<String, Denial> {
        let whole =
            key.split('/').all(|segment| !segment.is_empty() && segment != "." && segment != "..");
        if !whole || key.chars().any(char::is_control) {
            let rule = "must be an object key without empty or dot segments and control characters";
            return Err(Denial::Misconfigured(vec![InvalidField::new(field, rule)]));
        }
        Ok(format!("{}/{}", self.base, encode_path(key)))
    }

    fn target(
        &self,
        field: &str,
        key: &str,
        address: IpAddr,
        valid_until: Option<u64>,
        now: EpochSeconds,
    ) -> Result<Target, Denial> {
        let url = self.url(field, key)?;
        let ruling = self.ruling(key);
        let ip_address = match (ruling.bind_ip, address) {
            (false, _) => None,
            (true, IpAddr::V4(address)) => Some(address.to_string()),
            (true, IpAddr::V6(_)) => {
                let rule = "is IPv6, which CloudFront cannot bind a signature to; this installation binds them";
                return Err(InvalidField::new("source-ip", rule).into());
            }
        };
        let path = match ruling.directory {
            Some(directory) => format!("/{}", encode_path(directory)),
            None => format!("/{}", encode_path(key)),
        };
        let terms = Terms {
            expires_at: expiry(now, ruling.ttl, ruling.window, valid_until),
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
