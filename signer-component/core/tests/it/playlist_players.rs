//! Players that resolve URLs with the crate `url`, as browsers do: where do they go, and with which parameters?

use std::collections::BTreeMap;

use url::Url;

use crate::{
    playlist_corpus::lines,
    playlist_mpd::{Blanks, urls},
    playlist_support::*,
};

/// Where the viewer has playlists from.
const GATEWAY: &str =
    "https://api.example.com/users/u1/series/s1/episodes/e1/sessions/5e55/playlist?Signature=TGsx";

/// Reads as browsers do what players would not agree about, so that nothing is added to it.
const DOUBTFUL: [&str; 4] = ["https:\\\\media", "https:/media", "..%2f..%2f", "6\t.ts"];

fn protected(url: &Url) -> bool {
    let root = Url::parse(PROTECTED).unwrap();
    url.origin() == root.origin() && url.path().starts_with(root.path())
}

fn own_parameters(url: &Url) -> bool {
    let names = ["Policy", "Signature", "Key-Pair-Id", "Expires", "Hash-Algorithm"];
    url.query_pairs().any(|(name, _)| names.contains(&&*name))
}

/// What was appended to a URL, and the URL without it.
fn parted(url: &Url) -> (Option<&'static str>, String) {
    for parameters in [SIGNATURE, LINK] {
        let query = url.query().unwrap_or_default();
        if let Some(own) = query.strip_suffix(parameters) {
            let mut bare = url.clone();
            let own = own.strip_suffix('&').unwrap_or(own);
            bare.set_query((!own.is_empty()).then_some(own));
            return (Some(parameters), bare.into());
        }
    }
    (None, url.clone().into())
}

/// An empty query or ampersand at the end is nothing to any server.
fn without_empty_end(url: &Url) -> String {
    url.to_string().replace("?#", "#").trim_end_matches(['?', '&']).to_owned()
}

/// One place in a playlist: whichever of the old URLs a player takes, it has to get the same by the new one.
fn check(old: &[Url], new: &[Url]) {
    assert_eq!(old.len(), new.len());
    let all_protected = old.iter().all(protected) && !old.iter().any(own_parameters);
    for (old, new) in old.iter().zip(new) {
        let (parameters, bare) = parted(new);
        match parameters {
            Some(LINK) => {
                let key = bare.strip_prefix(NESTED).unwrap_or_else(|| panic!("{new}"));
                let origin = old.origin().ascii_serialization();
                let there = format!("{origin}/{key}");
                assert_eq!(Url::parse(&there).unwrap().to_string(), without_empty_end(old));
            }
            Some(_) => {
                assert!(protected(new), "{new}");
                assert_eq!(bare, without_empty_end(old));
            }
            None => assert_eq!(old, new),
        }
        assert_eq!(parameters.is_some(), all_protected, "{old} {new}");
    }
}

/// Variables as hls.js has them; nothing if one is not known.
fn substituted(text: &str, variables: &BTreeMap<String, String>) -> Option<String> {
    let mut text = text.to_owned();
    for (name, value) in variables {
        text = text.replace(&format!("{{${name}}}"), value);
    }
    (!text.contains("{$")).then_some(text)
}

#[test]
fn players_of_hls_go_to_the_same_places() {
    let mut checked = 0;
    for sample in corpus().iter().filter(|sample| sample.is_hls()) {
        let output = sample.rewritten().unwrap();
        let (object, gateway) = (Url::parse(&sample.object).unwrap(), Url::parse(GATEWAY).unwrap());
        let mut variables = BTreeMap::new();
        for (before, after) in lines(&sample.text).into_iter().zip(lines(&output)) {
            let value = |wanted: &str| {
                before.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.clone())
            };
            if let (Some(name), Some(value)) = (value("NAME"), value("VALUE")) {
                variables.insert(name, value);
            }
            if let Some(name) = value("IMPORT") {
                variables.insert(name, "from-multivariant".to_owned());
            }
            if value("QUERYPARAM").as_deref() == Some("camera") {
                variables.insert("camera".to_owned(), "2".to_owned());
            }
            for ((name, old), (_, new)) in before.iter().zip(&after) {
                if !["uri", "URI", "SERVER-URI", "X-ASSET-URI", "X-ASSET-LIST", "X-URI"]
                    .contains(&name.as_str())
                    || old.starts_with("vendor")
                {
                    continue;
                }
                let (old, new) = (old.trim_matches(' '), new.trim_matches(' '));
                let meant = (substituted(old, &variables), substituted(new, &variables));
                let (Some(meant), Some(new)) = meant else {
                    assert_eq!(old, new);
                    continue;
                };
                if meant.trim().is_empty() || DOUBTFUL.iter().any(|odd| meant.starts_with(odd)) {
                    assert_eq!(old, new);
                    continue;
                }
                // Above the root only the unchanged text is the same everywhere.
                if meant.starts_with("../../../../../../") || meant.contains("not a tag") {
                    assert_eq!(old, new);
                    continue;
                }
                check(&[object.join(&meant).unwrap()], &[gateway.join(&new).unwrap()]);
                checked += 1;
            }
        }
    }
    assert!(checked > 70, "{checked}");
}

#[test]
fn players_of_dash_go_to_the_same_places() {
    let mut checked = 0;
    for sample in corpus().iter().filter(|sample| !sample.is_hls()) {
        let output = sample.rewritten().unwrap();
        let old = urls(&sample.text, &Url::parse(&sample.object).unwrap(), Blanks::Kept).unwrap();
        let new = urls(&output, &Url::parse(GATEWAY).unwrap(), Blanks::Kept).unwrap();
        assert_eq!(old.len(), new.len(), "{}", sample.name);
        assert!(!old.is_empty(), "{}", sample.name);
        for (old, new) in old.iter().zip(&new) {
            check(old, new);
            checked += 1;
        }
    }
    assert!(checked > 30, "{checked}");
}
