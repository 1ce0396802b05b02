//! Texts and attributes of XML, by where they stand.

use std::ops::Range;

use quick_xml::events::BytesStart;

use super::document::Language;
use crate::playlist::{MOST_URI, spelling::Spelling};

/// One attribute of a start tag.
pub(super) struct Attribute<'e> {
    pub(super) name: &'e str,
    pub(super) value: &'e str,
    /// Where the value is in the text, without its quotes.
    pub(super) at: Range<usize>,
}

impl<'e> Attribute<'e> {
    /// The name without a prefix.
    pub(super) fn local_name(&self) -> &'e str {
        self.name.split_once(':').map_or(self.name, |(_, local)| local)
    }

    /// Where the value is without the blanks around it.
    pub(super) fn trimmed(&self) -> Range<usize> {
        trimmed(self.value, self.at.start)
    }
}

/// The most attributes of an element: looking for one that stands there twice compares each with each.
const MOST_ATTRIBUTES: usize = 256;

/// The attributes of a start tag whose name begins at a position; nothing if they are not in order, or too many.
///
/// `quick-xml` says what an attribute is but not where. It reads them one after the other, so that their lengths say it.
pub(super) fn attributes<'e>(start: &'e BytesStart<'_>, at: usize) -> Option<Vec<Attribute<'e>>> {
    let content: &str = start;
    let mut attributes = Vec::new();
    let mut cursor = content.len() - start.attributes_raw().len();
    for attribute in start.attributes() {
        let attribute = attribute.ok().filter(|_| attributes.len() < MOST_ATTRIBUTES)?;
        let name: &'e str = attribute.key.0;
        cursor = skip_blanks(content, cursor)?;
        cursor = skip_blanks(content, cursor + name.len())?;
        // The equals sign, and the opening quote.
        cursor = skip_blanks(content, cursor + 1)? + 1;
        let range = cursor..cursor + attribute.value.len();
        let value = content.get(range.clone()).filter(|value| *value == attribute.value)?;
        cursor = range.end + 1;
        attributes.push(Attribute { name, value, at: at + range.start..at + range.end });
    }
    Some(attributes)
}

fn skip_blanks(content: &str, from: usize) -> Option<usize> {
    let rest = content.get(from..)?;
    Some(content.len() - rest.trim_start_matches(is_blank).len())
}

/// Whether a character is white space in XML.
fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r' | '\n')
}

/// Where a text that begins at a position is without the blanks around it.
pub(super) fn trimmed(text: &str, at: usize) -> Range<usize> {
    let start = at + text.len() - text.trim_start_matches(is_blank).len();
    start..start + text.trim_matches(is_blank).len()
}

/// The words of a text that begins at a position.
pub(super) fn words(text: &str, at: usize) -> impl Iterator<Item = Range<usize>> {
    let mut from = at;
    text.split(is_blank).filter_map(move |word| {
        let start = from;
        from += word.len() + 1;
        (!word.is_empty()).then_some(start..start + word.len())
    })
}

/// What the content of an element without elements is: the part that counts, and how it is written.
pub(super) fn content(text: &str, at: usize) -> (Range<usize>, Language) {
    let range = trimmed(text, at);
    let inner = text.trim_matches(is_blank);
    let section = inner.strip_prefix("<![CDATA[").and_then(|rest| rest.strip_suffix("]]>"));
    match section {
        Some(section) if !section.contains("]]>") => {
            (trimmed(section, range.start + "<![CDATA[".len()), Language::Verbatim)
        }
        _ if inner.contains('<') => (range, Language::Unreadable),
        _ => (range, Language::Escaped),
    }
}

/// What a text means; nothing if it has an entity that XML does not know by itself, or more than a URL has characters.
pub(super) fn spell(text: &str, language: Language) -> Option<Spelling<'_>> {
    match language {
        Language::Unreadable => return None,
        Language::Verbatim => return Some(Spelling::plain(text)),
        Language::Escaped if !text.contains('&') => return Some(Spelling::plain(text)),
        Language::Escaped => {}
    }
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find('&') {
        let (before, reference) = rest.split_at_checked(start)?;
        let (reference, after) = reference.split_at_checked(reference.find(';')? + 1)?;
        // It is one character, which has no more than four bytes.
        pieces.push((before, None));
        pieces.push((reference, Some(quick_xml::escape::unescape(reference).ok()?)));
        rest = after;
        if pieces.len() > MOST_URI {
            return None;
        }
    }
    pieces.push((rest, None));
    let pieces = pieces.iter().map(|(written, means)| (*written, means.as_deref()));
    Some(Spelling::of(text, pieces))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_found_where_they_stand() {
        let text = "<a  b='x' c = \"y'\"\n d:e\t=\n'' f='x'/>";
        let mut reader = quick_xml::Reader::from_str(text);
        let Ok(quick_xml::events::Event::Empty(start)) = reader.read_event() else {
            panic!("an empty element")
        };
        let found = attributes(&start, 1).unwrap();
        let values: Vec<_> =
            found.iter().map(|found| (found.name, &text[found.at.clone()])).collect();
        assert_eq!(values, [("b", "x"), ("c", "y'"), ("d:e", ""), ("f", "x")]);
        assert_eq!(found[2].local_name(), "e");
    }

    #[test]
    fn entities_mean_one_character() {
        let meant =
            |text| spell(text, Language::Escaped).map(|spelling| spelling.meant.into_owned());
        assert_eq!(meant("a?b&amp;c&#35;d&#x3f;&lt;").as_deref(), Some("a?b&c#d?<"));
        for text in ["a&b", "a&b;", "a&;", "a&#0;", "a&#xd800;", "&nbsp;"] {
            assert_eq!(meant(text), None, "{text}");
        }
    }

    #[test]
    fn contents() {
        for (text, expected, language) in [
            (" a ", "a", Language::Escaped),
            ("", "", Language::Escaped),
            ("\n<![CDATA[ a&b ]]> ", "a&b", Language::Verbatim),
            ("<![CDATA[a]]><![CDATA[b]]>", "<![CDATA[a]]><![CDATA[b]]>", Language::Unreadable),
            ("a<!-- b -->c", "a<!-- b -->c", Language::Unreadable),
        ] {
            let (range, found) = content(text, 0);
            assert_eq!((&text[range], found), (expected, language));
        }
        assert_eq!(words(" a  bc ", 10).collect::<Vec<_>>(), [11..12, 14..16]);
    }
}
