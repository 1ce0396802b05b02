//! Lines and tags of HLS.

use super::{places, short};
use crate::playlist::{MOST_INPUT, Places, PlaylistError, rewrite_hls};

/// What becomes of the lines after `#EXTM3U`.
fn rewritten(text: &str) -> String {
    let output = rewrite_hls(&format!("#EXTM3U\n{text}"), &places(), None).unwrap();
    short(output.strip_prefix("#EXTM3U\n").unwrap())
}

#[test]
fn segments() {
    for (uri, expected) in [
        ("seg.ts", "[E]/hls/seg.ts?S"),
        ("seg.ts?a=b", "[E]/hls/seg.ts?a=b&S"),
        ("seg.ts?", "[E]/hls/seg.ts?S"),
        ("seg.ts?a&", "[E]/hls/seg.ts?a&S"),
        ("seg.ts#f?x", "[E]/hls/seg.ts?S#f?x"),
        ("seg.ts?a#f", "[E]/hls/seg.ts?a&S#f"),
        ("a/b/../seg.ts", "[E]/hls/a/b/../seg.ts?S"),
        ("../seg.ts", "[E]/hls/../seg.ts?S"),
        ("my seg.ts", "[E]/hls/my seg.ts?S"),
        ("über.ts", "[E]/hls/über.ts?S"),
        ("?a=b", "[E]/hls/video.m3u8?a=b&S"),
        ("./a:b.ts", "[E]/hls/./a:b.ts?S"),
        ("/content/s/e/seg.ts", "[E]/seg.ts?S"),
        ("//media.example.com/content/s/e/seg.ts", "[E]/seg.ts?S"),
        ("//MEDIA.example.com:443/content/s/e/a", "https://MEDIA.example.com:443/content/s/e/a?S"),
        ("https://media.example.com/content/s/e/seg.ts", "[E]/seg.ts?S"),
        ("HTTPS://Media.Example.com/content/s/e/a", "HTTPS://Media.Example.com/content/s/e/a?S"),
        ("https://media.example.com:443/content/s/e/a", "[M]:443/content/s/e/a?S"),
        // At the distribution, but not opened by the signature.
        ("../../seg.ts", "[E]/hls/../../seg.ts"),
        ("..%2f..%2fseg.ts", "..%2f..%2fseg.ts"),
        ("%2e%2e/%2E./seg.ts", "[E]/hls/%2e%2e/%2E./seg.ts"),
        ("../../../../../../x", "../../../../../../x"),
        ("/content/s/ee/seg.ts", "[M]/content/s/ee/seg.ts"),
        ("/content/s/e", "[M]/content/s/e"),
        ("/CONTENT/s/e/seg.ts", "[M]/CONTENT/s/e/seg.ts"),
        ("/", "[M]/"),
        ("https://media.example.com", "[M]"),
        // Elsewhere.
        ("http://media.example.com/content/s/e/a", "http://media.example.com/content/s/e/a"),
        ("https://media.example.com:8443/content/s/e/a", "[M]:8443/content/s/e/a"),
        ("https://media.example.com./content/s/e/a", "[M]./content/s/e/a"),
        ("https://media.example.com.evil.test/content/s/e/a", "[M].evil.test/content/s/e/a"),
        ("https://media.example.com@evil.test/content/s/e/a", "[M]@evil.test/content/s/e/a"),
        ("//cdn.test/content/s/e/a", "https://cdn.test/content/s/e/a"),
        ("data:video/mp2t;base64,AA", "data:video/mp2t;base64,AA"),
        // Players would not agree.
        ("https:/media.example.com/content/s/e/a", "https:/media.example.com/content/s/e/a"),
        ("https:content/s/e/a", "https:content/s/e/a"),
        ("///media.example.com/content/s/e/a", "///media.example.com/content/s/e/a"),
        ("https://x@media.example.com/content/s/e/a", "https://x@media.example.com/content/s/e/a"),
        ("https://media.example.com\\content\\s\\e\\a", "[M]\\content\\s\\e\\a"),
        ("a\tb.ts", "a\tb.ts"),
        ("a\u{7f}.ts", "a\u{7f}.ts"),
        ("\u{a0}https://cdn.test/a", "\u{a0}https://cdn.test/a"),
        ("a.ts\u{2028}https://cdn.test/a", "a.ts\u{2028}https://cdn.test/a"),
        ("a.ts\u{85}https://cdn.test/a", "a.ts\u{85}https://cdn.test/a"),
        // Signed already.
        ("seg.ts?Policy=x", "[E]/hls/seg.ts?Policy=x"),
        ("seg.ts?a&Key%2DPair-Id", "[E]/hls/seg.ts?a&Key%2DPair-Id"),
        ("seg.ts?policy=x", "[E]/hls/seg.ts?policy=x&S"),
        ("seg.ts#?Policy=x", "[E]/hls/seg.ts?S#?Policy=x"),
    ] {
        assert_eq!(rewritten(uri), expected, "{uri}");
        let line = format!(" \t{uri} \r\n\n");
        assert_eq!(rewritten(&line), format!(" \t{expected} \r\n\n"));
        let key = format!("#EXT-X-KEY:METHOD=AES-128,URI=\"{uri}\",IV=0x1\n");
        let expected = format!("#EXT-X-KEY:METHOD=AES-128,URI=\"{expected}\",IV=0x1\n");
        assert_eq!(rewritten(&key), expected);
    }
}

