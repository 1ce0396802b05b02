//! The parser of the playback policy document.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tollgate_core::playback::Policy;

fuzz_target!(|document: &str| {
    if let Err(refusal) = Policy::parse(document) {
        assert!(refusal.field.starts_with("policy"), "{refusal}");
    }
});
