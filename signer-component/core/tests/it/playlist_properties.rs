//! What must hold for every playlist, tried on random ones.

use std::collections::BTreeSet;

use proptest::{collection::vec, prelude::*, sample::select};
use tollgate_core::playlist::{PlaylistError, rewrite_hls};
use url::Url;

use crate::{playlist_mpd::Blanks, playlist_support::*};

pub const GATEWAY: &str = "https://api.example.com/users/u1/playlist";

/// References as attackers and sloppy packagers write them.
pub fn reference() -> impl Strategy<Value = String> {
    let start = select(vec![
        "",
        "",
        "",
        "/",
        "/content/series/s1/video/e1/",
        "../",
        "./",
        "../../",
        "%2e%2e/",
        "?",
        "#",
        "https://media.example.com/content/series/s1/video/e1/",
        "https://media.example.com/",
        "HTTPS://MEDIA.example.com:443/content/series/s1/video/e1/",
        "//media.example.com/content/series/s1/video/e1/",
        "//evil.example/content/series/s1/video/e1/",
        "https://evil.example/",
        "http://media.example.com/content/series/s1/video/e1/",
        "https://media.example.com@evil.example/content/series/s1/video/e1/",
        "https://evil.example@media.example.com/content/series/s1/video/e1/",
        "https://media.example.com:444/content/series/s1/video/e1/",
        "https://media.example.com.evil.example/content/series/s1/video/e1/",
        "https://media.example.com\\@evil.example/",
        "https:/evil.example/",
        "https:evil/",
        "https:///evil.example/",
        "///evil.example/",
        "\\\\evil.example\\",
        "/\\evil.example/",
        "https:\\\\evil.example/",
        "\t//evil.example/",
        "/\t/evil.example/",
        "ht\ttps://evil.example/",
        "data:,",
        "urn:x:",
        "javascript:",
    ]);
    let segment = select(vec![
        "content",
        "series",
        "s1",
        "video",
        "e1",
        "e2",
        "hls",
        "a.ts",
        "b c",
        "é",
        "..",
        ".",
        "%2e%2e",
        ".%2E",
        "%2E",
        "..%2f",
        "a\\..\\..",
        "%5c",
        "",
        "%",
        "a:b",
        "@evil.example",
        "a\t",
        "$1",
        "&",
    ]);
    let end = select(vec![
        "",
        "",
        "?",
        "?a=b",
        "?a=b&",
        "?Policy=x",
        "?%50olicy=x",
        "?u=https://evil.example/",
        "#f",
        "?a#b?c",
        "?a\\b",
        "&a",
    ]);
    (blank(), start, vec(segment, 0..6), end, blank()).prop_map(
        |(before, start, segments, end, after)| {
            format!("{before}{start}{}{end}{after}", segments.join("/"))
        },
    )
}

/// What some players drop at the ends of a URI, or end a line at; mostly nothing.
fn blank() -> impl Strategy<Value = &'static str> {
    let some = vec![" ", "\t", "\u{a0}", "\u{feff}", "\u{3000}", "\u{85}", "\u{2028}", "\u{2029}"];
    prop_oneof![8 => Just(""), 1 => select(some)]
}

fn is_protected(url: &Url) -> bool {
    url.host_str() == Some("media.example.com")
        && url.port_or_known_default() == Some(443)
        && url.scheme() == "https"
        && url.path().starts_with("/content/series/s1/video/e1/")
}

/// Whoever gets parameters may have them.
pub fn check_parameters(url: &Url) {
    if url.as_str().contains("U2ln") {
        assert!(is_protected(url) && url.username().is_empty(), "{url}");
        assert!(!url.as_str().contains("TGsx"), "{url}");
    }
    if url.as_str().contains("TGsx") {
        assert!(url.as_str().starts_with(NESTED), "{url}");
        let key = url.as_str().strip_prefix(NESTED).unwrap();
        assert!(key.starts_with("content/series/s1/video/e1/"), "{url}");
    }
}

/// A URI line, as it is read by players of every kind.
fn check_line(line: &str) {
    let gateway = Url::parse(GATEWAY).unwrap();
    for part in std::iter::once(line).chain(line.split(['\u{85}', '\u{2028}', '\u{2029}'])) {
        for blanks in [Blanks::Kept, Blanks::Dropped] {
            check_parameters(&blanks.join(&gateway, part));
        }
    }
}

