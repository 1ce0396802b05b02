//! Elements and attributes of MPDs.

use super::{places, short};
use crate::playlist::{MOST_INPUT, PlaylistError, rewrite_dash};

/// What becomes of what is within an MPD that has base URLs already.
pub(super) fn rewritten(inner: &str) -> String {
    let output = rewrite_dash(&format!("<MPD>{inner}</MPD>"), &places()).unwrap();
    short(output.strip_prefix("<MPD>").unwrap().strip_suffix("</MPD>").unwrap())
}

/// What becomes of an adaptation set with one representation, under a base URL that is the MPD's directory.
fn in_set(inner: &str) -> String {
    let around = |base: &str, inner: &str| {
        format!(
            "{base}<Period><AdaptationSet>{inner}<Representation id=\"v1\"/></AdaptationSet></Period>"
        )
    };
    let output = rewritten(&around("", inner));
    let (before, after) = around("<BaseURL>[E]/hls/</BaseURL>", "\n")
        .split_once('\n')
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .unwrap();
    output.strip_prefix(&before).unwrap().strip_suffix(&after).unwrap().to_owned()
}

#[test]
fn segments_and_templates() {
    for (given, expected) in [
        ("$RepresentationID$/$Number%05d$.m4s", "$RepresentationID$/$Number%05d$.m4s?S"),
        ("$Time$.m4s?a=b", "$Time$.m4s?a=b&amp;S"),
        ("$Time$.m4s?a=b&amp;c=$Bandwidth$", "$Time$.m4s?a=b&amp;c=$Bandwidth$&amp;S"),
        ("a$$b.m4s?", "a$$b.m4s?S"),
        ("a&#x3f;b&#35;c", "a&#x3f;b&amp;S&#35;c"),
        (" a.m4s\n", " a.m4s?S\n"),
        ("a\n.m4s", "a\n.m4s"),
        ("../$Number$.m4s", "../$Number$.m4s?S"),
        ("/content/s/e/$Number$", "/content/s/e/$Number$?S"),
        ("https://media.example.com/content/s/e/$Number$", "[E]/$Number$?S"),
        // Not opened, or not for every value.
        ("../../$Number$.m4s", "../../$Number$.m4s"),
        ("/content/$RepresentationID$/e/a", "/content/$RepresentationID$/e/a"),
        (
            "https://media.example.co$RepresentationID$/content/s/e/a",
            "https://media.example.co$RepresentationID$/content/s/e/a",
        ),
        ("$RepresentationID$://h/a", "$RepresentationID$://h/a"),
        ("//cdn.test/$Number$", "//cdn.test/$Number$"),
        ("$Number%1x$tp://cdn.test/", "$Number%1x$tp://cdn.test/"),
        ("$Number%1x$.m4s", "$Number%1x$.m4s?S"),
        ("$Unknown$.m4s", "$Unknown$.m4s"),
        ("$Number.m4s", "$Number.m4s"),
        ("%2$Number$/a", "%2$Number$/a"),
        ("a.m4s?Policy=x&amp;b", "a.m4s?Policy=x&amp;b"),
        ("&unknown;.m4s", "&unknown;.m4s"),
        ("&#x20;//cdn.test/$Number$", "&#x20;//cdn.test/$Number$"),
        ("&#xfeff;https://cdn.test/$Number$", "&#xfeff;https://cdn.test/$Number$"),
        ("$Number$.m4s&#160;", "$Number$.m4s&#160;"),
        ("", ""),
    ] {
        for attribute in ["media", "initialization", "index", "bitstreamSwitching"] {
            for quote in ["\"", "'"] {
                let tag = |value: &str| {
                    format!("<SegmentTemplate x='y' {attribute} = {quote}{value}{quote}/>")
                };
                assert_eq!(in_set(&tag(given)), tag(expected));
            }
        }
    }
    for (given, expected) in [
        ("a.m4s", "a.m4s?S"),
        // No template: the dollars are dollars.
        ("$Number$.m4s", "$Number$.m4s?S"),
        ("a?b&amp;", "a?b&amp;S"),
        ("../../a.m4s", "../../a.m4s"),
        ("https://cdn.test/a", "https://cdn.test/a"),
    ] {
        for tag in [
            "SegmentURL media",
            "SegmentURL mediaRange=\"0-1\" index",
            "Initialization sourceURL",
            "RepresentationIndex range='1-2' sourceURL",
            "BitstreamSwitching sourceURL",
        ] {
            for parent in ["SegmentBase", "SegmentList", "SegmentTemplate"] {
                let text = |value: &str| format!("<{parent}><{tag}=\"{value}\"/></{parent}>");
                assert_eq!(in_set(&text(given)), text(expected));
            }
        }
    }
}

