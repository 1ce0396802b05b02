//! The corpus of playlists: what becomes of it, and that nothing of it is lost.

use std::{collections::BTreeSet, fs};

use quick_m3u8::{HlsLine, Reader, config::ParsingOptionsBuilder, tag::AttributeValue};

use crate::playlist_support::*;

/// Every tag of RFC 8216bis, draft 20, and those that players know besides.
const TAGS: &str = "
    EXTM3U EXT-X-VERSION
    EXT-X-INDEPENDENT-SEGMENTS EXT-X-START EXT-X-DEFINE
    EXT-X-TARGETDURATION EXT-X-MEDIA-SEQUENCE EXT-X-DISCONTINUITY-SEQUENCE EXT-X-ENDLIST EXT-X-PLAYLIST-TYPE
    EXT-X-I-FRAMES-ONLY EXT-X-PART-INF EXT-X-SERVER-CONTROL
    EXTINF EXT-X-BYTERANGE EXT-X-DISCONTINUITY EXT-X-KEY EXT-X-MAP EXT-X-PROGRAM-DATE-TIME EXT-X-GAP EXT-X-BITRATE
    EXT-X-PART
    EXT-X-DATERANGE EXT-X-SKIP EXT-X-PRELOAD-HINT EXT-X-RENDITION-REPORT
    EXT-X-MEDIA EXT-X-STREAM-INF EXT-X-I-FRAME-STREAM-INF EXT-X-SESSION-DATA EXT-X-SESSION-KEY
    EXT-X-CONTENT-STEERING
    EXT-X-ALLOW-CACHE EXT-X-IMAGE-STREAM-INF";

#[test]
fn the_corpus_has_every_tag() {
    let samples = corpus();
    let names: BTreeSet<&str> = samples
        .iter()
        .filter(|sample| sample.is_hls())
        .flat_map(|sample| sample.text.trim_start_matches('\u{feff}').lines())
        .filter_map(|line| line.strip_prefix('#')?.split([':', ' ']).next())
        .collect();
    for tag in TAGS.split_whitespace() {
        assert!(names.contains(tag), "{tag}");
    }
}

/// With `TOLLGATE_WRITE_EXPECTED` set, the files are written instead; read them before you commit them.
#[test]
fn every_playlist_becomes_what_is_expected() {
    for sample in corpus() {
        let path = folder().join("expected").join(&sample.name);
        let output = sample.rewritten().unwrap();
        if std::env::var_os("TOLLGATE_WRITE_EXPECTED").is_some() {
            fs::write(&path, &output).unwrap();
        }
        let expected = fs::read_to_string(&path).unwrap();
        for (found, line) in output.split_inclusive('\n').zip(expected.split_inclusive('\n')) {
            assert_eq!(found, line, "{}", sample.name);
        }
        assert_eq!(output, expected, "{}", sample.name);
    }
    let expected = folder().join("expected").read_dir().unwrap().count();
    assert_eq!(expected, corpus().len(), "an expectation without a playlist");
}

/// Takes out what is put in, by text alone: it knows nothing of tags, attributes or elements.
fn removed(output: &str) -> String {
    let mut text = output.to_owned();
    for parameters in [SIGNATURE, LINK] {
        for parameters in [parameters.to_owned(), escaped(parameters)] {
            for separator in ["?", "&amp;", "&"] {
                text = text.replace(&format!("{separator}{parameters}"), "");
            }
        }
    }
    for prefix in ["", "mpd:"] {
        text = text.replace(&format!("<{prefix}BaseURL>{DIRECTORY}</{prefix}BaseURL>"), "");
    }
    let below = DIRECTORY.strip_prefix(ORIGIN).unwrap();
    let root = NESTED.trim_end_matches('/');
    text.replace(&format!("{DIRECTORY}odd.m3u8?"), "?")
        .replace(DIRECTORY, "")
        .replace(&format!("{root}{below}"), "")
        .replace(root, "")
        .replace(&format!("{ORIGIN}/"), "/")
}

#[test]
fn without_what_was_put_in_it_is_the_origins_playlist() {
    // In `edges.m3u8` the result alone does not say what was there; `playlist_properties` takes it apart.
    for sample in corpus().into_iter().filter(|sample| sample.name != "edges.m3u8") {
        let mut input = sample.text.clone();
        if sample.name == "annex-i.mpd" {
            // The one value that is replaced.
            input = input.replace("Query=\"true\"", "Query=\"false\"").replace("'1'", "'false'");
            assert_ne!(input, sample.text);
        }
        let output = sample.rewritten().unwrap();
        assert!(output.contains("U2ln") || output.contains("TGsx"), "{}", sample.name);
        assert_eq!(removed(&output), input, "{}", sample.name);
    }
}

#[test]
fn a_parser_we_did_not_write_reads_the_same_playlist() {
    for sample in corpus().iter().filter(|sample| sample.is_hls() && sample.name != "odd.m3u8") {
        let before = lines(&sample.text);
        let output = sample.rewritten().unwrap();
        let after = lines(&output);
        assert_eq!(before.len(), after.len(), "{}", sample.name);
        let mut changed = 0;
        for (before, after) in before.iter().zip(&after) {
            assert_eq!(before.len(), after.len(), "{before:?} {after:?}");
            for ((name, old), (same, new)) in before.iter().zip(after) {
                assert_eq!(name, same);
                let uri = ["uri", "URI", "SERVER-URI", "X-ASSET-URI", "X-ASSET-LIST", "X-URI"];
                assert!(old == new || uri.contains(&name.as_str()), "{name}: {old} {new}");
                changed += usize::from(old != new);
            }
        }
        assert!(changed > 0, "{}", sample.name);
    }
}

/// Every line as names and values: of a tag its attributes if it has any, of others their text.
pub fn lines(text: &str) -> Vec<Vec<(String, String)>> {
    // Every tag as it stands, so that lists of attributes are read as lists.
    let options = ParsingOptionsBuilder::new().build();
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'), options);
    let mut lines = Vec::new();
    while let Ok(Some(line)) = reader.read_line() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        lines.push(match line {
            HlsLine::Uri(uri) => vec![pair("uri", &uri)],
            HlsLine::Comment(comment) => vec![pair("comment", &comment)],
            HlsLine::Blank => Vec::new(),
            HlsLine::UnknownTag(tag) => {
                let list = tag.value().map(|value| value.try_as_ordered_attribute_list());
                match list {
                    Some(Ok(list)) => list
                        .into_iter()
                        .map(|(name, value)| match value {
                            AttributeValue::Quoted(value) => pair(name, value),
                            AttributeValue::Unquoted(value) => {
                                pair(name, value.try_as_utf_8().unwrap())
                            }
                        })
                        .collect(),
                    _ => vec![pair(tag.name(), std::str::from_utf8(tag.as_bytes()).unwrap())],
                }
            }
            HlsLine::KnownTag(_) => panic!("no tag is known"),
        });
    }
    lines
}
