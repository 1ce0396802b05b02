//! `[edge]`: what the table says, checked as far as that goes without opening anything.

use std::{collections::BTreeSet, path::PathBuf, time::Duration};

use tollgate_api::{
    client::TrustedProxies,
    edge::{PathPattern, wire::is_host},
};
#[cfg(feature = "aws")]
use tollgate_backends::s3::Location;
use tollgate_backends::section::Section;

use crate::gateway::Cors;

/// CloudFront's limit of key groups per behaviour.
const MOST_GROUPS: usize = 4;

/// CloudFront's own: how long an origin may be silent, in seconds.
const ORIGIN_TIMEOUT: u64 = 30;

/// CloudFront's limit of keys per group.
pub(super) const MOST_KEYS: usize = 5;

/// Everything in `[edge]` but its sockets.
#[derive(Clone, Debug)]
pub struct EdgeSettings {
    pub(super) domain: Option<String>,
    pub(super) scheme: Option<&'static str>,
    pub(super) explain: bool,
    pub(super) strict: bool,
    pub(super) cache_size: u64,
    pub(super) cache_object_limit: u64,
    pub(super) cors: Cors,
    pub(super) trusted_proxies: TrustedProxies,
    pub(super) groups: Vec<KeyGroup>,
    pub(super) origins: Vec<OriginSettings>,
    pub(super) behaviors: Vec<BehaviorSettings>,
}

/// Public keys under one name.
#[derive(Clone, Debug)]
pub(super) struct KeyGroup {
    pub(super) name: String,
    pub(super) keys: KeySource,
}

impl KeyGroup {
    /// Where it stands in the configuration.
    pub(super) fn key(&self) -> String {
        format!("edge.key-groups.{}", self.name)
    }
}

/// Where the keys of a group are.
#[derive(Clone, Debug)]
pub(super) enum KeySource {
    /// Each named by itself, and read at the start.
    Files(Vec<KeyFile>),
    /// A folder of `<key-pair-id>.pem`, looked at again and again.
    Folder(PathBuf),
}

/// One public key, not yet read.
#[derive(Clone, Debug)]
pub(super) struct KeyFile {
    pub(super) id: String,
    pub(super) path: PathBuf,
}

/// Where objects come from.
#[derive(Clone, Debug)]
pub(super) struct OriginSettings {
    pub(super) name: String,
    pub(super) kind: OriginKind,
}

#[derive(Clone, Debug)]
pub(super) enum OriginKind {
    Folder(PathBuf),
    Http {
        url: String,
        timeout: Duration,
    },
    #[cfg(feature = "aws")]
    S3(Location),
}

/// What holds for the paths of one pattern.
#[derive(Clone, Debug)]
pub(super) struct BehaviorSettings {
    pub(super) pattern: PathPattern,
    pub(super) text: String,
    /// Index into the origins.
    pub(super) origin: usize,
    /// Indexes into the groups; none for a public behaviour.
    pub(super) groups: Vec<usize>,
    pub(super) ttl: Duration,
}

impl EdgeSettings {
    /// Takes the table's keys; mistakes stay in the section.
    pub fn take(section: &mut Section) -> Self {
        let groups = groups(section);
        let origins = origins(section);
        let behaviors = behaviors(section, &groups, &origins);
        let domain = section.text("domain");
        if domain.as_deref().is_some_and(|domain| !is_host(domain)) {
            section
                .mistake("domain", "must be a host like media.example.com, with a port if needed");
        }
        let schemes = [("http", Some("http")), ("https", Some("https"))];
        let explain = section.boolean("explain", false);
        let cors = section.texts("cors-origins");
        let proxies = section.texts("trusted-proxies");
        Self {
            scheme: section.choice("scheme", &schemes, domain.is_some().then_some("https")),
            domain,
            explain,
            strict: section.boolean("strict", false),
            cache_size: section.bytes("cache-size", 0..=1 << 40, 64 << 20),
            cache_object_limit: section.bytes("cache-object-limit", 0..=1 << 30, 8 << 20),
            cors: Cors::parse(cors.iter().map(String::as_str)).unwrap_or_else(|errors| {
                errors.into_iter().for_each(|error| section.mistake("cors-origins", error.rule));
                Cors::default()
            }),
            trusted_proxies: TrustedProxies::parse(proxies.iter().map(String::as_str))
                .unwrap_or_else(|errors| {
                    errors
                        .into_iter()
                        .for_each(|error| section.mistake("trusted-proxies", error.rule));
                    TrustedProxies::default()
                }),
            groups,
            origins,
            behaviors,
        }
    }
}

