//! `[gateway.pages]`: the pages for people.

use std::{fmt, path::PathBuf, sync::Arc};

use tollgate_api::Cors;
use tollgate_backends::section::Section;

use crate::edge::is_key_pair_id;

/// `[gateway.pages]`.
#[derive(Clone, Debug, Default)]
pub struct PagesTable {
    /// Whether `/player` is there.
    pub player: bool,
    /// Whether `/explain` is there.
    pub explain: bool,
    /// The library that plays HLS where the browser does not.
    pub hls_js: Option<PathBuf>,
    /// The web origins that videos come from, besides the gateway's own.
    pub media_origins: Vec<String>,
    /// The keys that the explain page trusts: id and PEM file.
    pub public_keys: Vec<(String, PathBuf)>,
    /// Viewers with tokens, for whom the player page asks. Never from a file.
    pub sample: Option<SampleViewers>,
}

/// Makes the JSON of `/player/demo.json`, tokens and all. Only `tollgate demo` has one.
#[derive(Clone)]
pub struct SampleViewers {
    /// The names under which it is given away. A page that makes its own name lead here is not told.
    pub hosts: Vec<String>,
    /// Makes it.
    pub make: Arc<dyn Fn() -> Option<String> + Send + Sync>,
}

impl fmt::Debug for SampleViewers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SampleViewers")
    }
}

/// Four key groups of five keys are what a behaviour of CloudFront can trust.
const MOST_KEYS: usize = 20;

impl PagesTable {
    /// Takes the table out of `[gateway]`; mistakes stay there.
    pub(super) fn take(gateway: &mut Section) -> Self {
        let Some(mut section) = gateway.section("pages") else { return Self::default() };
        let table = Self {
            player: section.boolean("player", false),
            explain: section.boolean("explain", false),
            hls_js: section.optional_path("hls-js"),
            media_origins: origins(&mut section),
            public_keys: keys(&mut section),
            sample: None,
        };
        if table.explain && table.public_keys.is_empty() {
            section.mistake(
                "public-keys",
                "is required beside `explain`: a table of 1 to 20 public keys, each a key-pair-id \
                 and its PEM file",
            );
        }
        gateway.absorb(section);
        table
    }
}

fn origins(section: &mut Section) -> Vec<String> {
    let origins = section.texts("media-origins");
    // `*` would let a page send what it holds anywhere.
    if origins.iter().any(|origin| origin == "*" || Cors::parse([origin.as_str()]).is_err()) {
        section.mistake(
            "media-origins",
            "must hold origins like https://media.example.com: lower case, no path, no final slash",
        );
        return Vec::new();
    }
    origins
}

fn keys(section: &mut Section) -> Vec<(String, PathBuf)> {
    let Some(mut table) = section.section("public-keys") else { return Vec::new() };
    let mut keys = Vec::new();
    for id in table.names() {
        if !is_key_pair_id(&id) {
            table.mistake(&id, "must be named by a key-pair-id: letters and digits");
        }
        let path = table.required_path(&id);
        keys.push((id, path));
    }
    section.absorb(table);
    if keys.len() > MOST_KEYS {
        section.mistake("public-keys", "must hold at most 20 public keys");
    }
    keys
}
