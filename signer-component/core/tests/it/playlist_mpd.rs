//! A small player of DASH: every URL that it would ask for. The fuzz target of MPDs uses it as well.

use quick_xml::{Reader, XmlVersion, events::Event};
use url::Url;

/// An element.
#[derive(Default)]
struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    text: String,
    children: Vec<Element>,
}

impl Element {
    fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    fn all<'e>(&'e self, name: &'static str) -> impl Iterator<Item = &'e Element> {
        self.children.iter().filter(move |child| child.name == name)
    }
}

/// What players do about blanks around a URI, once its entities are decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blanks {
    /// They give the text to a parser of URLs as it is, which drops those of ASCII.
    Kept,
    /// They drop whatever JavaScript takes for one.
    Dropped,
}

impl Blanks {
    fn around(self, text: &str) -> &str {
        match self {
            Self::Kept => text,
            Self::Dropped => {
                text.trim_matches(|found: char| found.is_whitespace() || found == '\u{feff}')
            }
        }
    }

    /// Where a text leads.
    pub fn join(self, base: &Url, text: &str) -> Url {
        base.join(self.around(text)).unwrap_or_else(|_| Url::parse("invalid:").unwrap())
    }
}

/// The root of a document; nothing if it is none, or has entities that XML does not know by itself.
fn parse(text: &str) -> Option<Element> {
    let mut reader = Reader::from_str(text);
    let mut stack = vec![Element::default()];
    loop {
        let event = reader.read_event().ok()?;
        let opened = match &event {
            Event::Start(start) | Event::Empty(start) => {
                let mut attributes = Vec::new();
                for attribute in start.attributes() {
                    let attribute = attribute.ok()?;
                    let value = attribute.normalized_value(XmlVersion::Implicit1_0).ok()?;
                    attributes.push((attribute.key.0.to_owned(), value.into_owned()));
                }
                let name = start.local_name().into_inner().to_owned();
                Some(Element { name, attributes, ..Element::default() })
            }
            _ => None,
        };
        stack.extend(opened);
        match event {
            Event::Text(text) => stack.last_mut()?.text.push_str(&text),
            Event::CData(text) => stack.last_mut()?.text.push_str(&text),
            Event::GeneralRef(name) => {
                let reference = format!("&{};", &*name);
                let meant = quick_xml::escape::unescape(&reference).ok()?.into_owned();
                stack.last_mut()?.text.push_str(&meant);
            }
            Event::End(_) | Event::Empty(_) => {
                let element = stack.pop()?;
                stack.last_mut()?.children.push(element);
            }
            Event::Eof => return stack.pop()?.children.pop(),
            _ => {}
        }
    }
}

/// Every URL of an MPD that was found at `document`: at each place, one for each base URL that applies. Nothing if the text
/// is no MPD that can be read.
pub fn urls(text: &str, document: &Url, blanks: Blanks) -> Option<Vec<Vec<Url>>> {
    let mpd = parse(text)?;
    let mut found = Vec::new();
    for location in mpd.all("Location").chain(mpd.all("ContentSteering")) {
        found.push(vec![blanks.join(document, &location.text)]);
    }
    // Elsewhere players resolve it against the MPD or against base URLs, and nothing is done to it.
    for href in mpd.all("Period").filter_map(|period| period.attribute("xlink:href")) {
        found.push(vec![blanks.join(document, href)]);
    }
    let bases = below(&mpd, std::slice::from_ref(document), blanks);
    for period in mpd.all("Period") {
        let bases = below(period, &bases, blanks);
        for set in period.all("AdaptationSet") {
            let bases = below(set, &bases, blanks);
            for representation in set.all("Representation") {
                let bases = below(representation, &bases, blanks);
                play(&[representation, set, period], &bases, blanks, &mut found);
            }
        }
    }
    Some(found)
}

/// The base URLs that an element hands down.
fn below(element: &Element, above: &[Url], blanks: Blanks) -> Vec<Url> {
    let own: Vec<&str> = element.all("BaseURL").map(|base| base.text.as_str()).collect();
    if own.is_empty() {
        return above.to_vec();
    }
    own.iter().flat_map(|own| above.iter().map(|base| blanks.join(base, own))).collect()
}

fn play(chain: &[&Element], bases: &[Url], blanks: Blanks, found: &mut Vec<Vec<Url>>) {
    let segments = |name| chain.iter().flat_map(move |element| element.all(name));
    let mut ask = |reference: &str| {
        found.push(bases.iter().map(|base| blanks.join(base, reference)).collect());
    };
    let mut whole = true;
    for template in segments("SegmentTemplate") {
        whole = false;
        for attribute in ["initialization", "media", "index", "bitstreamSwitching"] {
            if let Some(template) = template.attribute(attribute) {
                ask(&expanded(template, chain[0]));
            }
        }
    }
    for list in segments("SegmentList").chain(segments("SegmentBase")) {
        whole = list.name == "SegmentBase";
        for child in &list.children {
            match child.attribute("media").or_else(|| child.attribute("sourceURL")) {
                Some(url) => ask(url),
                None => whole = true,
            }
            if let Some(url) = child.attribute("index") {
                ask(url);
            }
        }
    }
    if whole {
        found.push(bases.to_vec());
    }
}

fn expanded(template: &str, representation: &Element) -> String {
    template
        .replace("$$", "\u{1}")
        .replace("$RepresentationID$", representation.attribute("id").unwrap_or_default())
        .replace("$Bandwidth$", representation.attribute("bandwidth").unwrap_or("1"))
        .replace("$Number$", "17")
        .replace("$Number%05d$", "00017")
        .replace("$Time$", "360000")
        .replace('\u{1}', "$")
}