fn groups(section: &mut Section) -> Vec<KeyGroup> {
    let Some(mut table) = section.section("key-groups") else { return Vec::new() };
    let mut groups = Vec::new();
    for name in table.names() {
        if table.is_text(&name) {
            let keys = KeySource::Folder(table.required_path(&name));
            groups.push(KeyGroup { name, keys });
            continue;
        }
        let Some(mut group) = table.section(&name) else { continue };
        let mut keys = Vec::new();
        for id in group.names() {
            if !is_key_pair_id(&id) {
                group.mistake(&id, "must be named by a key-pair-id: letters and digits");
            }
            keys.push(KeyFile { path: group.required_path(&id), id });
        }
        if !(1..=MOST_KEYS).contains(&keys.len()) {
            table.mistake(&name, "must hold 1 to 5 public keys, as in CloudFront");
        }
        table.absorb(group);
        groups.push(KeyGroup { name, keys: KeySource::Files(keys) });
    }
    section.absorb(table);
    groups
}

/// Whether this can be an id CloudFront gave to a public key.
pub(crate) fn is_key_pair_id(text: &str) -> bool {
    (1..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn origins(section: &mut Section) -> Vec<OriginSettings> {
    #[derive(Clone, Copy)]
    enum Kind {
        Folder,
        Http,
        S3,
    }
    let mut origins = Vec::new();
    let mut seen = BTreeSet::new();
    let listed = section.contains("origins");
    for mut row in section.sections("origins") {
        let name = row.required_text("name");
        if !name.is_empty() && !seen.insert(name.clone()) {
            row.mistake("name", "is there twice");
        }
        let typed = row.contains("type");
        let kind = match row.choice(
            "type",
            &[("folder", Kind::Folder), ("http", Kind::Http), ("s3", Kind::S3)],
            Kind::Folder,
        ) {
            Kind::Folder => OriginKind::Folder(row.required_path("path")),
            Kind::Http => OriginKind::Http {
                url: row.required_text("url"),
                timeout: Duration::from_secs(row.seconds("timeout", 1..=60, ORIGIN_TIMEOUT)),
            },
            #[cfg(feature = "aws")]
            Kind::S3 => OriginKind::S3(Location::take(&mut row, ORIGIN_TIMEOUT)),
            #[cfg(not(feature = "aws"))]
            Kind::S3 => {
                row.mistake("type", "`s3` is not in this build; it needs the feature `aws`");
                row.rest();
                section.absorb(row);
                continue;
            }
        };
        if !typed {
            row.mistake("type", "is required: one of `folder`, `http`, `s3`");
        }
        section.absorb(row);
        origins.push(OriginSettings { name, kind });
    }
    if !listed {
        section.mistake("origins", "is required: a list of tables with `name` and `type`");
    }
    origins
}

fn behaviors(
    section: &mut Section,
    groups: &[KeyGroup],
    origins: &[OriginSettings],
) -> Vec<BehaviorSettings> {
    let mut behaviors: Vec<BehaviorSettings> = Vec::new();
    let mut wrong_pattern = false;
    for mut row in section.sections("behaviors") {
        let text = row.required_text("path-pattern");
        let pattern = PathPattern::parse(&text);
        if let Err(rule) = pattern
            && !text.is_empty()
        {
            row.mistake("path-pattern", rule);
        }
        let origin = row.required_text("origin");
        let origin = origins.iter().position(|known| known.name == origin);
        if origin.is_none() {
            row.mistake("origin", "must name one of `edge.origins`");
        }
        let names = row.texts("trusted-key-groups");
        if names.len() > MOST_GROUPS {
            row.mistake("trusted-key-groups", "must hold at most 4 groups, as in CloudFront");
        }
        let found: Vec<usize> = names
            .iter()
            .filter_map(|name| groups.iter().position(|group| group.name == *name))
            .collect();
        if found.len() != names.len() {
            row.mistake("trusted-key-groups", "must hold names of `edge.key-groups`");
        } else if found.iter().collect::<BTreeSet<_>>().len() != found.len() {
            row.mistake("trusted-key-groups", "must not hold a name twice");
        }
        // CloudFront's default.
        let ttl = Duration::from_secs(row.seconds("ttl", 0..=31_536_000, 86_400));
        if let Ok(pattern) = &pattern
            && behaviors.iter().any(|earlier| earlier.pattern == *pattern)
        {
            row.mistake("path-pattern", "is there twice; the first one decides");
        }
        section.absorb(row);
        match pattern {
            Ok(pattern) => behaviors.push(BehaviorSettings {
                pattern,
                text,
                origin: origin.unwrap_or_default(),
                groups: found,
                ttl,
            }),
            Err(_) => wrong_pattern = true,
        }
    }
    // Without one, some path would have no behaviour, and whether it is open would be a guess.
    if !wrong_pattern && !behaviors.last().is_some_and(|last| last.pattern.is_default()) {
        section.mistake("behaviors", "must end with the path-pattern `*`");
    }
    behaviors
}
