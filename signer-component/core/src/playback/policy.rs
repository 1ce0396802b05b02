//! The policy document: the rules of one installation, the same on every host.

use serde_json::Value;

use super::{
    Role,
    document::Document,
    rule::{Rule, Scope},
    unique::Unique,
};
use crate::{
    cloudfront::{CookieAttributes, Hash, KeyPairId, SameSite},
    error::InvalidField,
};

/// How the signature travels to the player.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// In the query string of the URLs.
    Url,
    /// In `Set-Cookie` headers.
    Cookies,
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
    pub(super) delivery: Delivery,
    pub(super) delivery_override: bool,
    pub(super) cookies: CookieAttributes,
    pub(super) rules: Vec<Rule>,
    key_pair_id: Option<KeyPairId>,
}

const HLS_PATH: &str = "content/series/{series}/video/{episode}/video.m3u8";
const EPISODE_DIRECTORY: &str = "content/series/*/video/*/**";
const ROLES: [(&str, Role); 3] = [
    ("Standard", Role::Standard),
    ("Admin", Role::Admin),
    ("ContentCreator", Role::ContentCreator),
];

impl Policy {
    /// Parses strictly: an unknown or repeated key, a wrong type or a value out of range is an error that names it.
    pub fn parse(text: &str) -> Result<Self, InvalidField> {
        let value: Unique = serde_json::from_str(text)
            .map_err(|error| InvalidField::new("policy", error.to_string()))?;
        let mut document = Document::new("policy", value.0)?;

        let scheme =
            document.choice("scheme", &[("https", "https"), ("http", "http")])?.unwrap_or("https");
        let domain =
            document.text("domain")?.ok_or_else(|| document.wrong("domain", "is missing"))?;
        if !is_domain(&domain) {
            return Err(
                document.wrong("domain", "must be a lower-case host, with a port if need be")
            );
        }
        let own_port = if scheme == "https" { ":443" } else { ":80" };
        if domain.ends_with(own_port) {
            return Err(document.wrong("domain", "must leave out the port of its scheme"));
        }
        let roles =
            document.texts("roles")?.map(|names| read_roles(&document, &names)).transpose()?;
        let hls_path = document.text("hls-path")?.unwrap_or_else(|| HLS_PATH.to_owned());
        check_hls_path(&document, &hls_path)?;
        let hashes = [("SHA256", Hash::Sha256), ("SHA1", Hash::Sha1)];
        let deliveries = [("url", Delivery::Url), ("cookies", Delivery::Cookies)];
        let limits = [("block-new", OnLimit::BlockNew), ("evict-oldest", OnLimit::EvictOldest)];
        let mut rules = Vec::new();
        for (position, rule) in document.list("rules")?.unwrap_or_default().into_iter().enumerate()
        {
            rules.push(Rule::read(format!("policy.rules[{position}]"), rule)?);
        }
        rules.extend(Rule::new(EPISODE_DIRECTORY, Scope::Directory));
        let key_pair_id = match document.text("key-pair-id")? {
            None => None,
            Some(id) => Some(
                KeyPairId::new(&id)
                    .map_err(|invalid| document.wrong("key-pair-id", invalid.rule))?,
            ),
        };
        let policy = Self {
            base: format!("{scheme}://{domain}"),
            ttl: document.number("ttl", 60, 604_800)?.unwrap_or(900),
            window: document.number("expiry-window", 0, 3600)?.unwrap_or(60),
            roles: roles.unwrap_or_else(|| ROLES.map(|(_, role)| role).to_vec()),
            statuses: document
                .texts("statuses")?
                .unwrap_or_else(|| vec!["Active".to_owned(), "Completed".to_owned()]),
            max_devices: document
                .number("max-devices", 1, 100)?
                .and_then(|most| u32::try_from(most).ok())
                .unwrap_or(3),
            on_limit: document.choice("on-limit", &limits)?.unwrap_or(OnLimit::BlockNew),
            device_lease: document.number("device-lease", 60, 86_400)?.unwrap_or(600),
            bind_ip: document.flag("bind-ip")?.unwrap_or(false),
            hash: document.choice("hash", &hashes)?.unwrap_or(Hash::Sha256),
            hls_path,
            delivery: document.choice("delivery", &deliveries)?.unwrap_or(Delivery::Url),
            delivery_override: document.flag("delivery-override")?.unwrap_or(true),
            cookies: read_cookies(document.take("cookies"), &domain)?,
            rules,
            key_pair_id,
        };
        document.finish()?;
        policy.check_hls_rule()?;
        Ok(policy)
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
    fn check_hls_rule(&self) -> Result<(), InvalidField> {
        let key = self.hls_path.replace("{series}", "s").replace("{episode}", "e");
        self.check_hls_directory(&key)
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

fn read_roles(document: &Document, names: &[String]) -> Result<Vec<Role>, InvalidField> {
    let role = |name: &String| ROLES.iter().find(|(word, _)| word == name).map(|(_, role)| *role);
    let roles: Option<Vec<Role>> = names.iter().map(role).collect();
    roles.ok_or_else(|| document.wrong("roles", "may hold Standard, Admin and ContentCreator"))
}

fn read_cookies(
    value: Option<Value>,
    distribution: &str,
) -> Result<CookieAttributes, InvalidField> {
    let secure = CookieAttributes { secure: true, http_only: true, ..CookieAttributes::default() };
    let Some(value) = value else { return Ok(secure) };
    let mut document = Document::new("policy.cookies", value)?;
    let sites = [("Strict", SameSite::Strict), ("Lax", SameSite::Lax), ("None", SameSite::None)];
    let attributes = CookieAttributes {
        domain: document.text("domain")?,
        path: None,
        secure: document.flag("secure")?.unwrap_or(true),
        http_only: document.flag("http-only")?.unwrap_or(true),
        same_site: document.choice("same-site", &sites)?,
    };
    attributes.validate().map_err(|invalid| document.wrong(&invalid.field, invalid.rule))?;
    if let Some(domain) = &attributes.domain {
        let host = distribution.split(':').next().unwrap_or_default();
        let bare = domain.strip_prefix('.').unwrap_or(domain).to_ascii_lowercase();
        let covered =
            host == bare || host.strip_suffix(&bare).is_some_and(|rest| rest.ends_with('.'));
        if !covered {
            return Err(document.wrong(
                "domain",
                "must be policy.domain or a domain above it, or no cookie reaches it",
            ));
        }
    }
    document.finish()?;
    Ok(attributes)
}

fn check_hls_path(document: &Document, path: &str) -> Result<(), InvalidField> {
    let once = |placeholder: &str| path.matches(placeholder).count() == 1;
    if !once("{series}") || !once("{episode}") {
        return Err(document.wrong("hls-path", "must hold {series} and {episode} once each"));
    }
    // `a-{series}-{episode}` would make one key of two different pairs.
    if path.split('/').any(|segment| segment.contains("{series}") && segment.contains("{episode}"))
    {
        return Err(
            document.wrong("hls-path", "must not hold {series} and {episode} in one segment")
        );
    }
    let bare = path.replace("{series}", "s").replace("{episode}", "e");
    let plain = bare.split('/').all(|segment| super::Id::new("", segment).is_ok());
    if !plain {
        return Err(document.wrong(
            "hls-path",
            "must be segments of A-Z a-z 0-9 . _ ~ - without a slash at either end",
        ));
    }
    Ok(())
}

fn is_domain(text: &str) -> bool {
    let (host, port) = text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port)));
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    host.len() <= 253
        && host.split('.').all(label)
        && port.is_none_or(|port| {
            port.parse::<u16>().is_ok_and(|number| number != 0 && number.to_string() == port)
        })
}