#[test]
fn nested_playlists() {
    for (uri, expected) in [
        ("720p.m3u8", "[NE]/hls/720p.m3u8?L"),
        ("../720p.m3u8?a#f", "[NE]/hls/../720p.m3u8?a&L#f"),
        ("?a", "[NE]/hls/video.m3u8?a&L"),
        ("/content/s/e/x", "[NE]/x?L"),
        ("//media.example.com/content/s/e/x", "[NE]/x?L"),
        ("HTTPS://MEDIA.EXAMPLE.COM:443/content/s/e/x", "[NE]/x?L"),
        ("../../x.m3u8", "[E]/hls/../../x.m3u8"),
        ("https://cdn.test/content/s/e/x", "https://cdn.test/content/s/e/x"),
        ("720p.m3u8?Signature=x", "[E]/hls/720p.m3u8?Signature=x"),
        ("", ""),
        ("#f", "#f"),
    ] {
        for (tag, after) in [
            ("#EXT-X-MEDIA:TYPE=AUDIO,URI=\"", "\",NAME=\"a,b\""),
            ("#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,URI=\"", "\""),
            ("#EXT-X-IMAGE-STREAM-INF:URI=\"", "\",BANDWIDTH=1"),
            ("#EXT-X-RENDITION-REPORT:URI=\"", "\",LAST-MSN=1"),
        ] {
            assert_eq!(rewritten(&format!("{tag}{uri}{after}")), format!("{tag}{expected}{after}"));
        }
        let before = "#EXT-X-STREAM-INF:BANDWIDTH=1,VIDEO=\"v\"\n# comment\n\n";
        assert_eq!(rewritten(&format!("{before}{uri}")), format!("{before}{expected}"));
    }
}

#[test]
fn only_the_first_uri_after_a_stream_is_a_playlist() {
    assert_eq!(
        rewritten("#EXT-X-STREAM-INF:BANDWIDTH=1\na\nb\n#EXT-X-STREAM-INF:X\n#EXTINF:1,\nc"),
        "#EXT-X-STREAM-INF:BANDWIDTH=1\n[NE]/hls/a?L\n[E]/hls/b?S\n\
         #EXT-X-STREAM-INF:X\n#EXTINF:1,\n[E]/hls/c?S"
    );
    // A comment that is none for those who do not drop the blank is no URI either.
    for comment in [" #comment", "\t# comment", "  #EXTINF:1,"] {
        let before = format!("#EXT-X-STREAM-INF:BANDWIDTH=1\n{comment}\n");
        assert_eq!(
            rewritten(&format!("{before}a\nb")),
            format!("{before}[NE]/hls/a?L\n[E]/hls/b?S")
        );
    }
}

#[test]
fn attributes() {
    for (tag, expected) in [
        (
            "EXT-X-MAP:URI=\"a\",BYTERANGE=\"1@0\"",
            "EXT-X-MAP:URI=\"[E]/hls/a?S\",BYTERANGE=\"1@0\"",
        ),
        ("EXT-X-SESSION-KEY:URI=\"skd://a\"", "EXT-X-SESSION-KEY:URI=\"skd://a\""),
        (
            "EXT-X-SESSION-DATA:DATA-ID=\"a\",URI=\"b\"",
            "EXT-X-SESSION-DATA:DATA-ID=\"a\",URI=\"[E]/hls/b?S\"",
        ),
        ("EXT-X-PART:DURATION=1,URI=\"a\"", "EXT-X-PART:DURATION=1,URI=\"[E]/hls/a?S\""),
        (
            "EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"a\"",
            "EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"[E]/hls/a?S\"",
        ),
        ("EXT-X-CONTENT-STEERING:SERVER-URI=\"/a\"", "EXT-X-CONTENT-STEERING:SERVER-URI=\"[M]/a\""),
        (
            "EXT-X-DATERANGE:X-ASSET-URI=\"a\",X-ASSET-LIST=\"b\",X-URI=\"c\"",
            "EXT-X-DATERANGE:X-ASSET-URI=\"[E]/hls/a?S\",X-ASSET-LIST=\"[E]/hls/b?S\",X-URI=\"[E]/hls/c?S\"",
        ),
        // An interstitial is a playlist, unless it is a film.
        (
            "EXT-X-DATERANGE:X-ASSET-URI=\"../ad/index.m3u8?a#b\"",
            "EXT-X-DATERANGE:X-ASSET-URI=\"[NE]/hls/../ad/index.m3u8?a&L#b\"",
        ),
        (
            "EXT-X-DATERANGE:X-ASSET-URI=\"https://media.example.com/content/s/e/ad.m3u8\"",
            "EXT-X-DATERANGE:X-ASSET-URI=\"[NE]/ad.m3u8?L\"",
        ),
        (
            "EXT-X-DATERANGE:X-ASSET-URI=\"https://cdn.test/ad.m3u8\",X-ASSET-LIST=\"a.m3u8\"",
            "EXT-X-DATERANGE:X-ASSET-URI=\"https://cdn.test/ad.m3u8\",X-ASSET-LIST=\"[E]/hls/a.m3u8?S\"",
        ),
        (
            "EXT-X-DATERANGE:X-ASSET-URI=\"ad.mp4?a.m3u8\"",
            "EXT-X-DATERANGE:X-ASSET-URI=\"[E]/hls/ad.mp4?a.m3u8&S\"",
        ),
        // The text of another attribute is not an attribute.
        (
            "EXT-X-MEDIA:NAME=\"x,URI=y\",LANGUAGE=\"URI=\"",
            "EXT-X-MEDIA:NAME=\"x,URI=y\",LANGUAGE=\"URI=\"",
        ),
        // What is not quite in order.
        ("EXT-X-MAP:URI=a,X", "EXT-X-MAP:URI=[E]/hls/a?S,X"),
        ("EXT-X-MAP: URI = \" a \" ,", "EXT-X-MAP: URI = \" [E]/hls/a?S \" ,"),
        ("EXT-X-MAP:URI=\"a", "EXT-X-MAP:URI=\"a"),
        ("EXT-X-MAP:URI=\"\"", "EXT-X-MAP:URI=\"\""),
        ("EXT-X-MAP", "EXT-X-MAP"),
        ("EXT-X-MAPS:URI=\"a\"", "EXT-X-MAPS:URI=\"a\""),
        ("EXT-X-VENDOR:URI=\"a\"", "EXT-X-VENDOR:URI=\"a\""),
        ("ext-x-map:URI=\"a\"", "ext-x-map:URI=\"a\""),
    ] {
        assert_eq!(rewritten(&format!("#{tag}\r\n")), format!("#{expected}\r\n"));
    }
}

