//! `[auth]`: whose tokens are accepted.

use std::time::Duration;

use tollgate_api::{TokenRules, token};
use tollgate_backends::section::Section;

use crate::auth::{AuthSettings, JwksUrl, KeySource};

#[derive(Clone, Copy)]
enum Kind {
    JwksUrl,
    JwksFile,
    Pem,
}

const KINDS: [(&str, Kind); 3] =
    [("jwks-url", Kind::JwksUrl), ("jwks-file", Kind::JwksFile), ("pem", Kind::Pem)];

/// Reads the table, if it is there.
pub(super) fn take(root: &mut Section) -> Option<AuthSettings> {
    let mut section = root.section("auth")?;
    let known = section.contains("type");
    let kind = section.choice("type", &KINDS, Kind::JwksUrl);
    if !known {
        section.mistake("type", "is required: one of `jwks-url`, `jwks-file`, `pem`");
    }
    let keys = match kind {
        Kind::JwksUrl => KeySource::JwksUrl(jwks_url(&mut section)),
        Kind::JwksFile => KeySource::JwksFile(section.required_path("path")),
        Kind::Pem => KeySource::PemFile(section.required_path("path")),
    };
    let issuer = section.required_text("issuer");
    let listed = section.contains("audiences");
    let audiences = section.texts("audiences");
    if !listed || audiences.is_empty() || audiences.iter().any(String::is_empty) {
        section.mistake("audiences", "must hold at least one audience, and no empty one");
    }
    let rules = TokenRules {
        issuer,
        audiences,
        leeway: section.seconds("leeway", 0..=300, token::DEFAULT_LEEWAY),
        roles_claim: section
            .text("roles-claim")
            .unwrap_or_else(|| token::DEFAULT_ROLES_CLAIM.to_owned()),
    };
    root.absorb(section);
    Some(AuthSettings { keys, rules })
}

fn jwks_url(section: &mut Section) -> JwksUrl {
    let mut source = JwksUrl::new(section.required_text("url"));
    let mut seconds = |key: &str, range, default: Duration| {
        Duration::from_secs(section.seconds(key, range, default.as_secs()))
    };
    source.refresh = seconds("refresh", 10..=86_400, source.refresh);
    source.min_gap = seconds("min-gap", 1..=3600, source.min_gap);
    source.timeout = seconds("timeout", 1..=30, source.timeout);
    source.allow_http = section.boolean("allow-http", false);
    source
}
