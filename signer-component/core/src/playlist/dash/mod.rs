//! DASH: media presentation descriptions of ISO/IEC 23009-1.
//!
//! `quick-xml` reads them: it borrows, says positions, and takes comments, CDATA and processing instructions as what they
//! are. Its writer is not used, because what is not touched must stay as it was.

mod bases;
mod document;
mod elements;
mod read;
mod template;
mod text;

use std::ops::Range;

use self::{
    bases::{Bases, TooMany, needs_base, played},
    document::{Document, Kind, Language, Uri},
    read::{line_of, read},
    template::examples,
    text::spell,
};
use super::{
    BYTE_ORDER_MARK, MOST_INPUT, MOST_URI, PlaylistError,
    edit::{Edit, Output, Purpose, TooLong, absolutise, carries_signature, edit, tail},
    places::{Base, Place, Places, Site},
    reference::Reference,
    spelling::Spelling,
};

/// Puts `signature` on every URI of an MPD that lies below `protected`, and `link` on where the MPD is found again.
///
/// - An MPD without a `BaseURL` of its own gets one, the directory it is in at the distribution: everything relative is
///   relative to it. One that has some gets their relative ones made absolute.
/// - Segments, templates, indexes and initialisations are signed. A `BaseURL` is signed where a representation plays it; one
///   that only others are relative to is not, because its query would be dropped.
/// - **What several base URLs apply to is signed only if all of them are ours**: it might be asked of any.
/// - `Location` becomes a link at the gateway, as a nested playlist of HLS does; [`Places::nested_already`] means nothing
///   here. `PatchLocation` stays: players that cannot load a patch load the MPD. `UTCTiming` by HTTP is made absolute. License servers, callbacks and chained MPDs stay.
/// - `useMPDUrlQuery` of annex I becomes `false` wherever it stands: the parameters of the MPD's URL are the viewer's link,
///   and players would append them to every segment, those of other hosts included. That empties `$querypart$` and
///   `$query:…$` but for what `queryString` gives. `$header:…$` takes from headers, which have neither link nor signature.
/// - A document type is refused.
pub fn rewrite_dash(text: &str, places: &Places<'_>) -> Result<String, PlaylistError> {
    let site = Site::new(places)?;
    if text.len() > MOST_INPUT {
        return Err(PlaylistError::TooLarge);
    }
    let body = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    let mut output = Output::sized_for(text);
    output.push(text.get(..text.len() - body.len()).unwrap_or_default())?;
    let document = read(body)?;
    let changes = changes(body, &document, &site)?;
    let mut written = 0;
    for (at, change) in &changes {
        output.push(body.get(written..at.start).unwrap_or_default())?;
        match change {
            Change::Text(text) => output.push(text)?,
            Change::Uri(spelling, edit, Language::Verbatim) => {
                output.push_edited(spelling, edit, str::to_owned)?;
            }
            Change::Uri(spelling, edit, _) => output.push_edited(spelling, edit, escape)?,
        }
        written = at.end;
    }
    output.push(body.get(written..).unwrap_or_default())?;
    Ok(output.finish())
}

/// What is written in place of a part of the text.
enum Change<'t> {
    Text(String),
    Uri(Spelling<'t>, Edit, Language),
}

fn escape(text: &str) -> String {
    quick_xml::escape::escape(text).into_owned()
}

/// Everything that changes, in its order.
fn changes<'t>(
    text: &'t str,
    document: &Document<'t>,
    site: &Site<'_>,
) -> Result<Vec<(Range<usize>, Change<'t>)>, PlaylistError> {
    let spellings: Vec<_> = document
        .uris
        .iter()
        .map(|uri| spell(text.get(uri.at.clone()).unwrap_or_default(), uri.language))
        .collect();
    let too_many = |_: TooMany| PlaylistError::Malformed {
        line: 1,
        rule: "more base URLs apply to one element of the MPD than 64, or to all than can be looked at",
    };
    let mut decision = Decision {
        document,
        site,
        bases: Bases::of(document, &spellings, site).map_err(too_many)?,
    };
    let played = played(document);
    let mut changes = Vec::new();
    for ((uri, spelling), played) in document.uris.iter().zip(spellings).zip(played) {
        let Some(spelling) = spelling else { continue };
        let edit =
            decision.edit(uri, &spelling.meant, played).map_err(|refusal| match refusal {
                Refusal::TooMany(reason) => too_many(reason),
                Refusal::TooLong(reason) => reason.on(line_of(text, uri.at.start)),
            })?;
        changes.push((uri.at.clone(), Change::Uri(spelling, edit, uri.language)));
    }
    for at in &document.disabled {
        changes.push((at.clone(), Change::Text("false".to_owned())));
    }
    if let Some(at) = document.room_for_base.filter(|_| needs_base(document)) {
        let (prefix, url) = (document.prefix, escape(site.directory()));
        let element = format!("<{prefix}BaseURL>{url}</{prefix}BaseURL>");
        changes.push((at..at, Change::Text(element)));
    }
    changes.sort_by_key(|(at, _)| at.start);
    Ok(changes)
}

