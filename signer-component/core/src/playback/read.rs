//! From the text of a policy document to a [`Policy`], or to everything that is wrong with it.

use super::{
    Delivery, OnLimit, Policy, Role,
    document::Document,
    paths,
    rule::{Rule, Scope},
    unique::Unique,
};
use crate::{
    cloudfront::{
        CookieAttributes, Hash, KeyPairId, SameSite,
        authority::{is_port, without_own_port},
    },
    error::InvalidField,
};

const HLS_PATH: &str = "content/series/{series}/video/{episode}/video.m3u8";
const EPISODE_DIRECTORY: &str = "content/series/*/video/*/**";
/// What any signature or lease needs to be of use to a player.
pub(super) const LEAST_TTL: u64 = 10;

/// The longest a signature may hold: a week.
pub(super) const MOST_TTL: u64 = 604_800;

const ROLES: [(&str, Role); 3] = [
    ("Standard", Role::Standard),
    ("Admin", Role::Admin),
    ("ContentCreator", Role::ContentCreator),
];

/// Reads a policy document.
pub(super) fn policy(text: &str) -> Result<Policy, Vec<InvalidField>> {
    let value: Unique = serde_json::from_str(text)
        .map_err(|error| vec![InvalidField::new("policy", error.to_string())])?;
    let mut document = Document::new("policy", value.0);
    if document.is_hopeless() {
        return Err(document.finish());
    }
    let scheme =
        document.choice("scheme", &[("https", "https"), ("http", "http")]).unwrap_or("https");
    let domain = domain(&mut document, scheme);
    let hashes = [("SHA256", Hash::Sha256), ("SHA1", Hash::Sha1)];
    let deliveries =
        [("url", Delivery::Url), ("cookies", Delivery::Cookies), ("playlist", Delivery::Playlist)];
    let limits = [("block-new", OnLimit::BlockNew), ("evict-oldest", OnLimit::EvictOldest)];
    let policy = Policy {
        base: format!("{scheme}://{domain}"),
        ttl: document.number("ttl", LEAST_TTL, MOST_TTL).unwrap_or(900),
        window: document.number("expiry-window", 0, 3600).unwrap_or(60),
        roles: roles(&mut document),
        statuses: document
            .texts("statuses")
            .unwrap_or_else(|| vec!["Active".to_owned(), "Completed".to_owned()]),
        max_devices: document
            .number("max-devices", 1, 100)
            .and_then(|most| u32::try_from(most).ok())
            .unwrap_or(3),
        on_limit: document.choice("on-limit", &limits).unwrap_or(OnLimit::BlockNew),
        device_lease: document.number("device-lease", LEAST_TTL, 86_400).unwrap_or(600),
        bind_ip: document.flag("bind-ip").unwrap_or(false),
        hash: document.choice("hash", &hashes).unwrap_or(Hash::Sha256),
        hls_path: paths::template(&mut document, "hls-path").unwrap_or_else(|| HLS_PATH.to_owned()),
        dash_path: paths::template(&mut document, "dash-path"),
        gateway_url: paths::gateway_url(&mut document),
        playlist_ttl: document.number("playlist-ttl", LEAST_TTL, MOST_TTL),
        link_ttl: document.number("link-ttl", LEAST_TTL, MOST_TTL).unwrap_or(86_400),
        delivery: document.choice("delivery", &deliveries).unwrap_or(Delivery::Url),
        delivery_override: document.flag("delivery-override").unwrap_or(true),
        cookies: cookies(&mut document, &domain),
        rules: rules(&mut document),
        key_pair_id: key_pair_id(&mut document),
    };
    let mut mistakes = document.finish();
    if mistakes.is_empty() {
        mistakes.extend(policy.check_hls_rule().err());
        mistakes.extend(policy.check_dash_rule().err());
        mistakes.extend(policy.check_links().err());
    }
    if mistakes.is_empty() { Ok(policy) } else { Err(mistakes) }
}

fn domain(document: &mut Document, scheme: &str) -> String {
    let Some(domain) = document.required_text("domain") else { return String::new() };
    if !is_domain(&domain) {
        document.wrong("domain", "must be a lower-case host, with a port if need be");
    } else if without_own_port(scheme, &domain) != domain {
        document.wrong("domain", "must leave out the port of its scheme");
    }
    domain
}

fn roles(document: &mut Document) -> Vec<Role> {
    let all = || ROLES.map(|(_, role)| role).to_vec();
    let Some(names) = document.texts("roles") else { return all() };
    let role = |name: &String| ROLES.iter().find(|(word, _)| word == name).map(|(_, role)| *role);
    let roles: Option<Vec<Role>> = names.iter().map(role).collect();
    roles.unwrap_or_else(|| {
        document.wrong("roles", "may hold Standard, Admin and ContentCreator");
        all()
    })
}

fn rules(document: &mut Document) -> Vec<Rule> {
    let mut rules = Vec::new();
    for (position, value) in document.list("rules").unwrap_or_default().into_iter().enumerate() {
        let mut inner = Document::new(format!("policy.rules[{position}]"), value);
        if !inner.is_hopeless() {
            rules.extend(Rule::read(&mut inner));
        }
        document.absorb(inner);
    }
    rules.extend(Rule::new(EPISODE_DIRECTORY, Scope::Directory));
    rules
}

fn key_pair_id(document: &mut Document) -> Option<KeyPairId> {
    let id = document.text("key-pair-id")?;
    KeyPairId::new(&id).map_err(|invalid| document.wrong("key-pair-id", invalid.rule)).ok()
}

fn cookies(document: &mut Document, distribution: &str) -> CookieAttributes {
    let secure = CookieAttributes { secure: true, http_only: true, ..CookieAttributes::default() };
    let Some(value) = document.take("cookies") else { return secure };
    let mut inner = Document::new("policy.cookies", value);
    let sites = [("Strict", SameSite::Strict), ("Lax", SameSite::Lax), ("None", SameSite::None)];
    let attributes = CookieAttributes {
        domain: inner.text("domain"),
        path: None,
        secure: inner.flag("secure").unwrap_or(true),
        http_only: inner.flag("http-only").unwrap_or(true),
        same_site: inner.choice("same-site", &sites),
    };
    match attributes.validate() {
        Err(invalid) => inner.wrong(&invalid.field, invalid.rule),
        Ok(()) if !reaches(attributes.domain.as_deref(), distribution) => inner
            .wrong("domain", "must be policy.domain or a domain above it, or no cookie reaches it"),
        Ok(()) => {}
    }
    document.absorb(inner);
    attributes
}

/// Whether cookies of this domain are sent to the distribution.
fn reaches(domain: Option<&str>, distribution: &str) -> bool {
    // Without a distribution that is a domain there is nothing to compare with, and that is said already.
    let Some(domain) = domain.filter(|_| is_domain(distribution)) else { return true };
    let host = distribution.split(':').next().unwrap_or_default();
    let bare = domain.strip_prefix('.').unwrap_or(domain).to_ascii_lowercase();
    host == bare || host.strip_suffix(&bare).is_some_and(|rest| rest.ends_with('.'))
}

pub(super) fn is_domain(text: &str) -> bool {
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
    host.len() <= 253 && host.split('.').all(label) && port.is_none_or(is_port)
}