#[test]
fn names_mean_something_only_in_their_places() {
    for text in [
        "<Other><SegmentTemplate media=\"a\"/></Other>",
        "<SegmentURL media=\"a\"/>",
        "<EventStream><Event><MPD><BaseURL>a</BaseURL></MPD><SegmentTemplate media=\"a\"/></Event></EventStream>",
        "<ContentProtection><Laurl>a</Laurl></ContentProtection>",
        "<segmenttemplate media=\"a\"/>",
        "<SegmentTemplate timescale=\"1\" x:media=\"a\"/>",
        "<!-- <SegmentTemplate media=\"a\"/> -->",
        "<?x <SegmentTemplate media=\"a\"/> ?>",
        "<x><![CDATA[<SegmentTemplate media=\"a\"/>]]></x>",
    ] {
        let text = format!(
            "<BaseURL>https://media.example.com/</BaseURL><Period><AdaptationSet>{text}</AdaptationSet></Period>"
        );
        assert_eq!(rewritten(&text), text.replace("https://media.example.com", "[M]"));
    }
}

#[test]
fn prefixes_of_namespaces_and_every_kind_of_markup() {
    let text = "\u{feff}<?xml version='1.0'?>\r\n<!-- c --><m:MPD xmlns:m='urn'>\r\n <m:ProgramInformation/>\
        <m:ProgramInformation>x</m:ProgramInformation >\t<m:Period><m:AdaptationSet><m:Representation>\
        <m:SegmentTemplate media='a'\n/></m:Representation></m:AdaptationSet></m:Period></m:MPD>\n<!-- d -->";
    assert_eq!(
        short(&rewrite_dash(text, &places()).unwrap()),
        text.replace("media='a'", "media='a?S'")
            .replace(" >\t", " ><m:BaseURL>[E]/hls/</m:BaseURL>\t")
    );
}

#[test]
fn what_is_beside_the_segments() {
    for (text, expected) in [
        ("<Location>video.mpd</Location>", "<Location>[NE]/hls/video.mpd?L</Location>"),
        (
            "<Location> /content/s/e/a?b=c&amp;d </Location>",
            "<Location> [NE]/a?b=c&amp;d&amp;L </Location>",
        ),
        (
            "<Location><![CDATA[a?b&c]]></Location>",
            "<Location><![CDATA[[NE]/hls/a?b&c&S]]></Location>",
        ),
        (
            "<Location>https://media.example.com/content/s/e/a</Location>",
            "<Location>[NE]/a?L</Location>",
        ),
        ("<Location>https://cdn.test/a</Location>", "<Location>https://cdn.test/a</Location>"),
        ("<PatchLocation>a</PatchLocation>", "<PatchLocation>a</PatchLocation>"),
        (
            "<UTCTiming schemeIdUri='urn:mpeg:dash:utc:http-iso:2014' value='/t  https://t.test/ ../a'/>",
            "<UTCTiming schemeIdUri='urn:mpeg:dash:utc:http-iso:2014' value='[M]/t  https://t.test/ [E]/hls/../a'/>",
        ),
        (
            "<UTCTiming schemeIdUri='urn:mpeg:dash:utc:direct:2014' value='/t'/>",
            "<UTCTiming schemeIdUri='urn:mpeg:dash:utc:direct:2014' value='/t'/>",
        ),
    ] {
        assert_eq!(rewritten(text), expected.replace("&S]]", &format!("&{}]]", "L")));
    }
    for (text, expected) in [
        (
            "<ContentSteering>steer</ContentSteering>",
            "<ContentSteering>[E]/hls/steer?S</ContentSteering>",
        ),
        (
            "<ContentSteering>//s.test/</ContentSteering>",
            "<ContentSteering>https://s.test/</ContentSteering>",
        ),
        (
            "<InitializationSet initialization='i.mp4'/>",
            "<InitializationSet initialization='i.mp4?S'/>",
        ),
        ("<Period xlink:href='p.xml'/>", "<Period xlink:href='[E]/hls/p.xml?S'/>"),
        (
            "<Period xlink:href='urn:mpeg:dash:resolve-to-zero:2013'/>",
            "<Period xlink:href='urn:mpeg:dash:resolve-to-zero:2013'/>",
        ),
        (
            "<Period><EventStream xlink:href='e.xml'/></Period>",
            "<Period><EventStream xlink:href='[E]/hls/e.xml?S'/></Period>",
        ),
        (
            "<Period href='p.xml'><BaseURL>a</BaseURL></Period>",
            "<Period href='p.xml'><BaseURL>a</BaseURL></Period>",
        ),
    ] {
        assert_eq!(rewritten(text), format!("<BaseURL>[E]/hls/</BaseURL>{expected}"));
    }
    // The MPD is one base to some players, the base URL to others.
    for (base, expected) in [
        ("https://media.example.com/content/s/e/hls/", "[E]/hls/p.xml?S"),
        ("https://media.example.com/content/s/e/", "p.xml"),
        ("https://cdn.test/content/s/e/hls/", "p.xml"),
    ] {
        let text = format!("<BaseURL>{base}</BaseURL><Period xlink:href='p.xml'/>");
        let expected =
            format!("<BaseURL>{}</BaseURL><Period xlink:href='{expected}'/>", short(base));
        assert_eq!(rewritten(&text), expected);
    }
}

