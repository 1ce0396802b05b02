//! The parser of CloudFront policies, which strangers send.
//!
//! What is accepted must still be there when it is written anew: nothing of the text may have been overlooked.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tollgate_core::cloudfront::{ResourcePattern, verify::Statement};

fuzz_target!(|document: &[u8]| {
    let Ok(statement) = Statement::parse(document) else { return };
    assert!(document.len() <= Statement::MAX_BYTES);
    if let Some(resource) = &statement.resource
        && let Ok(pattern) = ResourcePattern::parse(resource)
    {
        assert_eq!(pattern.as_str(), resource);
        let _ = pattern.matches("https://d111111abcdef8.cloudfront.net/a/b.mp4?x=1");
    }
});
