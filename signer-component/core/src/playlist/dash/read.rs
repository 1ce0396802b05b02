//! Finds the URIs of an MPD.

use std::ops::Range;

use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};

use super::{
    document::{Document, Kind, Language, Level, Uri},
    elements::{
        Place, Rank, has_segments, is_http_clock, is_query_info, level_attribute, may_be_remote,
        segment_attribute, text_kind,
    },
    text::{Attribute, attributes, content, words},
};
use crate::playlist::{BYTE_ORDER_MARK, PlaylistError};

/// The deepest nesting of elements. An MPD of its own accord has seven.
const MOST_DEPTH: usize = 64;

/// The most URIs of an MPD. A day of two-second segments that are listed one by one has half as many.
const MOST_URIS: usize = 100_000;

/// Reads an MPD without a byte order mark.
pub(super) fn read(text: &str) -> Result<Document<'_>, PlaylistError> {
    if text.starts_with(BYTE_ORDER_MARK) {
        // A second one is no white space, and `quick-xml` would take it for the first, without counting it.
        return Err(PlaylistError::NotAPlaylist);
    }
    let mut finder =
        Finder { text, document: Document::default(), ranks: Vec::new(), stack: Vec::new() };
    let mut reader = Reader::from_str(text);
    loop {
        let begin = position(&reader);
        let event = match reader.read_event() {
            Ok(event) => event,
            Err(_) => return Err(finder.malformed(position(&reader), "the XML is not well-formed")),
        };
        let end = position(&reader);
        match event {
            Event::Start(start) => {
                let place = finder.start(&start, begin + 1, end)?;
                if finder.stack.len() >= MOST_DEPTH {
                    return Err(finder.malformed(end, "elements are nested more than 64 deep"));
                }
                finder.stack.push(place);
            }
            Event::Empty(start) => {
                let place = finder.start(&start, begin + 1, end)?;
                finder.empty(place);
            }
            Event::End(tag) => {
                finder.end(tag.local_name().into_inner(), begin, end);
            }
            // What a document type declares can make any text of any other.
            Event::DocType(_) => {
                return Err(finder.malformed(end, "a document type is not allowed in an MPD"));
            }
            Event::Eof => break,
            _ => {}
        }
        if finder.document.uris.len() > MOST_URIS {
            return Err(finder.malformed(end, "an MPD must not have more than 100,000 URIs"));
        }
    }
    if finder.document.levels.is_empty() {
        return Err(PlaylistError::NotAPlaylist);
    }
    if !finder.stack.is_empty() {
        return Err(finder.malformed(text.len(), "the XML ends within an element"));
    }
    Ok(finder.document)
}

fn position(reader: &Reader<&[u8]>) -> usize {
    usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX)
}

struct Finder<'t> {
    text: &'t str,
    document: Document<'t>,
    /// The rank of every level of the document.
    ranks: Vec<Rank>,
    stack: Vec<Place>,
}

impl<'t> Finder<'t> {
    /// Takes in a start tag whose name begins at `name_at` and which ends at `end`.
    fn start(
        &mut self,
        start: &BytesStart<'t>,
        name_at: usize,
        end: usize,
    ) -> Result<Place, PlaylistError> {
        let content: &str = start;
        // Everything hangs on positions, so they are not taken on trust.
        if !self.text.get(name_at..).is_some_and(|rest| rest.starts_with(content)) {
            return Err(self.malformed(end, "the XML is not where it was read"));
        }
        let name = start.local_name().into_inner();
        if self.stack.is_empty() && (name != "MPD" || !self.document.levels.is_empty()) {
            return Err(PlaylistError::NotAPlaylist);
        }
        let Some(attributes) = attributes(start, name_at) else {
            return Err(self.malformed(
                end,
                "the attributes of an element are not well-formed, or more than 256",
            ));
        };
        self.disable_queries(name, &attributes, end)?;
        Ok(match self.stack.last().copied() {
            None => {
                let root = self.text.get(name_at..).unwrap_or_default();
                let prefix = root.find("MPD").and_then(|length| root.get(..length));
                self.document.prefix = prefix.unwrap_or_default();
                self.document.room_for_base = Some(end);
                self.level(Rank::Mpd, None, &attributes)
            }
            Some(Place::Level(level)) => self.in_level(level, name, &attributes, end),
            Some(Place::Segments(level)) => {
                self.in_segments(level, name, &attributes);
                Place::Elsewhere
            }
            Some(Place::Text { .. } | Place::Elsewhere) => Place::Elsewhere,
        })
    }

