//! What is judged here and not by the conformance rows: what an explanation says.

use super::*;

#[test]
fn slugs_are_stable_words_and_tell_reasons_apart() {
    let mut slugs: Vec<&str> = Reason::ALL.iter().map(|reason| reason.slug()).collect();
    for slug in &slugs {
        assert!(
            slug.bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'),
            "{slug}"
        );
    }
    slugs.sort_unstable();
    slugs.dedup();
    assert_eq!(slugs.len(), Reason::ALL.len());
}

#[test]
fn stripping_keeps_everything_else() {
    for (url, stripped) in [
        ("https://d/a", "https://d/a"),
        ("https://d/a?", "https://d/a"),
        ("https://d/a?x=1", "https://d/a?x=1"),
        ("https://d/a?Expires=1&Signature=s&Key-Pair-Id=k", "https://d/a"),
        ("https://d/a?b=2&Policy=p&a=1&Hash-Algorithm=SHA1", "https://d/a?b=2&a=1"),
        ("https://d/a?%53ignature=s&x=%2f&Key%2DPair%2dId=k", "https://d/a?x=%2f"),
        ("https://d/a?Policy", "https://d/a"),
        ("https://d/a?policy=1&Expires2=2&=3&x", "https://d/a?policy=1&Expires2=2&=3&x"),
        ("https://d/a?x=1&&Expires=1&y", "https://d/a?x=1&&y"),
        ("https://d/a?u=https://e/?Expires=1", "https://d/a?u=https://e/?Expires=1"),
        ("https://d/a?Expires=1#&Signature=s", "https://d/a"),
        ("/a?Expires=1&x", "/a?x"),
        ("", ""),
    ] {
        assert_eq!(strip(url), stripped, "{url}");
    }
}

#[test]
fn addresses_are_read_exactly() {
    let range = |text: &str| SourceIp::parse(text).map(|range| range.to_string());
    assert_eq!(range("192.0.2.7"), Some("192.0.2.7/32".to_owned()));
    assert_eq!(range("0.0.0.0/0"), Some("0.0.0.0/0".to_owned()));
    for wrong in [
        "",
        "/",
        "1.2.3.4/",
        "1.2.3.4/33",
        "1.2.3.4/-1",
        "1.2.3/8",
        "1.2.3.4/8/8",
        "::/0",
        "1.2.3.4/4294967296",
    ] {
        assert_eq!(range(wrong), None, "{wrong}");
    }
}

#[test]
fn a_statement_keeps_what_it_says() {
    let text = r#"{"Statement":[{"Condition":{"IpAddress":{"AWS:SourceIp":"10.0.0.0/8"},
        "DateGreaterThan":{"AWS:EpochTime":1},"DateLessThan":{"AWS:EpochTime":2}},"Resource":"*"}]}"#;
    let statement = Statement::parse(text.as_bytes()).unwrap();
    assert_eq!(statement.resource.as_deref(), Some("*"));
    assert_eq!((statement.date_greater_than, statement.date_less_than), (Some(1), 2));
    assert_eq!(statement.source_ip, SourceIp::parse("10.0.0.0/8"));
    assert_eq!(Statement::parse(b"\xff").unwrap_err().reason, Reason::PolicyNotJson);
}
