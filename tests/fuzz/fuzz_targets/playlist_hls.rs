//! The rewriting of HLS playlists, given any text.
//!
//! No line goes, no other host gets a signature, and without what was put in it is the same text.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tollgate_core::playlist::{needs_imports, rewrite_hls};
use tollgate_fuzz::{check_host, check_insertions, check_uri, is_ours, places};

fuzz_target!(|text: &str| {
    needs_imports(text);
    let Ok(output) = rewrite_hls(text, &places(), Some(text)) else { return };
    assert_eq!(output.split('\n').count(), text.split('\n').count());
    if is_ours(text) {
        return;
    }
    for (before, after) in text.split('\n').zip(output.split('\n')) {
        let is_uri = !after.trim_start_matches('\u{feff}').starts_with('#');
        // What a variable stands for may have to be written out.
        if before.contains("{$") {
            if is_uri {
                check_host(after);
            }
            continue;
        }
        if before == after {
            continue;
        }
        check_insertions(before, after);
        if is_uri {
            check_uri(after.trim_matches([' ', '\t', '\r']));
            for part in after.split(['\u{85}', '\u{2028}', '\u{2029}']) {
                check_uri(part.trim());
            }
        }
    }
});
