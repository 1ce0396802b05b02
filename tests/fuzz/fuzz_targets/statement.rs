//! The parser of CloudFront policies, which strangers send.
//!
//! Whatever is accepted means the same when it is written anew without its white space and in another order.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tollgate_core::cloudfront::{ResourcePattern, verify::Statement};

fuzz_target!(|document: &[u8]| {
    let Ok(statement) = Statement::parse(document) else { return };
    assert!(document.len() <= Statement::MAX_BYTES);
    let Some(resource) = &statement.resource else { return };
    if let Ok(pattern) = ResourcePattern::parse(resource) {
        assert_eq!(pattern.as_str(), resource);
        let _ = pattern.matches("https://d111111abcdef8.cloudfront.net/a/b.mp4?x=1");
    }
    if resource.contains(['"', '\\']) || resource.contains(char::is_control) {
        return;
    }
    let start = statement.date_greater_than.map_or(String::new(), |start| {
        format!(r#""DateGreaterThan":{{"AWS:EpochTime":{start}}},"#)
    });
    let end = statement.date_less_than;
    let rewritten = format!(
        r#"{{"Statement":[{{"Condition":{{{start}"DateLessThan":{{"AWS:EpochTime":{end}}}}},"Resource":"{resource}"}}]}}"#
    );
    let again = Statement::parse(rewritten.as_bytes()).expect("only its form has changed");
    assert_eq!(again, Statement { source_ip: None, ..statement });
});
