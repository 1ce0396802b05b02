//! Signing keys in PEM files.
//!
//! `mode = "held"`, the default, signs here with native code, so that no key enters the memory of
//! the component. `mode = "revealed"` hands the PEM over and the component signs; the signature is
//! the same bytes either way.

mod file;
mod keys;
#[cfg(test)]
#[cfg(unix)]
mod tests;

use std::{collections::BTreeSet, path::PathBuf, sync::Arc};

use futures::future::BoxFuture;

use crate::{
    private_key::{Mode, is_key_pair_id},
    registry::{Adapter, Backend, Commons, Configured, Configuring, Port, Service},
    section::{Mistake, Section},
};

/// For the registry.
pub const BACKEND: Backend = Backend { name: "pem", ports: &[Port::SigningKeys], configure };

/// One key as the table names it.
#[derive(Clone, Debug)]
struct Entry {
    /// Where the path stands in the configuration.
    key: String,
    key_pair_id: String,
    path: PathBuf,
}

/// The whole table.
#[derive(Clone, Debug)]
struct Table {
    entries: Vec<Entry>,
    current: String,
    mode: Mode,
    allow_open_permissions: bool,
}

fn configure(_: Port, mut section: Section) -> Configuring {
    section.text("type");
    let mode = Mode::take(&mut section);
    let allow_open_permissions = section.boolean("allow-open-permissions", false);
    let (entries, current) = if section.contains("keys") {
        several(&mut section)
    } else {
        let entry = entry(&mut section);
        let current = entry.key_pair_id.clone();
        (vec![entry], current)
    };
    let mistakes = section.finish();
    if mistakes.is_empty() {
        Ok(Box::new(Table { entries, current, mode, allow_open_permissions }))
    } else {
        Err(mistakes)
    }
}

fn entry(section: &mut Section) -> Entry {
    let key_pair_id = section.required_text("key-pair-id");
    if !key_pair_id.is_empty() && !is_key_pair_id(&key_pair_id) {
        section.mistake("key-pair-id", "must be letters and digits, as CloudFront gives it");
    }
    let path = section.required_path("path");
    Entry { key: format!("{}.path", section.path()), key_pair_id, path }
}

fn several(section: &mut Section) -> (Vec<Entry>, String) {
    let mut entries = Vec::new();
    let mut seen = BTreeSet::new();
    for mut row in section.sections("keys") {
        let entry = entry(&mut row);
        if !entry.key_pair_id.is_empty() && !seen.insert(entry.key_pair_id.clone()) {
            row.mistake("key-pair-id", "is there twice");
        }
        section.absorb(row);
        entries.push(entry);
    }
    if entries.is_empty() {
        section.mistake("keys", "must hold at least one key");
    }
    let current = match (section.text("current"), entries.as_slice()) {
        (Some(current), _) => current,
        (None, [only]) => only.key_pair_id.clone(),
        (None, []) => String::new(),
        (None, _) => {
            section.mistake("current", "is required: the key-pair-id to sign with");
            return (entries, String::new());
        }
    };
    if !entries.is_empty() && !seen.contains(&current) {
        section.mistake("current", "must be the key-pair-id of one of `keys`");
    }
    (entries, current)
}

impl Configured for Table {
    fn summary(&self) -> String {
        let ids: Vec<_> = self.entries.iter().map(|entry| entry.key_pair_id.as_str()).collect();
        format!("pem {}, current {}, {}", ids.join(" "), self.current, self.mode)
    }

    fn open<'a>(&'a self, _: &'a Commons) -> BoxFuture<'a, Result<Adapter, Vec<Mistake>>> {
        Box::pin(async move {
            let keys = keys::PemKeys::open(self.clone()).await?;
            Ok(Adapter::plain(Service::SigningKeys(Arc::new(keys))))
        })
    }
}
