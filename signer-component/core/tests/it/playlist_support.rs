//! What the tests of playlists share: one viewer of one episode, and the corpus.

use std::{fs, path::PathBuf};

use tollgate_core::playlist::{Places, PlaylistError, rewrite_dash, rewrite_hls};

pub const ORIGIN: &str = "https://media.example.com";
pub const PROTECTED: &str = "https://media.example.com/content/series/s1/video/e1/";
pub const DIRECTORY: &str = "https://media.example.com/content/series/s1/video/e1/hls/";
pub const NESTED: &str =
    "https://api.example.com/users/u1/series/s1/episodes/e1/sessions/5e55/media/";
pub const SIGNATURE: &str = "Policy=UG9s&Signature=U2ln&Key-Pair-Id=KDEMO1";
pub const LINK: &str = "Policy=TGlu&Signature=TGsx&Key-Pair-Id=KDEMO1";
/// The query that playlists of the corpus are asked for with, and the multivariant playlist they import from.
pub const QUERY: &str = "camera=2&absent=%2e";
pub const IMPORTS: &str = "#EXTM3U\n#EXT-X-DEFINE:NAME=\"imported\",VALUE=\"from-multivariant\"\n";

/// A playlist of the corpus.
pub struct Sample {
    pub name: String,
    pub text: String,
    /// Its URL at the distribution.
    pub object: String,
}

impl Sample {
    /// A playlist by its file name.
    pub fn new(name: &str, text: impl Into<String>) -> Self {
        let object = format!("{DIRECTORY}{name}");
        Self { name: name.to_owned(), text: text.into(), object }
    }

    pub fn is_hls(&self) -> bool {
        self.name.ends_with(".m3u8")
    }

    pub fn places(&self) -> Places<'_> {
        Places {
            object: &self.object,
            protected: PROTECTED,
            signature: SIGNATURE,
            nested: NESTED,
            link: LINK,
            query: Some(QUERY),
            nested_already: false,
        }
    }

    /// What the viewer gets.
    pub fn rewritten(&self) -> Result<String, PlaylistError> {
        if self.is_hls() {
            rewrite_hls(&self.text, &self.places(), Some(IMPORTS))
        } else {
            rewrite_dash(&self.text, &self.places())
        }
    }
}

pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/playlists")
}

/// Every playlist of the corpus, in the order of their names.
pub fn corpus() -> Vec<Sample> {
    let mut samples: Vec<Sample> = folder()
        .join("corpus")
        .read_dir()
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            Sample::new(&name, fs::read_to_string(&path).unwrap())
        })
        .collect();
    samples.sort_by(|left, right| left.name.cmp(&right.name));
    assert!(samples.len() >= 17, "the corpus is not there");
    samples
}

/// A text as XML has it in quotes.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
}