/// Why there is no decision.
enum Refusal {
    TooLong(TooLong),
    TooMany(TooMany),
}

struct Decision<'d, 't, 'p> {
    document: &'d Document<'t>,
    site: &'d Site<'p>,
    bases: Bases,
}

impl Decision<'_, '_, '_> {
    fn edit(&mut self, uri: &Uri, meant: &str, played: bool) -> Result<Edit, Refusal> {
        let reference = Reference::parse(meant);
        match uri.kind {
            Kind::Base => self.base(uri.level, reference, meant, played),
            Kind::Template | Kind::Segment => {
                let within =
                    self.bases.within(self.document, uri.level).map_err(Refusal::TooMany)?;
                let open = if uri.kind == Kind::Segment {
                    self.opens(reference, &within.bases)
                } else {
                    let examples = examples(meant, within.names);
                    examples.is_some_and(|examples| {
                        examples.iter().all(|url| self.opens(Reference::parse(url), &within.bases))
                    })
                };
                self.signed(meant, Edit::default(), open)
            }
            Kind::Own => {
                let bases = self.bases.own(uri.level).map_err(Refusal::TooMany)?;
                let open = self.opens(reference, &bases);
                self.signed(meant, Edit::default(), open)
            }
            Kind::Location => self.undisputed(uri.level, reference, meant, Purpose::Nested),
            Kind::Remote => self.undisputed(uri.level, reference, meant, Purpose::Media),
            Kind::Clock => {
                let front = if self.agreed(uri.level, reference)? {
                    absolutise(self.site, reference)
                } else {
                    String::new()
                };
                Ok(Edit { front, ..Edit::default() })
            }
        }
    }

    /// What becomes of a base URL.
    fn base(
        &mut self,
        level: usize,
        reference: Reference<'_>,
        meant: &str,
        played: bool,
    ) -> Result<Edit, Refusal> {
        let parent = self.document.levels.get(level).and_then(|level| level.parent);
        let (above, front) = match parent {
            Some(parent) => (self.bases.own(parent).map_err(Refusal::TooMany)?, String::new()),
            None if meant.is_empty() => return Ok(self.directory()),
            None => ([self.site.document()].into(), absolutise(self.site, reference)),
        };
        // A directory is no media, whatever has no list of segments.
        let open = played && !reference.path().ends_with('/') && self.opens(reference, &above);
        self.signed(meant, Edit { front, ..Edit::default() }, open)
    }

    /// An empty base URL of the MPD is the MPD's own.
    fn directory(&self) -> Edit {
        Edit { front: self.site.directory().to_owned(), ..Edit::default() }
    }

    /// Whether the signature opens a reference, whichever of the bases a player takes.
    fn opens(&self, reference: Reference<'_>, bases: &[Base]) -> bool {
        !bases.is_empty()
            && reference != Reference::Itself
            && bases.iter().all(|base| self.site.place(reference, base) == Place::Protected)
    }

    /// Appends the signature to what it opens.
    fn signed(&self, meant: &str, mut edit: Edit, open: bool) -> Result<Edit, Refusal> {
        if open && !carries_signature(meant) {
            edit.tail = Some(tail(meant, self.site.places.signature));
            if edit.length(meant) > MOST_URI {
                return Err(Refusal::TooLong(TooLong));
            }
        }
        Ok(edit)
    }

    /// What becomes of a URI that is relative to the MPD for some players, and to base URLs for others.
    fn undisputed(
        &mut self,
        level: usize,
        reference: Reference<'_>,
        meant: &str,
        purpose: Purpose,
    ) -> Result<Edit, Refusal> {
        if !self.agreed(level, reference)? {
            return Ok(Edit::default());
        }
        edit(self.site, meant, purpose).map_err(Refusal::TooLong)
    }

    /// Whether a reference leads to one place from the MPD and from every base URL of a level.
    fn agreed(&mut self, level: usize, reference: Reference<'_>) -> Result<bool, Refusal> {
        let from_mpd = self.site.base(reference, &self.site.document());
        let bases = self.bases.own(level).map_err(Refusal::TooMany)?;
        Ok(bases.iter().all(|base| self.site.base(reference, base) == from_mpd))
    }
}
