//! The policy document: the rules of one installation, the same on every host.

use super::{
    Role,
    paths::filled,
    read,
    rule::{Rule, Scope},
};
use crate::{
    cloudfront::{CookieAttributes, Hash, KeyPairId},
    error::InvalidField,
};

/// How the signature travels to the player.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// In the query string of the URLs.
    Url,
    /// In `Set-Cookie` headers.
    Cookies,
    /// In the playlists the host serves.
    Playlist,
}

/// What to do when every place is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnLimit {
    /// The new device is refused.
    BlockNew,
    /// The lease renewed longest ago is ended to make room.
    EvictOldest,
}

/// A policy document, parsed and checked.
#[derive(Clone, Debug)]
pub struct Policy {
    /// `scheme://domain` of the distribution.
    pub(super) base: String,
    pub(super) ttl: u64,
    pub(super) window: u64,
    pub(super) roles: Vec<Role>,
    pub(super) statuses: Vec<String>,
    pub(super) max_devices: u32,
    pub(super) on_limit: OnLimit,
    pub(super) device_lease: u64,
    pub(super) bind_ip: bool,
    pub(super) hash: Hash,
    pub(super) hls_path: String,
    /// Where DASH manifests are, if anywhere.
    pub(super) dash_path: Option<String>,
    /// Where viewers reach the host, without a slash at the end.
    pub(super) gateway_url: Option<String>,
    /// How long signatures in playlists hold, if not as long as others.
    pub(super) playlist_ttl: Option<u64>,
    /// How long a link may be used, while its lease lives.
    pub(super) link_ttl: u64,
    pub(super) delivery: Delivery,
    pub(super) delivery_override: bool,
    pub(super) cookies: CookieAttributes,
    pub(super) rules: Vec<Rule>,
    pub(super) key_pair_id: Option<KeyPairId>,
}

impl Policy {
    /// Parses strictly: an unknown or repeated key, a wrong type or a value out of range is an error that names it.
    ///
    /// # Errors
    /// Everything that is wrong, and never nothing.
    pub fn parse(text: &str) -> Result<Self, Vec<InvalidField>> {
        read::policy(text)
    }

    /// The key to sign with, if it is not the host's current one.
    pub fn key_pair_id(&self) -> Option<&str> {
        self.key_pair_id.as_ref().map(KeyPairId::as_str)
    }

    /// The most live leases of one user.
    pub fn max_devices(&self) -> u32 {
        self.max_devices
    }

    /// How an object is signed: by the first rule that matches, or by its exact URL.
    pub(super) fn ruling<'key>(&self, key: &'key str) -> Ruling<'key> {
        let found = self.rules.iter().find_map(|rule| Some((rule, rule.matches(key)?)));
        let rule = found.map(|(rule, _)| rule);
        Ruling {
            directory: found
                .filter(|(rule, _)| rule.scope == Scope::Directory)
                .map(|(_, directory)| directory),
            ttl: rule.and_then(|rule| rule.ttl).unwrap_or(self.ttl),
            window: rule.and_then(|rule| rule.window).unwrap_or(self.window),
            bind_ip: rule.and_then(|rule| rule.bind_ip).unwrap_or(self.bind_ip),
        }
    }

    /// Whether a directory is one series' or less. An entitlement is to a series, so one signature must not open more.
    pub(super) fn within_series(&self, directory: &str) -> bool {
        let depth = self.hls_path.split('/').position(|segment| segment.contains("{series}"));
        depth.is_some_and(|depth| directory.split('/').count() > depth)
    }

    /// An HLS episode signed by its exact URL would play no segment, and one signed by a directory above its
    /// series would open all of them. Rules for certain series are judged when they meet one.
    pub(super) fn check_hls_rule(&self) -> Result<(), InvalidField> {
        self.check_hls_directory(&filled(&self.hls_path, "s", "e"))
    }

    /// One signature opens what both kinds of playlists lead to.
    pub(super) fn check_dash_rule(&self) -> Result<(), InvalidField> {
        let Some(dash) = &self.dash_path else { return Ok(()) };
        let (hls, dash) = (filled(&self.hls_path, "s", "e"), filled(dash, "s", "e"));
        if self.ruling(&hls).directory == self.ruling(&dash).directory {
            return Ok(());
        }
        let rule = "must lie in the directory that hls-path is signed by";
        Err(InvalidField::new("policy.dash-path", rule))
    }

    pub(super) fn check_links(&self) -> Result<(), InvalidField> {
        if self.delivery != Delivery::Playlist || self.gateway_url.is_some() {
            return Ok(());
        }
        Err(InvalidField::new("policy.gateway-url", "is needed for delivery by playlist"))
    }

    /// See [`Policy::check_hls_rule`].
    pub(super) fn check_hls_directory(&self, key: &str) -> Result<(), InvalidField> {
        match self.ruling(key).directory {
            None => Err(InvalidField::new(
                "policy.rules",
                "must sign hls-path by its directory, or its segments would be denied",
            )),
            Some(directory) if !self.within_series(directory) => Err(InvalidField::new(
                "policy.rules",
                "must not sign hls-path by a directory above its series, or one entitlement would open all of them",
            )),
            Some(_) => Ok(()),
        }
    }
}

/// How one object is signed.
pub(super) struct Ruling<'key> {
    /// The directory one signature covers, or `None` to sign the exact URL.
    pub(super) directory: Option<&'key str>,
    pub(super) ttl: u64,
    pub(super) window: u64,
    pub(super) bind_ip: bool,
}
