//! HLS: playlists of RFC 8216 and its second edition.

mod attributes;
mod tags;
mod variables;

use std::ops::Range;

use self::{
    attributes::attributes,
    tags::{announces, is_multivariant, lines, tag, uris},
    variables::{Query, Variables},
};
use super::{
    BYTE_ORDER_MARK, MOST_INPUT, MOST_OUTPUT, PlaylistError,
    edit::{Output, Purpose, edit},
    places::{Places, Site},
    reference::{Reference, is_line_break},
    spelling::Spelling,
};

/// Puts `signature` on every URI of an HLS playlist that lies below `protected`, and `link` on the playlists it names.
///
/// `imports` is the text of the multivariant playlist, for `EXT-X-DEFINE:IMPORT`; [`needs_imports`] says whether it is of
/// any use. A URI with a variable that cannot be resolved stays as it is. See the [module](super) for the rules.
pub fn rewrite_hls(
    text: &str,
    places: &Places<'_>,
    imports: Option<&str>,
) -> Result<String, PlaylistError> {
    let site = Site::new(places)?;
    if text.len() > MOST_INPUT || imports.is_some_and(|text| text.len() > MOST_INPUT) {
        return Err(PlaylistError::TooLarge);
    }
    if !is_hls(text) {
        return Err(PlaylistError::NotAPlaylist);
    }
    let imports = imports.map(Variables::of_multivariant).unwrap_or_default();
    let mut writer = Writer {
        site,
        query: places.query.map(Query::of).unwrap_or_default(),
        imports,
        variables: Variables::default(),
        announced: Purpose::Media,
        several: false,
        resolved: 0,
        output: Output::sized_for(text),
    };
    for (index, line) in lines(text).enumerate() {
        writer.line(line, index + 1)?;
    }
    Ok(writer.output.finish())
}

/// Whether a media playlist takes variables from the multivariant playlist (`EXT-X-DEFINE:IMPORT`).
pub fn needs_imports(text: &str) -> bool {
    variables::imports_any(text)
}

/// Whether the first line is `#EXTM3U`, which some follow up with attributes of their own.
fn is_hls(text: &str) -> bool {
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    text.strip_prefix("#EXTM3U")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['\n', '\r', ' ', '\t']))
}

struct Writer<'p> {
    site: Site<'p>,
    query: Query<'p>,
    imports: Variables,
    variables: Variables,
    /// What the next URI line is.
    announced: Purpose,
    /// The line is several lines to some players, who might read it as anything.
    several: bool,
    /// How many bytes variables have been resolved to.
    resolved: usize,
    output: Output,
}

impl Writer<'_> {
    fn line(&mut self, line: &str, number: usize) -> Result<(), PlaylistError> {
        let body = line.strip_suffix('\n').unwrap_or(line);
        self.several = body.strip_suffix('\r').unwrap_or(body).contains(is_line_break);
        if let Some((name, list)) = tag(line) {
            return self.tag(line, name, list, number);
        }
        let unmarked = if number == 1 { line.trim_start_matches(BYTE_ORDER_MARK) } else { line };
        if unmarked.starts_with('#') {
            return self.output.push(line);
        }
        let leads_elsewhere = self.uri(line, 0, 0..line.len(), self.announced, number)?;
        if leads_elsewhere {
            self.announced = Purpose::Media;
        }
        Ok(())
    }

    fn tag(
        &mut self,
        line: &str,
        name: &str,
        list: &str,
        number: usize,
    ) -> Result<(), PlaylistError> {
        if self.site.places.nested_already && is_multivariant(name) {
            return Err(PlaylistError::TooDeep);
        }
        if name == "EXT-X-DEFINE" {
            self.variables.define(list, number, &self.imports, &self.query)?;
        }
        self.announced = announces(name).unwrap_or(self.announced);
        let uris = uris(name);
        if uris.is_empty() {
            return self.output.push(line);
        }
        // The list begins behind `#`, the name and the colon.
        let start = name.len() + 2;
        let mut written = 0;
        for attribute in attributes(list) {
            let wanted = uris.iter().find(|(wanted, _)| *wanted == attribute.name);
            let Some((_, purpose)) = wanted else { continue };
            let value = start + attribute.value.start..start + attribute.value.end;
            // Without quotes nothing is a variable.
            if !attribute.quoted && list.get(attribute.value).is_some_and(|text| text.contains('{'))
            {
                continue;
            }
            let end = value.end;
            self.uri(line, written, value, *purpose, number)?;
            written = end;
        }
        self.output.push(line.get(written..).unwrap_or_default())
    }

    /// Writes a line from where it was left up to the end of a URI. Says whether the URI is another one than the playlist's
    /// own, as that of a blank line is, or of a comment behind blanks.
    fn uri(
        &mut self,
        line: &str,
        written: usize,
        value: Range<usize>,
        purpose: Purpose,
        number: usize,
    ) -> Result<bool, PlaylistError> {
        let uri = trimmed(line, value.clone());
        self.output.push(line.get(written..uri.start).unwrap_or_default())?;
        let text = line.get(uri.clone()).unwrap_or_default();
        let mut leads_elsewhere = true;
        match self.variables.spell(text).filter(|_| !self.several) {
            Some(spelling) => {
                if spelling.meant != text {
                    self.resolved += spelling.meant.len();
                }
                leads_elsewhere = Reference::parse(&spelling.meant) != Reference::Itself;
                // A few bytes of variables can stand for many.
                if self.resolved > MOST_OUTPUT {
                    return Err(PlaylistError::TooLarge);
                }
                let edit = edit(&self.site, &spelling.meant, purpose)
                    .map_err(|too_long| too_long.on(number))?;
                // Not every player knows variables. What would lead the others elsewhere is written out.
                let written_out = Spelling::plain(&spelling.meant);
                let chosen = if edit.keeps_host(&spelling) { &spelling } else { &written_out };
                self.output.push_edited(chosen, &edit, str::to_owned)?;
            }
            None => self.output.push(text)?,
        }
        self.output.push(line.get(uri.end..value.end).unwrap_or_default())?;
        Ok(leads_elsewhere)
    }
}

/// The part of a line without the blanks and the line break around it, which players drop.
fn trimmed(line: &str, part: Range<usize>) -> Range<usize> {
    let text = line.get(part.clone()).unwrap_or_default();
    let blanks = [' ', '\t', '\r', '\n'];
    let start = part.end - text.trim_start_matches(blanks).len();
    start..start + text.trim_matches(blanks).len()
}