#[test]
fn a_line_that_is_several_to_some_players_is_left_alone() {
    for line_break in ["\r", "\u{b}", "\u{c}", "\u{1c}", "\u{85}", "\u{2028}", "\u{2029}"] {
        let text = format!("#EXT-X-KEY:X=\"{line_break}https://cdn.test/?\",URI=\"a\"\r\n");
        assert_eq!(rewritten(&text), text);
    }
}

#[test]
fn other_texts_are_no_playlists() {
    for text in ["", "\n#EXTM3U\n", "#EXTM3U8\n", "<MPD/>", " #EXTM3U", "#extm3u"] {
        assert_eq!(rewrite_hls(text, &places(), None), Err(PlaylistError::NotAPlaylist), "{text}");
    }
    for text in ["#EXTM3U", "#EXTM3U\r\n", "\u{feff}#EXTM3U\n", "#EXTM3U x=\"y\"\n#c\n\n  \n"] {
        assert_eq!(rewrite_hls(text, &places(), None).as_deref(), Ok(text));
    }
}

#[test]
fn a_playlist_that_was_named_by_another_names_none() {
    let nested = Places { nested_already: true, ..places() };
    for tag in ["STREAM-INF:X\na", "MEDIA:TYPE=AUDIO", "SESSION-KEY:METHOD=NONE"] {
        let text = format!("#EXTM3U\n#EXT-X-{tag}\n");
        assert_eq!(rewrite_hls(&text, &nested, None), Err(PlaylistError::TooDeep));
        assert!(rewrite_hls(&text, &places(), None).is_ok());
    }
    let text = "#EXTM3U\n#EXT-X-RENDITION-REPORT:URI=\"a\"\n#EXTINF:1,\na.ts\n";
    assert!(rewrite_hls(text, &nested, None).is_ok());
}

#[test]
fn sizes_are_bounded() {
    let large = format!("#EXTM3U\n{}", "#".repeat(MOST_INPUT));
    assert!(rewrite_hls(&large, &places(), None) == Err(PlaylistError::TooLarge));
    // 210,000 segments fit in, but not with 80 bytes more each.
    let many = format!("#EXTM3U\n{}", "a\n".repeat(210_000));
    assert!(rewrite_hls(&many, &places(), None) == Err(PlaylistError::TooLarge));
    let fits = 8192 - short_length("[E]/hls/?S");
    assert!(rewrite_hls(&format!("#EXTM3U\n{}", "a".repeat(fits)), &places(), None).is_ok());
    let error = rewrite_hls(&format!("#EXTM3U\n\n{}", "a".repeat(fits + 1)), &places(), None);
    assert!(matches!(error, Err(PlaylistError::Malformed { line: 3, .. })), "{error:?}");
    // What is not signed may be as long as it likes.
    let data = format!("#EXTM3U\n#EXT-X-KEY:URI=\"data:,{}\"\n", "a".repeat(9000));
    assert_eq!(rewrite_hls(&data, &places(), None), Ok(data));
}

/// The length of a text that [`short`] shortened.
fn short_length(text: &str) -> usize {
    text.len() - "[E]/S".len() + places().protected.len() + places().signature.len()
}