#[test]
fn the_link_is_not_appended_to_segments() {
    for (value, expected) in [
        ("true", "false"),
        ("1", "false"),
        ("TRUE", "false"),
        ("", "false"),
        ("false", "false"),
        (" 0 ", " 0 "),
    ] {
        for tag in ["up:UrlQueryInfo", "up:ExtUrlQueryInfo", "ExtHttpHeaderInfo", "Other"] {
            let text = |value: &str| {
                format!(
                    "<EssentialProperty schemeIdUri='urn:mpeg:dash:urlparam:2016'><{tag} queryTemplate='$query:a$' useMPDUrlQuery='{value}' queryString='b=c'/></EssentialProperty>"
                )
            };
            assert_eq!(rewritten(&text(value)), text(expected));
        }
    }
    for tag in ["UrlQueryInfo xlink:href='a'", "x:ExtUrlQueryInfo href=''"] {
        let text = format!("<MPD>\n<EssentialProperty><{tag}/></EssentialProperty></MPD>");
        let answer = rewrite_dash(&text, &places());
        assert!(matches!(answer, Err(PlaylistError::Malformed { line: 2, .. })), "{answer:?}");
    }
}

#[test]
fn other_texts_are_refused() {
    for text in [
        "",
        "#EXTM3U\n",
        "a",
        "<html></html>",
        "<Patch/>",
        "<",
        "<MPD/><MPD/>",
        "&",
        "<!DOCTYPE MPD><MPD/>",
        "\u{feff}\u{feff}<MPD/>",
    ] {
        assert_eq!(rewrite_dash(text, &places()), Err(PlaylistError::NotAPlaylist), "{text}");
    }
    for text in [
        "<MPD>\n",
        "<MPD>\n</MDP>",
        "<MPD>\n<a b='1' b='2'/></MPD>",
        "<MPD>\n<a b=c/></MPD>",
        "<MPD>\n<a",
        "<MPD>\n<BaseURL>a&b</BaseURL></MPD>",
        "<MPD>\n<!DOCTYPE a></MPD>",
    ] {
        let answer = rewrite_dash(text, &places());
        assert!(
            matches!(answer, Err(PlaylistError::Malformed { line: 2, .. })),
            "{text} {answer:?}"
        );
    }
    let deep = format!("<MPD>{}{}</MPD>", "<a>".repeat(64), "</a>".repeat(64));
    assert!(matches!(rewrite_dash(&deep, &places()), Err(PlaylistError::Malformed { .. })));
    let large = format!("<MPD>{}</MPD>", " ".repeat(MOST_INPUT));
    assert!(rewrite_dash(&large, &places()) == Err(PlaylistError::TooLarge));
    let long =
        format!("<MPD><Period><SegmentTemplate\nmedia='{}'/></Period></MPD>", "a".repeat(8160));
    let answer = rewrite_dash(&long, &places());
    assert!(matches!(answer, Err(PlaylistError::Malformed { line: 2, .. })), "{answer:?}");
    assert_eq!(rewrite_dash("<MPD/>", &places()).as_deref(), Ok("<MPD/>"));
}