    fn in_level(&mut self, level: usize, name: &str, found: &[Attribute<'_>], end: usize) -> Place {
        if may_be_remote(name) {
            for href in found.iter().filter(|one| one.name != "href" && one.local_name() == "href")
            {
                self.uri(href.trimmed(), level, Kind::Remote);
            }
        }
        let rank = self.ranks.get(level).copied();
        match Rank::of(name) {
            Some(inner) if rank.is_some_and(|outer| outer < inner) => {
                return self.level(inner, Some(level), found);
            }
            Some(_) => return Place::Elsewhere,
            None => {}
        }
        if let Some(kind) = text_kind(name, rank == Some(Rank::Mpd)) {
            return Place::Text { level, kind, start: end };
        }
        for attribute in found {
            if let Some(kind) = level_attribute(name, attribute.name) {
                self.uri(attribute.trimmed(), level, kind);
            }
        }
        if name == "UTCTiming" {
            self.clock(level, found);
        }
        if has_segments(name) {
            if let Some(level) = self.document.levels.get_mut(level) {
                level.lists_segments |= name != "SegmentBase";
                level.uses_base |= name == "SegmentBase";
            }
            return Place::Segments(level);
        }
        Place::Elsewhere
    }

    fn in_segments(&mut self, level: usize, name: &str, found: &[Attribute<'_>]) {
        let wanted = segment_attribute(name);
        for attribute in found.iter().filter(|attribute| wanted.contains(&attribute.name)) {
            self.uri(attribute.trimmed(), level, Kind::Segment);
        }
        let first = wanted.first();
        if first.is_some_and(|first| found.iter().all(|attribute| attribute.name != *first))
            && let Some(level) = self.document.levels.get_mut(level)
        {
            level.uses_base = true;
        }
    }

    fn level(&mut self, rank: Rank, parent: Option<usize>, found: &[Attribute<'_>]) -> Place {
        let index = self.document.levels.len();
        let id = found.iter().find(|attribute| attribute.name == "id");
        let id = id.and_then(|id| self.text.get(id.at.clone())).unwrap_or_default();
        let representation = (rank == Rank::Representation).then_some(id);
        let level = Level { parent, end: index + 1, representation, ..Level::default() };
        self.document.levels.push(level);
        self.ranks.push(rank);
        Place::Level(index)
    }

    fn clock(&mut self, level: usize, found: &[Attribute<'_>]) {
        let value = |name: &str| found.iter().find(|attribute| attribute.name == name);
        let http = value("schemeIdUri").is_some_and(|scheme| is_http_clock(scheme.value));
        let Some(urls) = value("value").filter(|_| http) else { return };
        for word in words(urls.value, urls.at.start).take(MOST_URIS + 1) {
            self.uri(word, level, Kind::Clock);
        }
    }

    /// Annex I would have players append the parameters of the MPD's URL, which are the link, wherever the MPD says.
    ///
    /// Everything that takes from them hangs on `useMPDUrlQuery`; what `queryString` gives stays. A description that is
    /// elsewhere could say anything.
    fn disable_queries(
        &mut self,
        element: &str,
        found: &[Attribute<'_>],
        end: usize,
    ) -> Result<(), PlaylistError> {
        for attribute in found {
            let name = attribute.local_name();
            if is_query_info(element) && name == "href" {
                let rule = "a description of query parameters must not be elsewhere (xlink:href)";
                return Err(self.malformed(end, rule));
            }
            let off = ["false", "0"].contains(&attribute.value.trim());
            if name == "useMPDUrlQuery" && !off {
                self.document.disabled.push(attribute.at.clone());
            }
        }
        Ok(())
    }

    /// Takes in an element without content.
    fn empty(&mut self, place: Place) {
        if let Place::Text { level, kind, start } = place {
            // There is no room for a text in it.
            self.found(start..start, level, kind, Language::Unreadable);
        }
        if self.stack.is_empty() {
            self.document.room_for_base = None;
        }
    }

    /// Takes in an end tag, which begins and ends at the given places.
    fn end(&mut self, name: &str, begin: usize, end: usize) {
        match self.stack.pop() {
            Some(Place::Text { level, kind, start }) => {
                let (at, language) =
                    content(self.text.get(start..begin).unwrap_or_default(), start);
                self.found(at, level, kind, language);
            }
            Some(Place::Level(level)) => {
                let levels = self.document.levels.len();
                if let Some(level) = self.document.levels.get_mut(level) {
                    level.end = levels;
                }
            }
            _ => {}
        }
        // The schema wants it behind these.
        if name == "ProgramInformation" && self.stack == [Place::Level(0)] {
            self.document.room_for_base = Some(end);
        }
    }

    fn uri(&mut self, at: Range<usize>, level: usize, kind: Kind) {
        self.found(at, level, kind, Language::Escaped);
    }

    fn found(&mut self, at: Range<usize>, level: usize, kind: Kind, language: Language) {
        if kind == Kind::Base
            && let Some(level) = self.document.levels.get_mut(level)
        {
            level.bases.push(self.document.uris.len());
        }
        self.document.uris.push(Uri { at, level, kind, language });
    }

    fn malformed(&self, at: usize, rule: &'static str) -> PlaylistError {
        // What is no MPD at all shall not be called a bad one.
        if self.document.levels.is_empty() {
            return PlaylistError::NotAPlaylist;
        }
        PlaylistError::Malformed { line: line_of(self.text, at), rule }
    }
}

/// The line of a position, counted from 1.
pub(super) fn line_of(text: &str, at: usize) -> usize {
    let before = text.as_bytes().get(..at).unwrap_or(text.as_bytes());
    before.iter().filter(|byte| **byte == b'\n').count() + 1
}
