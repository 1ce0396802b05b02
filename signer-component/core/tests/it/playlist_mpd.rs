//! A small player of DASH: every URL that it would ask for.

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

fn parse(text: &str) -> Element {
    let mut reader = Reader::from_str(text);
    let mut stack = vec![Element::default()];
    loop {
        let event = reader.read_event().unwrap();
        let opened = match &event {
            Event::Start(start) | Event::Empty(start) => Some(Element {
                name: start.local_name().into_inner().to_owned(),
                attributes: start
                    .attributes()
                    .map(|attribute| {
                        let attribute = attribute.unwrap();
                        let value = attribute
                            .normalized_value(XmlVersion::Implicit1_0)
                            .unwrap()
                            .into_owned();
                        (attribute.key.0.to_owned(), value)
                    })
                    .collect(),
                ..Element::default()
            }),
            _ => None,
        };
        stack.extend(opened);
        match event {
            Event::Text(text) => stack.last_mut().unwrap().text.push_str(&text),
            Event::CData(text) => stack.last_mut().unwrap().text.push_str(&text),
            Event::GeneralRef(name) => {
                let reference = format!("&{};", &*name);
                let meant = quick_xml::escape::unescape(&reference).unwrap().into_owned();
                stack.last_mut().unwrap().text.push_str(&meant);
            }
            Event::End(_) | Event::Empty(_) => {
                let element = stack.pop().unwrap();
                stack.last_mut().unwrap().children.push(element);
            }
            Event::Eof => return stack.pop().unwrap().children.pop().unwrap(),
            _ => {}
        }
    }
}

/// Every URL of an MPD that was found at `document`: at each place, one for each base URL that applies.
pub fn urls(text: &str, document: &Url) -> Vec<Vec<Url>> {
    let mpd = parse(text);
    let mut found = Vec::new();
    for location in mpd.all("Location") {
        found.push(vec![document.join(location.text.trim()).unwrap_or_else(nowhere)]);
    }
    for steering in mpd.all("ContentSteering") {
        found.push(vec![document.join(steering.text.trim()).unwrap_or_else(nowhere)]);
    }
    // Elsewhere players resolve it against the MPD or against base URLs, and nothing is done to it.
    for href in mpd.all("Period").filter_map(|period| period.attribute("xlink:href")) {
        found.push(vec![document.join(href).unwrap_or_else(nowhere)]);
    }
    let bases = below(&mpd, std::slice::from_ref(document));
    for period in mpd.all("Period") {
        let bases = below(period, &bases);
        for set in period.all("AdaptationSet") {
            let bases = below(set, &bases);
            for representation in set.all("Representation") {
                let bases = below(representation, &bases);
                play(&[representation, set, period], &bases, &mut found);
            }
        }
    }
    found
}

/// What cannot be asked for.
fn nowhere(_: url::ParseError) -> Url {
    Url::parse("invalid:").unwrap()
}

/// The base URLs that an element hands down.
fn below(element: &Element, above: &[Url]) -> Vec<Url> {
    let own: Vec<&str> = element.all("BaseURL").map(|base| base.text.trim()).collect();
    if own.is_empty() {
        return above.to_vec();
    }
    own.iter()
        .flat_map(|own| above.iter().map(|base| base.join(own).unwrap_or_else(nowhere)))
        .collect()
}

fn play(chain: &[&Element], bases: &[Url], found: &mut Vec<Vec<Url>>) {
    let segments = |name| chain.iter().flat_map(move |element| element.all(name));
    let mut ask = |reference: &str| {
        found.push(bases.iter().map(|base| base.join(reference).unwrap_or_else(nowhere)).collect());
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
        .replace("$RepresentationID$", representation.attribute("id").unwrap())
        .replace("$Bandwidth$", representation.attribute("bandwidth").unwrap())
        .replace("$Number$", "17")
        .replace("$Number%05d$", "00017")
        .replace("$Time$", "360000")
        .replace('\u{1}', "$")
}
