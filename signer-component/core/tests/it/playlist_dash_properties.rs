//! What must hold for every MPD, however its URIs are written.

use proptest::{collection::vec, prelude::*, sample::select};
use url::Url;

use crate::{
    playlist_mpd::{Blanks, urls},
    playlist_properties::*,
    playlist_support::*,
};

/// A text as XML has it: what must be an entity is one, and of the rest what the bits say.
fn xml(text: &str, bits: u32) -> String {
    let written = |(index, character): (usize, char)| {
        let number = u32::from(character);
        let chosen = bits.rotate_right(u32::try_from(index % 32).unwrap()) & 3;
        match character {
            '&' if chosen != 0 => "&amp;".to_owned(),
            '&' | '"' | '<' | '\t' => format!("&#{number};"),
            _ if chosen == 1 && bits & 0x8000_0000 != 0 => format!("&#x{number:x};"),
            _ => character.to_string(),
        }
    };
    // Blanks at the ends, which nobody sees before entities are decoded.
    let written: String = text.chars().enumerate().map(written).collect();
    let blank = match bits & 0xf0 {
        0x10 => "&#32;",
        0x20 => "&#x20;",
        0x30 => "&#160;",
        0x40 => "&#xfeff;",
        _ => "",
    };
    if bits & 0x100 == 0 { format!("{blank}{written}") } else { format!("{written}{blank}") }
}

/// A URI of an attribute or an element.
fn uri() -> impl Strategy<Value = String> {
    (reference(), any::<u32>()).prop_map(|(text, bits)| xml(&text, bits))
}

/// The text of an element in pieces, as nobody writes it.
fn pieces() -> impl Strategy<Value = String> {
    let piece = select(vec![
        "https://evil.example/",
        "//evil.example/",
        "https://media.example.com/content/series/s1/video/e1/",
        "https:",
        "a/",
        "../",
        "$Number$",
        "$RepresentationID$",
        "&#32;",
        "&#10;",
        "&#160;",
        "&#x2f;",
        "&amp;",
        "<!-- https://evil.example/ -->",
        "<![CDATA[//evil.example/]]>",
        "<![CDATA[ ]]>",
        "<?x?>",
        "\u{a0}",
        " ",
        "?",
    ]);
    vec(piece, 0..5).prop_map(|pieces| pieces.concat())
}

/// An MPD with base URLs on its four levels, and every way of listing segments.
fn mpd(bases: &[Vec<String>], uris: &[String], id: &str) -> String {
    let level = |bases: &[String]| -> String {
        bases.iter().map(|base| format!("<BaseURL>{base}</BaseURL>")).collect()
    };
    format!(
        "<MPD>{}<Period>{}<AdaptationSet>{}<SegmentTemplate media=\"{}\" initialization=\"$RepresentationID$/{}\"/>\
         <Representation id=\"{id}\" bandwidth=\"1\">{}</Representation></AdaptationSet>\
         <AdaptationSet><Representation id=\"2\" bandwidth=\"1\">{}<SegmentList>\
         <SegmentURL media=\"{}\"/></SegmentList></Representation></AdaptationSet>\
         <AdaptationSet><Representation id=\"3\" bandwidth=\"1\">{}</Representation></AdaptationSet></Period></MPD>",
        level(&bases[0]),
        level(&bases[1]),
        level(&bases[2]),
        uris[0],
        uris[1],
        level(&bases[3]),
        level(&bases[2]),
        uris[2],
        level(&bases[3]),
    )
}

fn check(sample: &Sample) {
    let output = sample.rewritten().unwrap();
    assert!(only_inserted(&sample.text, &output, &insertions(&sample.object)), "{output}");
    for blanks in [Blanks::Kept, Blanks::Dropped] {
        let found = urls(&output, &Url::parse(GATEWAY).unwrap(), blanks).unwrap();
        for url in found.iter().flatten() {
            check_parameters(url);
        }
    }
}

fn ids() -> impl Strategy<Value = &'static str> {
    select(vec![
        "v1",
        "a.b",
        "..",
        "../x",
        "https",
        "//evil.example/",
        "%2e%2e",
        "video/avc1/1",
        "a/../..",
        "/content",
        "&#32;//evil.example/",
    ])
}

proptest! {
    #[test]
    fn dash_signs_nothing_foreign_and_loses_nothing(
        bases in vec(vec(uri(), 0..3), 4),
        uris in vec(uri(), 3),
        id in ids(),
    ) {
        check(&Sample::new("manifest.mpd", mpd(&bases, &uris, id)));
    }

    #[test]
    fn segments_go_where_no_single_uri_says(
        bases in vec(vec(pieces(), 0..2), 4),
        uris in vec(uri(), 3),
        id in ids(),
        location in pieces(),
    ) {
        let text = mpd(&bases, &uris, id).replacen("<Period>", &format!("<Location>{location}</Location><Period>"), 1);
        check(&Sample::new("manifest.mpd", text));
    }
}

#[test]
fn the_properties_see_signatures_as_well() {
    let none = vec![Vec::new(); 4];
    let uris = ["$Number$.m4s", "init.mp4", "a.m4s"].map(|uri| xml(uri, 0x8000_0005));
    assert!(uris[0].contains("&#x"), "{}", uris[0]);
    let sample = Sample::new("manifest.mpd", mpd(&none, &uris, "video/avc1/1"));
    check(&sample);
    assert_eq!(sample.rewritten().unwrap().matches("U2ln").count(), 3);
}
