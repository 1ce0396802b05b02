//! `EXT-X-DEFINE`: what `{$name}` stands for.

use std::collections::BTreeMap;

use super::{
    attributes::attributes,
    tags::{lines, tag},
};
use crate::{
    cloudfront::encoding::{percent_decode, reserved},
    playlist::{MOST_URI, PlaylistError, spelling::Spelling},
};

/// The most definitions that a playlist may have, those that say the same again included.
const MOST_DEFINITIONS: usize = 1000;

/// The variables that are known so far.
#[derive(Debug, Default)]
pub(super) struct Variables {
    definitions: usize,
    /// Without a value: defined, but not in a way that every player understands alike.
    values: BTreeMap<String, Option<String>>,
}

/// How a tag defines a variable.
enum Definition<'l> {
    Value(&'l str, &'l str),
    Import(&'l str),
    Query(&'l str),
}

impl Variables {
    /// Takes in one tag of the line with this number.
    pub(super) fn define(
        &mut self,
        list: &str,
        line: usize,
        imports: &Self,
        query: &Query<'_>,
    ) -> Result<(), PlaylistError> {
        self.definitions += 1;
        if self.definitions > MOST_DEFINITIONS {
            let rule = "a playlist must not have more than 1,000 EXT-X-DEFINE tags";
            return Err(PlaylistError::Malformed { line, rule });
        }
        let (name, value) = match definition(list) {
            Some(Definition::Value(name, value)) => (name, plain(value)),
            Some(Definition::Import(name)) => (name, imports.value(name).map(str::to_owned)),
            Some(Definition::Query(name)) => {
                // The player would take the value from the link, and write it wherever the playlist says.
                if reserved(name).is_some() {
                    return Err(PlaylistError::Malformed {
                        line,
                        rule: "EXT-X-DEFINE:QUERYPARAM must not name a parameter of CloudFront's",
                    });
                }
                (name, query.value(name).and_then(plain))
            }
            None => return Ok(()),
        };
        let again = self.values.contains_key(name);
        self.values.insert(name.to_owned(), value.filter(|_| !again));
        Ok(())
    }

    /// The variables of the multivariant playlist that a media playlist may import.
    pub(super) fn of_multivariant(text: &str) -> Self {
        let mut variables = Self::default();
        for line in lines(text) {
            if let Some(("EXT-X-DEFINE", list)) = tag(line) {
                // Its query is not known here; what is read from it cannot be imported.
                let defined = variables.define(list, 0, &Self::default(), &Query::default());
                if defined.is_err() {
                    return Self::default();
                }
            }
        }
        variables
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.values.get(name)?.as_deref()
    }

    /// The text with its variables resolved; nothing if one is not known, or if it gets longer than any URL may be.
    pub(super) fn spell<'t>(&self, text: &'t str) -> Option<Spelling<'t>> {
        if !text.contains("{$") {
            return Some(Spelling::plain(text));
        }
        let mut pieces = Vec::new();
        let mut rest = text;
        let mut length = 0;
        while let Some(start) = rest.find("{$") {
            let (before, reference) = rest.split_at_checked(start)?;
            let (reference, after) = reference.split_at_checked(reference.find('}')? + 1)?;
            let value = self.value(reference.strip_prefix("{$")?.strip_suffix('}')?)?;
            pieces.push((before, None));
            pieces.push((reference, Some(value)));
            length += before.len() + value.len() + 1;
            rest = after;
            if length > MOST_URI {
                return None;
            }
        }
        pieces.push((rest, None));
        Some(Spelling::of(text, pieces.into_iter()))
    }
}

/// Whether the playlist imports variables of the multivariant playlist.
pub(super) fn imports_any(text: &str) -> bool {
    lines(text).any(|line| {
        tag(line).is_some_and(|(name, list)| {
            name == "EXT-X-DEFINE" && matches!(definition(list), Some(Definition::Import(_)))
        })
    })
}

fn definition(list: &str) -> Option<Definition<'_>> {
    let find = |wanted: &str| {
        let found = attributes(list).find(|found| found.name == wanted && found.quoted)?;
        list.get(found.value)
    };
    if let Some(name) = find("NAME") {
        return Some(Definition::Value(name, find("VALUE").unwrap_or_default()));
    }
    find("IMPORT").map(Definition::Import).or_else(|| find("QUERYPARAM").map(Definition::Query))
}

/// A value that means the same to everybody: one that refers to other variables does not.
fn plain(value: &str) -> Option<String> {
    (!value.contains("{$")).then(|| value.to_owned())
}

/// The parameters of the query that a playlist was asked for with.
#[derive(Debug, Default)]
pub(super) struct Query<'q> {
    /// By their decoded names. Without a value: it is there several times.
    values: BTreeMap<Vec<u8>, Option<&'q str>>,
}

impl<'q> Query<'q> {
    pub(super) fn of(query: &'q str) -> Self {
        let mut values = BTreeMap::new();
        for pair in query.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            values
                .entry(percent_decode(name))
                .and_modify(|value| *value = None)
                .or_insert(Some(value));
        }
        Self { values }
    }

    /// A value, if there is one, it needs no decoding, which not every player does, and would end no quoted text.
    fn value(&self, name: &str) -> Option<&'q str> {
        let value = self.values.get(name.as_bytes()).copied().flatten()?;
        (!value.contains(['%', '+', '"'])).then_some(value)
    }
}
