//! Rules by object key: what one signature covers.

use super::{
    document::Document,
    read::{LEAST_TTL, MOST_TTL},
};
use crate::cloudfront::resource::glob;

/// What a signature covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// Everything below the directory that the pattern names before its `**`.
    Directory,
    /// Exactly one object.
    Exact,
}

/// A pattern over object keys and how what it matches is signed.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    segments: Vec<String>,
    pub(super) scope: Scope,
    pub(super) ttl: Option<u64>,
    pub(super) window: Option<u64>,
    pub(super) bind_ip: Option<bool>,
}

impl Rule {
    /// Reads one rule; `None` if it is wrong, which the document then knows.
    pub(super) fn read(document: &mut Document) -> Option<Self> {
        let pattern = document.required_text("pattern");
        let scopes = [("directory", Scope::Directory), ("exact", Scope::Exact)];
        let known = document.contains("sign");
        let scope = document.choice("sign", &scopes);
        if !known {
            document.wrong("sign", "is missing; it must be directory or exact");
        }
        let ttl = document.number("ttl", LEAST_TTL, MOST_TTL);
        let window = document.number("expiry-window", 0, 3600);
        let bind_ip = document.flag("bind-ip");
        match Self::new(&pattern?, scope?) {
            Ok(rule) => Some(Self { ttl, window, bind_ip, ..rule }),
            Err(rule) => {
                document.wrong("pattern", rule);
                None
            }
        }
    }

    /// `*` stays within a segment; `**`, only at the end, stands for one or more segments.
    pub(super) fn new(pattern: &str, scope: Scope) -> Result<Self, &'static str> {
        let segments: Vec<String> = pattern.split('/').map(str::to_owned).collect();
        let (last, before) = segments.split_last().ok_or("must not be empty")?;
        if segments.iter().any(String::is_empty) {
            return Err("must have no empty segment and no slash at either end");
        }
        if before.iter().any(|segment| segment.contains("**"))
            || (last.contains("**") && last != "**")
        {
            return Err("may have ** only as its last segment");
        }
        if scope == Scope::Directory && (last != "**" || before.is_empty()) {
            return Err("must end in /** to sign a directory");
        }
        Ok(Self { segments, scope, ttl: None, window: None, bind_ip: None })
    }

    /// Whether the key is meant, and if so its directory: the part that stands before the `**`.
    pub(super) fn matches<'key>(&self, key: &'key str) -> Option<&'key str> {
        let mut directory_end = 0;
        let mut rest = key;
        for (position, pattern) in self.segments.iter().enumerate() {
            if pattern == "**" {
                return (!rest.is_empty()).then(|| key.get(..directory_end).unwrap_or_default());
            }
            let segment = rest.split('/').next().unwrap_or_default();
            if segment.is_empty() || !glob(pattern, segment) {
                return None;
            }
            directory_end = key.len() - rest.len() + segment.len();
            let last = position + 1 == self.segments.len();
            match rest.get(segment.len() + 1..) {
                Some(after) if !last => rest = after,
                None if last => return Some(key),
                _ => return None,
            }
        }
        None
    }
}
