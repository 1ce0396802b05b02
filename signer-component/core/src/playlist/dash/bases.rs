//! Which base URLs apply where, and which of them are media themselves.

use std::{collections::BTreeSet, rc::Rc};

use super::{
    document::{Document, Kind, Level},
    read::line_of,
    template::names,
    text::spell,
};
use crate::playlist::{
    PlaylistError,
    places::{Base, Site},
    reference::Reference,
};

/// The most base URLs that one level may have, and that may apply to one place.
const MOST_BASES: usize = 64;

/// How often anything may be resolved against a base URL. Real MPDs need some thousands.
const MOST_WORK: usize = 250_000;

/// How many bytes count as one more time.
const WORK_BYTES: usize = 1024;

/// How many bytes the base URLs of all levels may have together, once they are resolved.
const MOST_HELD: usize = 4 * 1024 * 1024;

/// More base URLs than [`MOST_BASES`] apply to a level, or so many in all that it would take seconds or much memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooMany;

impl TooMany {
    /// The error, once the line is known.
    pub(super) fn on(self, line: usize) -> PlaylistError {
        PlaylistError::Malformed {
            line,
            rule: "more than 64 base URLs apply to one element of the MPD, or more to all than can be looked at",
        }
    }
}

/// What applies to the levels of a document, in their order.
pub(super) struct Bases {
    /// What a level hands down.
    own: Vec<Rc<[Base]>>,
    /// What applies to the representations within a level, if anything within it asked.
    within: Vec<Option<Within>>,
    /// What is left of [`MOST_WORK`].
    work: usize,
}

/// What the representations within a level have in common.
#[derive(Clone)]
pub(super) struct Within {
    pub(super) bases: Rc<[Base]>,
    /// The most names that an id consists of; nothing if one is something else.
    pub(super) names: Option<usize>,
}

impl Bases {
    /// Resolves every base URL of the document, which is in `text`, against those above it.
    pub(super) fn of(
        text: &str,
        document: &Document<'_>,
        site: &Site<'_>,
    ) -> Result<Self, PlaylistError> {
        let mut own: Vec<Rc<[Base]>> = Vec::new();
        let mut work = MOST_WORK;
        let mut room = MOST_HELD;
        for level in &document.levels {
            let above = match level.parent.and_then(|parent| own.get(parent)) {
                Some(above) => above.clone(),
                None => Rc::from([site.document()]),
            };
            let mut bases = BTreeSet::new();
            for (index, uri) in level.bases.iter().enumerate() {
                let Some(uri) = document.uris.get(*uri) else { continue };
                let too_many = |reason: TooMany| reason.on(line_of(text, uri.at.start));
                if index == MOST_BASES {
                    return Err(too_many(TooMany));
                }
                let spelling = spell(text.get(uri.at.clone()).unwrap_or_default(), uri.language);
                let meant = spelling.as_ref().map(|spelling| &*spelling.meant);
                // A fragment of the MPD would be one of the gateway's answer; nothing is put in front of it.
                let meant = meant.filter(|meant| level.parent.is_some() || !meant.starts_with('#'));
                let reference = meant.map_or(Reference::Doubtful, Reference::parse);
                spend(&mut work, above.len(), meant.unwrap_or_default()).map_err(too_many)?;
                for base in &*above {
                    add(&mut bases, site.base(reference, base)).map_err(too_many)?;
                }
                let held: usize = bases.iter().map(Base::length).sum();
                // Every one of the level so far, because the level is what is kept.
                if held > room {
                    return Err(too_many(TooMany));
                }
            }
            room = room.saturating_sub(bases.iter().map(Base::length).sum());
            own.push(if level.bases.is_empty() { above } else { bases.into_iter().collect() });
        }
        Ok(Self { within: vec![None; own.len()], own, work })
    }

    /// Takes so many times of resolving a URI from what may be done.
    pub(super) fn spend(&mut self, times: usize, meant: &str) -> Result<(), TooMany> {
        spend(&mut self.work, times, meant)
    }

    /// What applies to a level itself, for one use by a URI.
    pub(super) fn own(&mut self, level: usize, meant: &str) -> Result<Rc<[Base]>, TooMany> {
        let own = self.own.get(level).cloned().unwrap_or_default();
        self.spend(own.len(), meant)?;
        Ok(own)
    }

    /// What applies to what every representation within a level uses.
    pub(super) fn within(
        &mut self,
        document: &Document<'_>,
        level: usize,
    ) -> Result<Within, TooMany> {
        if let Some(Some(known)) = self.within.get(level) {
            return Ok(known.clone());
        }
        let end = document.levels.get(level).map_or(level, |level| level.end);
        let mut bases = BTreeSet::new();
        let mut deepest = Some(1);
        for (index, inner) in document.levels.iter().enumerate().take(end).skip(level) {
            // A level without any within it uses what it has itself.
            if inner.end == index + 1 {
                for base in &*self.own(index, "")? {
                    add(&mut bases, base.clone())?;
                }
            }
            let depth = inner.representation.map_or(Some(1), names);
            deepest = deepest.zip(depth).map(|(deepest, depth)| deepest.max(depth));
        }
        let found = Within { bases: bases.into_iter().collect(), names: deepest };
        if let Some(place) = self.within.get_mut(level) {
            *place = Some(found.clone());
        }
        Ok(found)
    }
}

/// Takes from what may be done.
fn spend(work: &mut usize, times: usize, meant: &str) -> Result<(), TooMany> {
    let price = 1 + meant.len() / WORK_BYTES;
    *work = work.checked_sub(times.saturating_mul(price)).ok_or(TooMany)?;
    Ok(())
}

/// Adds a base.
fn add(bases: &mut BTreeSet<Base>, base: Base) -> Result<(), TooMany> {
    bases.insert(base);
    if bases.len() > MOST_BASES { Err(TooMany) } else { Ok(()) }
}

/// For every URI, whether it is a base URL that a representation plays, wholly or by ranges.
///
/// It is the base URL nearest to a representation for which nothing lists segments, or for which something is a range.
pub(super) fn played(document: &Document<'_>) -> Vec<bool> {
    let mut played = vec![false; document.uris.len()];
    for level in document.levels.iter().filter(|level| level.representation.is_some()) {
        let lists = chain(document, level).any(|level| level.lists_segments);
        if lists && !chain(document, level).any(|level| level.uses_base) {
            continue;
        }
        let nearest = chain(document, level).find(|level| !level.bases.is_empty());
        for uri in nearest.iter().flat_map(|level| &level.bases) {
            if let Some(played) = played.get_mut(*uri) {
                *played = true;
            }
        }
    }
    played
}

/// A level and those that it is in, outwards.
fn chain<'d>(
    document: &'d Document<'_>,
    level: &'d Level<'d>,
) -> impl Iterator<Item = &'d Level<'d>> {
    std::iter::successors(Some(level), |level| document.levels.get(level.parent?))
}

/// Whether anything in the document can be relative to the MPD.
pub(super) fn needs_base(document: &Document<'_>) -> bool {
    let without = document.levels.first().is_some_and(|mpd| mpd.bases.is_empty());
    without && document.uris.iter().any(|uri| !matches!(uri.kind, Kind::Clock | Kind::Location))
}
