//! The rewriting of MPDs, given any text.
//!
//! What comes out is XML like what went in, in which no URI that names a host names another one with a signature.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tollgate_core::playlist::rewrite_dash;
use tollgate_fuzz::{check_insertions, check_uri, is_ours, places};

fuzz_target!(|text: &str| {
    let Ok(output) = rewrite_dash(text, &places()) else { return };
    assert_eq!(output.split('\n').count(), text.split('\n').count());
    if is_ours(text) {
        return;
    }
    // What was read once can be read again, and is not signed twice.
    let again = rewrite_dash(&output, &places()).expect("an MPD as before");
    assert_eq!(again.matches("U2ln").count(), output.matches("U2ln").count());
    // The one value that is replaced.
    if !text.contains("useMPDUrlQuery") && text.len() < 4096 {
        let prefix = text.find("MPD").and_then(|at| text[..at].rsplit('<').next()).unwrap_or("");
        let output = output.replacen(
            &format!("<{prefix}BaseURL>https://media.example.com/e/hls/</{prefix}BaseURL>"),
            "",
            1,
        );
        check_insertions(text, &output);
    }
    for value in output.split(['"', '\'', '<', '>']) {
        let url = value.trim().trim_start_matches("![CDATA[").trim_end_matches("]]").trim();
        let names_a_host = ["http://", "https://", "//"].iter().any(|start| url.starts_with(start));
        // Other entities than this one could mean anything.
        if names_a_host && url.matches('&').count() == url.matches("&amp;").count() {
            check_uri(&url.replace("&amp;", "&"));
        }
    }
});
