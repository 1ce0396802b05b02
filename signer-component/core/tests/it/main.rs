//! Tests of `tollgate-core` from outside, in one binary.
//!
//! The conformance modules follow the tables of rows that state how CloudFront answers. A row keeps its
//! number; rows beyond those tables are numbered `X…`.

// Clippy allows in tests what the product must not do, and this is how it knows that all of it is one.
#![cfg(test)]

mod support;

mod conformance_canned;
mod conformance_cookies;
mod conformance_custom;
mod conformance_presence;
mod conformance_signer;
mod conformance_time;
mod conformance_wildcards;
mod ecdsa_properties;
mod explanations;
mod playlist_corpus;
mod playlist_dash_properties;
mod playlist_mpd;
mod playlist_players;
mod playlist_properties;
mod playlist_support;
mod properties;
mod remembered;

/// The numbers that must be there. Row 2 and rows 140 to 144 and 146 are about behaviours, caching and
/// answers, which belong to the edge and are tested there.
const NUMBERS: &str = "
    1 4 5 6 8 9 10 12 13 14 16 17 18 20
    21 22 24 25 26 28 29 30 32 33 34 36 37 38 40 41 42 44 45 46 48 49 50 52 53 54 56 57 58 60
    61 62 64 65 66 68 69 70 72 73 74
    76 77 78 80 81 82 84 85 86 88 89 90 92 93 94
    96 97 98 100 101 102 104 105 106 108 109 110 112 113 114 116 117
    118 120 121 122 124 125 126 128 129 130 132 133 134 136 137
    138 145 148 149 150 152 153 154 156 157 158";

#[test]
fn no_row_is_missing() {
    let rows = [
        conformance_presence::rows(),
        conformance_canned::rows(),
        conformance_time::rows(),
        conformance_custom::rows(),
        conformance_wildcards::rows(),
        conformance_cookies::rows(),
    ]
    .concat();
    let listed: Vec<&str> = rows.iter().map(|row| row.number).collect();
    let bare = |number: &str| number.trim_end_matches(char::is_alphabetic).to_owned();
    for number in NUMBERS.split_whitespace() {
        let found = listed.iter().any(|listed| bare(listed) == number)
            || conformance_signer::ROWS.contains(&number);
        assert!(found, "row {number} is missing");
    }
    let mut once = listed.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), listed.len(), "a row is there twice");
}

#[test]
fn no_module_is_forgotten() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it");
    for entry in folder.read_dir().unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let module = name.strip_suffix(".rs").expect("only Rust files here");
        let declared = include_str!("main.rs").contains(&format!("mod {module};"));
        assert!(declared || module == "main", "main.rs does not declare {module}");
    }
}