/// Whether the input is what remains of the output when known insertions are taken out of it.
///
/// Every way of taking them out is tried at once, since what is inserted may look like what was there.
pub fn only_inserted(input: &str, output: &str, insertions: &[(String, &str)]) -> bool {
    let mut reached = vec![BTreeSet::new(); output.len() + 1];
    reached[0].insert(0);
    for at in 0..output.len() {
        for before in std::mem::take(&mut reached[at]) {
            let (rest, left) = (&input.as_bytes()[before..], &output.as_bytes()[at..]);
            if rest.first() == Some(&left[0]) {
                reached[at + 1].insert(before + 1);
            }
            for (inserted, replaced) in insertions {
                let there = rest.get(..replaced.len());
                if left.starts_with(inserted.as_bytes())
                    && there.is_some_and(|there| there.eq_ignore_ascii_case(replaced.as_bytes()))
                {
                    reached[at + inserted.len()].insert(before + replaced.len());
                }
            }
        }
    }
    reached[output.len()].contains(&input.len())
}

pub fn insertions(object: &str) -> Vec<(String, &'static str)> {
    let root = NESTED.trim_end_matches('/');
    let path = object.strip_prefix(ORIGIN).unwrap();
    let below = DIRECTORY.strip_prefix(ORIGIN).unwrap();
    let mut insertions: Vec<(String, &str)> = [ORIGIN, DIRECTORY, object, "https:", root]
        .into_iter()
        .map(str::to_owned)
        .chain([format!("{root}{below}"), format!("{root}{path}")])
        .map(|front| (front, ""))
        .collect();
    for parameters in [SIGNATURE, LINK] {
        for parameters in [parameters.to_owned(), escaped(parameters)] {
            for separator in ["", "?", "&", "&amp;"] {
                insertions.push((format!("{separator}{parameters}"), ""));
            }
        }
    }
    insertions.push((format!("<BaseURL>{DIRECTORY}</BaseURL>"), ""));
    for origin in
        ["https://media.example.com", "https://media.example.com:443", "//media.example.com"]
    {
        insertions.push((root.to_owned(), origin));
    }
    insertions
}

#[test]
fn nothing_is_lost_where_the_result_alone_does_not_say() {
    let sample = corpus().into_iter().find(|sample| sample.name == "edges.m3u8").unwrap();
    let mut insertions = insertions(&sample.object);
    insertions.push((NESTED.trim_end_matches('/').to_owned(), "{$origin}"));
    let output = sample.rewritten().unwrap();
    assert!(only_inserted(&sample.text, &output, &insertions));
    assert!(!only_inserted(&sample.text, &output.replacen("#EXTINF:4,\n", "", 1), &insertions));
    assert!(!only_inserted(&sample.text, &output.replacen("seg-4", "seg-6", 1), &insertions));
}

/// What a variable stands for: anything, or a part of a URL of ours.
fn value() -> impl Strategy<Value = String> {
    let parts = select(vec![
        "",
        "media.example.com",
        "media.example.com/content/series/s1/video/e1/",
        "//media.example.com/content/series/s1/video/e1/",
        "/content/series/s1/video/e1/",
        "/media.example.com/content/series/s1/video/e1/",
        "https://media.example.com/content/series/s1/video/e1/",
        "https:",
        ":443",
        "@",
    ]);
    prop_oneof![reference(), parts.prop_map(str::to_owned)]
}

fn before_variable() -> impl Strategy<Value = String> {
    let starts =
        select(vec!["", "https://", "//", "https:", "/", "https://media.example.com", "?"]);
    prop_oneof![reference(), starts.prop_map(str::to_owned)]
}

fn after_variable() -> impl Strategy<Value = String> {
    let ends = select(vec![
        "",
        "@evil.example/a",
        ".evil.example/a",
        "evil.example/a",
        "/content/series/s1/video/e1/a",
        ":443/content/series/s1/video/e1/a",
    ]);
    prop_oneof![reference(), ends.prop_map(str::to_owned)]
}

/// A line of a playlist around a URI.
const AROUND: [(&str, &str); 6] = [
    ("#EXTINF:4,\n", ""),
    ("#EXT-X-STREAM-INF:BANDWIDTH=1\n", ""),
    ("#EXT-X-KEY:METHOD=AES-128,URI=\"", "\",IV=0x1"),
    ("#EXT-X-MEDIA:TYPE=AUDIO,NAME=\"a,URI=\",URI=\"", "\""),
    ("#EXT-X-DATERANGE:ID=\"1\",X-ASSET-LIST=\"", "\""),
    ("#EXT-X-RENDITION-REPORT:URI=\"", "\",LAST-MSN=1"),
];

