//! What the targets for playlists share: one viewer of one episode, and what must not happen to what they were given.

use std::collections::BTreeSet;

use tollgate_core::playlist::Places;
use url::Url;

/// Where the viewer has the playlist from.
pub const GATEWAY: &str = "https://api.example.com/p";
const ORIGIN: &str = "https://media.example.com";
const PROTECTED: &str = "https://media.example.com/e/";
const DIRECTORY: &str = "https://media.example.com/e/hls/";
const OBJECT: &str = "https://media.example.com/e/hls/v";
const NESTED: &str = "https://api.example.com/media/";
const SIGNATURE: &str = "Policy=UG9s&Signature=U2ln&Key-Pair-Id=K";
const LINK: &str = "Policy=TGlu&Signature=TGsx&Key-Pair-Id=K";

/// The episode.
pub fn places() -> Places<'static> {
    Places {
        object: OBJECT,
        protected: PROTECTED,
        signature: SIGNATURE,
        nested: NESTED,
        link: LINK,
        query: Some("camera=2&other=%2e"),
        nested_already: false,
    }
}

/// Whether a text has something of ours in it already, so that nothing can be said of it afterwards.
pub fn is_ours(text: &str) -> bool {
    ["UG9s", "U2ln", "TGlu", "TGsx"].iter().any(|mark| text.contains(mark))
}

/// Panics if a URI has parameters that it must not have.
pub fn check_uri(uri: &str) {
    if is_ours(uri) {
        check_url(&resolved(uri));
    }
}

/// Panics if a URL has parameters that it must not have.
pub fn check_url(url: &Url) {
    let text = url.as_str();
    if !is_ours(text) {
        return;
    }
    let protected = Url::parse(PROTECTED).expect("a URL");
    let ours = url.origin() == protected.origin() && url.path().starts_with(protected.path());
    if text.contains("U2ln") {
        assert!(ours && !text.contains("TGsx"), "{text}");
    } else {
        let root = Url::parse(NESTED).expect("a URL").join("e/").expect("a URL");
        assert!(url.origin() == root.origin() && url.path().starts_with(root.path()), "{text}");
    }
    assert!(url.username().is_empty(), "{text}");
}

/// Panics if a line with parameters leads to another host for players that know no variables, for whom the name of one is
/// a part of the URI.
pub fn check_host(line: &str) {
    if !is_ours(line) {
        return;
    }
    let url = resolved(&line.trim().replace("{$", "x").replace('}', "x"));
    let owner = if line.contains("U2ln") { PROTECTED } else { NESTED };
    assert_eq!(url.origin(), Url::parse(owner).expect("a URL").origin(), "{line}");
    assert!(url.username().is_empty(), "{line}");
}

fn resolved(uri: &str) -> Url {
    Url::parse(GATEWAY).and_then(|gateway| gateway.join(uri)).expect("a signed URI is one")
}

/// Panics unless the input is what remains of the output without what may be inserted.
pub fn check_insertions(input: &str, output: &str) {
    let root = NESTED.trim_end_matches('/');
    let mut pairs: Vec<(String, &str)> = Vec::new();
    for front in [ORIGIN, DIRECTORY, OBJECT, "https:", root] {
        pairs.push((front.to_owned(), ""));
    }
    pairs.push((format!("{root}/e/hls/"), ""));
    pairs.push((format!("{root}/e/hls/v"), ""));
    pairs.push((format!("BaseURL>{DIRECTORY}</"), ""));
    for origin in ["https://media.example.com", "https://media.example.com:443"] {
        pairs.push((root.to_owned(), origin));
    }
    pairs.push((root.to_owned(), "//media.example.com"));
    pairs.push((root.to_owned(), "//media.example.com:443"));
    for parameters in [SIGNATURE, LINK] {
        for parameters in [parameters.to_owned(), parameters.replace('&', "&amp;")] {
            for separator in ["", "?", "&", "&amp;"] {
                pairs.push((format!("{separator}{parameters}"), ""));
            }
        }
    }
    let mut reached = vec![BTreeSet::new(); output.len() + 1];
    reached[0].insert(0);
    for at in 0..output.len() {
        for before in std::mem::take(&mut reached[at]) {
            let (rest, left) = (&input.as_bytes()[before..], &output.as_bytes()[at..]);
            if rest.first() == Some(&left[0]) {
                reached[at + 1].insert(before + 1);
            }
            for (inserted, replaced) in &pairs {
                let there = rest.get(..replaced.len());
                if left.starts_with(inserted.as_bytes())
                    && there.is_some_and(|there| there.eq_ignore_ascii_case(replaced.as_bytes()))
                {
                    reached[at + inserted.len()].insert(before + replaced.len());
                }
            }
        }
    }
    assert!(reached[output.len()].contains(&input.len()), "{input}\n{output}");
}
