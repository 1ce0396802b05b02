//! The rewriting of MPDs, given any text.
//!
//! What comes out is XML like what went in, and whatever a player asks for with a signature is ours: it decodes entities,
//! and resolves segments against the base URLs above them.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tollgate_core::playlist::rewrite_dash;
use tollgate_fuzz::{GATEWAY, check_insertions, check_url, is_ours, places};
use url::Url;

#[path = "../../../signer-component/core/tests/it/playlist_mpd.rs"]
mod playlist_mpd;

use playlist_mpd::{Blanks, urls};

fuzz_target!(|text: &str| {
    let Ok(output) = rewrite_dash(text, &places()) else { return };
    // But for the one value that is replaced, which may have had line ends in it.
    if !text.contains("useMPDUrlQuery") {
        assert_eq!(output.split('\n').count(), text.split('\n').count());
    }
    if is_ours(text) {
        return;
    }
    // What was read once can be read again, and is not signed twice.
    let again = rewrite_dash(&output, &places()).expect("an MPD as before");
    assert_eq!(again.matches("U2ln").count(), output.matches("U2ln").count());
    if text.len() >= 4096 {
        return;
    }
    // The one value that is replaced.
    if !text.contains("useMPDUrlQuery") {
        let prefix = text.find("MPD").and_then(|at| text[..at].rsplit('<').next()).unwrap_or("");
        let output = output.replacen(
            &format!("<{prefix}BaseURL>https://media.example.com/e/hls/</{prefix}BaseURL>"),
            "",
            1,
        );
        check_insertions(text, &output);
    }
    let gateway = Url::parse(GATEWAY).expect("a URL");
    for blanks in [Blanks::Kept, Blanks::Dropped] {
        for url in urls(&output, &gateway, blanks).iter().flatten().flatten() {
            check_url(url);
        }
    }
});