proptest! {
    #[test]
    fn hls_signs_nothing_foreign_and_loses_nothing(
        uris in vec((select(AROUND.to_vec()), reference()), 1..6),
        carriage_return in any::<bool>(),
    ) {
        let end = if carriage_return { "\r\n" } else { "\n" };
        let lines = uris.iter().map(|((before, after), uri)| format!("{before}{uri}{after}{end}"));
        let sample = Sample::new("video.m3u8", format!("#EXTM3U{end}{}", lines.collect::<String>()));
        let output = sample.rewritten().unwrap();
        prop_assert_eq!(output.matches('\n').count(), sample.text.matches('\n').count());
        prop_assert!(only_inserted(&sample.text, &output, &insertions(&sample.object)));
        let mut rest = output.strip_prefix(&format!("#EXTM3U{end}")).unwrap();
        for ((before, after), uri) in &uris {
            rest = rest.strip_prefix(before).unwrap();
            let (found, following) = rest.split_once(&format!("{after}{end}")).unwrap();
            rest = following;
            check_line(found);
            let Ok(url) = Url::parse(GATEWAY).unwrap().join(found) else { continue };
            // What is signed goes where it went before.
            let old = Url::parse(&sample.object).unwrap().join(uri).unwrap();
            if found.contains("U2ln") || found.contains("TGsx") {
                prop_assert!(is_protected(&old), "{}", old);
            }
            if found.contains("U2ln") {
                prop_assert_eq!(old.path(), url.path());
            }
        }
    }

    #[test]
    fn hls_with_variables_signs_nothing_foreign(
        values in vec(value(), 1..4),
        uris in vec((before_variable(), 0..4_usize, after_variable()), 1..6),
    ) {
        // A value of a query is decoded by some, and ends at an ampersand.
        let query = values.first().unwrap().clone();
        let mut text = "#EXTM3U\n#EXT-X-DEFINE:QUERYPARAM=\"v3\"\n".to_owned();
        for (index, value) in values.iter().enumerate() {
            text.push_str(&format!("#EXT-X-DEFINE:NAME=\"v{index}\",VALUE=\"{value}\"\n"));
        }
        for (before, variable, after) in &uris {
            text.push_str(&format!("#EXTINF:4,\n{before}{{$v{variable}}}{after}\n"));
            text.push_str(&format!("#EXT-X-STREAM-INF:X\n{before}{{$v{variable}}}{after}\n"));
        }
        let sample = Sample::new("video.m3u8", text);
        let given = format!("v3={query}");
        let places = tollgate_core::playlist::Places { query: Some(&given), ..sample.places() };
        let output = rewrite_hls(&sample.text, &places, None).unwrap();
        prop_assert_eq!(output.matches('\n').count(), sample.text.matches('\n').count());
        // What the browser makes of the query, and what it makes of it undecoded.
        let page = Url::parse(&format!("{GATEWAY}?{given}")).unwrap();
        let decoded = page.query_pairs().next().unwrap().1.into_owned();
        let raw = query.split('&').next().unwrap();
        for line in output.lines().filter(|line| !line.starts_with('#')) {
            for third in [decoded.as_str(), raw] {
                let mut line = line.replace("{$v3}", third);
                for (index, value) in values.iter().enumerate() {
                    line = line.replace(&format!("{{$v{index}}}"), value);
                }
                check_line(&line);
            }
            // Who knows no variables reads what stands there. A host may hold back no brace.
            let literal = line.replace("{$", "x").replace('}', "x");
            for blanks in [Blanks::Kept, Blanks::Dropped] {
                let url = blanks.join(&Url::parse(GATEWAY).unwrap(), &literal);
                let owner = if literal.contains("U2ln") { PROTECTED } else { NESTED };
                if literal.contains("U2ln") || literal.contains("TGsx") {
                    prop_assert_eq!(url.origin(), Url::parse(owner).unwrap().origin(), "{}", line);
                    prop_assert!(url.username().is_empty());
                }
            }
        }
    }

    #[test]
    fn any_text_is_kept_or_refused(text in "(?s).{0,200}", lines in vec("[#:=,\"{$}a-zEXT\\-INF/.?&%\\\\ ]{0,40}", 0..8)) {
        let lines = lines.join("\n");
        for text in [text.clone(), format!("#EXTM3U\n{text}"), format!("#EXTM3U\n{lines}")] {
            let sample = Sample::new("video.m3u8", text);
            match sample.rewritten() {
                Ok(output) => prop_assert_eq!(
                    output.matches('\n').count(),
                    sample.text.matches('\n').count()
                ),
                Err(error) => prop_assert!(
                    error == PlaylistError::NotAPlaylist && !sample.text.starts_with("#EXTM3U\n")
                ),
            }
        }
        for text in [text.clone(), format!("<MPD>{text}</MPD>"), format!("<MPD a=\"{text}\"/>")] {
            let sample = Sample::new("manifest.mpd", text);
            if let Ok(output) = sample.rewritten() {
                prop_assert_eq!(output, sample.text);
            }
        }
    }
}
