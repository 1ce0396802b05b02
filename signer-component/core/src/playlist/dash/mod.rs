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
    let mut decision = Decision {
        text: body,
        document: &document,
        site: &site,
        bases: Bases::of(body, &document, &site)?,
    };
    let played = played(&document);
    let mut written = 0;
    // One edit at a time is held, because a URI of one byte may have a signature of a thousand.
    for (at, change) in changes(&document) {
        output.push(body.get(written..at.start).unwrap_or_default())?;
        match change {
            Change::Disabled => output.push("false")?,
            Change::Base => {
                let (prefix, url) = (document.prefix, escape(site.directory()));
                output.push(&format!("<{prefix}BaseURL>{url}</{prefix}BaseURL>"))?;
            }
            Change::Uri(index, uri) => {
                let played = played.get(index).copied().unwrap_or_default();
                decision.write(uri, played, &mut output)?;
            }
        }
        written = at.end;
    }
    output.push(body.get(written..).unwrap_or_default())?;
    Ok(output.finish())
}

/// What is written in place of a part of the text.
enum Change<'d> {
    Disabled,
    Base,
    /// By its place in [`Document::uris`].
    Uri(usize, &'d Uri),
}

fn escape(text: &str) -> String {
    quick_xml::escape::escape(text).into_owned()
}

/// Everything that may change, in its order.
fn changes<'d>(document: &'d Document<'_>) -> Vec<(Range<usize>, Change<'d>)> {
    let uris = document.uris.iter().enumerate();
    let mut changes: Vec<_> =
        uris.map(|(index, uri)| (uri.at.clone(), Change::Uri(index, uri))).collect();
    changes.extend(document.disabled.iter().map(|at| (at.clone(), Change::Disabled)));
    let room = document.room_for_base.filter(|_| needs_base(document));
    changes.extend(room.map(|at| (at..at, Change::Base)));
    changes.sort_by_key(|(at, _)| at.start);
    changes
}

/// Why there is no decision.
enum Refusal {
    TooLong(TooLong),
    TooMany(TooMany),
}

impl From<TooMany> for Refusal {
    fn from(reason: TooMany) -> Self {
        Self::TooMany(reason)
    }
}

struct Decision<'d, 't, 'p> {
    text: &'t str,
    document: &'d Document<'t>,
    site: &'d Site<'p>,
    bases: Bases,
}

impl Decision<'_, '_, '_> {
    /// Writes a URI with what is inserted into it.
    fn write(&mut self, uri: &Uri, played: bool, output: &mut Output) -> Result<(), PlaylistError> {
        let text = self.text.get(uri.at.clone()).unwrap_or_default();
        let Some(spelling) = spell(text, uri.language) else { return output.push(text) };
        let edit = self.edit(uri, &spelling.meant, played).map_err(|refusal| match refusal {
            Refusal::TooMany(reason) => reason.on(line_of(self.text, uri.at.start)),
            Refusal::TooLong(reason) => reason.on(line_of(self.text, uri.at.start)),
        })?;
        output.push_edited(&spelling, &edit, |text| match uri.language {
            Language::Verbatim => text.to_owned(),
            _ => escape(text),
        })
    }

    fn edit(&mut self, uri: &Uri, meant: &str, played: bool) -> Result<Edit, Refusal> {
        let reference = Reference::parse(meant);
        match uri.kind {
            Kind::Base => self.base(uri.level, reference, meant, played),
            Kind::Template => {
                let within = self.bases.within(self.document, uri.level)?;
                let examples = examples(meant, within.names).unwrap_or_default();
                self.bases.spend(within.bases.len() * examples.len(), meant)?;
                let open = !examples.is_empty()
                    && examples.iter().all(|url| self.opens(Reference::parse(url), &within.bases));
                self.signed(meant, Edit::default(), open)
            }
            Kind::Segment => {
                let bases = self.bases.within(self.document, uri.level)?.bases;
                self.bases.spend(bases.len(), meant)?;
                self.signed(meant, Edit::default(), self.opens(reference, &bases))
            }
            Kind::Own => {
                let bases = self.bases.own(uri.level, meant)?;
                self.signed(meant, Edit::default(), self.opens(reference, &bases))
            }
            Kind::Location => self.undisputed(uri.level, reference, meant, Purpose::Nested),
            Kind::Remote => self.undisputed(uri.level, reference, meant, Purpose::Media),
            Kind::Clock => {
                let front = if self.agreed(uri.level, reference, meant)? {
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
            Some(parent) => (self.bases.own(parent, meant)?, String::new()),
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
        if !self.agreed(level, reference, meant)? {
            return Ok(Edit::default());
        }
        edit(self.site, meant, purpose).map_err(Refusal::TooLong)
    }

    /// Whether a reference leads to one place from the MPD and from every base URL of a level.
    fn agreed(
        &mut self,
        level: usize,
        reference: Reference<'_>,
        meant: &str,
    ) -> Result<bool, Refusal> {
        let from_mpd = self.site.base(reference, &self.site.document());
        let bases = self.bases.own(level, meant)?;
        Ok(bases.iter().all(|base| self.site.base(reference, base) == from_mpd))
    }
}
