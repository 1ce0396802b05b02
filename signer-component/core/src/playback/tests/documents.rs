//! What a policy document may say.

use super::*;

#[test]
fn only_the_domain_is_needed() {
    let policy = policy("");
    assert_eq!(policy.max_devices(), 3);
    assert_eq!(policy.key_pair_id(), None);
    assert_eq!(ask(&policy).wanted().hls_key(), "content/series/big-test/video/ep1/video.m3u8");
}

#[test]
fn every_mistake_is_named() {
    let cases = [
        (r#"{}"#, "policy.domain"),
        (r#"[]"#, "policy"),
        (r#"{"domain":"a","domain":"b"}"#, "policy"),
        (r#"{"domain":"a"} x"#, "policy"),
        (r#"{"domain":"https://a"}"#, "policy.domain"),
        (r#"{"domain":"A.example"}"#, "policy.domain"),
        (r#"{"domain":"*.example"}"#, "policy.domain"),
        (r#"{"domain":"a/b"}"#, "policy.domain"),
        (r#"{"domain":"a:0"}"#, "policy.domain"),
        (r#"{"domain":"A.example","cookies":{"domain":"a.example"}}"#, "policy.domain"),
        (r#"{"cookies":{"domain":"a.example"}}"#, "policy.domain"),
        (r#"{"domain":"a:443"}"#, "policy.domain"),
        (r#"{"domain":"a:80","scheme":"http"}"#, "policy.domain"),
        (r#"{"domain":"a","scheme":"ftp"}"#, "policy.scheme"),
        (r#"{"domain":"a","ttl":9}"#, "policy.ttl"),
        (r#"{"domain":"a","ttl":"900"}"#, "policy.ttl"),
        (r#"{"domain":"a","ttl":900.0}"#, "policy.ttl"),
        (r#"{"domain":"a","expiry-window":3601}"#, "policy.expiry-window"),
        (r#"{"domain":"a","roles":[]}"#, "policy.roles"),
        (r#"{"domain":"a","roles":["admin"]}"#, "policy.roles"),
        (r#"{"domain":"a","statuses":[""]}"#, "policy.statuses"),
        (r#"{"domain":"a","max-devices":0}"#, "policy.max-devices"),
        (r#"{"domain":"a","on-limit":"evict"}"#, "policy.on-limit"),
        (r#"{"domain":"a","device-lease":9}"#, "policy.device-lease"),
        (r#"{"domain":"a","bind-ip":"no"}"#, "policy.bind-ip"),
        (r#"{"domain":"a","hash":"sha256"}"#, "policy.hash"),
        (r#"{"domain":"a","hls-path":"a/{series}/b.m3u8"}"#, "policy.hls-path"),
        (r#"{"domain":"a","hls-path":"v/{series}-{episode}/b.m3u8"}"#, "policy.hls-path"),
        (r#"{"domain":"a","hls-path":"/a/{series}/{episode}/b.m3u8"}"#, "policy.hls-path"),
        (r#"{"domain":"a","hls-path":"a/{series}/{episode}/*.m3u8"}"#, "policy.hls-path"),
        (r#"{"domain":"a","hls-path":"a/{series}/{episode}/b.m3u8"}"#, "policy.rules"),
        (r#"{"domain":"a","delivery":"playlists"}"#, "policy.delivery"),
        (r#"{"domain":"a","key-pair-id":"K-1"}"#, "policy.key-pair-id"),
        (
            r#"{"domain":"a","cookies":{"same-site":"None","secure":false}}"#,
            "policy.cookies.same-site",
        ),
        (r#"{"domain":"a","cookies":{"max-age":1}}"#, "policy.cookies.max-age"),
        (r#"{"domain":"a.example","cookies":{"domain":"b.example"}}"#, "policy.cookies.domain"),
        (r#"{"domain":"a.example","cookies":{"domain":"example.a"}}"#, "policy.cookies.domain"),
        (r#"{"domain":"ba.example","cookies":{"domain":"a.example"}}"#, "policy.cookies.domain"),
        (r#"{"domain":"a","rules":[{"pattern":"a/**"}]}"#, "policy.rules[0].sign"),
        (
            r#"{"domain":"a","rules":[{"pattern":"a/*","sign":"directory"}]}"#,
            "policy.rules[0].pattern",
        ),
        (
            r#"{"domain":"a","rules":[{"pattern":"a/**/b","sign":"exact"}]}"#,
            "policy.rules[0].pattern",
        ),
        (r#"{"domain":"a","rules":[{"pattern":"**","sign":"exact"}]}"#, "policy.rules"),
        (r#"{"domain":"a","rules":[{"pattern":"content/**","sign":"directory"}]}"#, "policy.rules"),
        (
            r#"{"domain":"a","rules":[{"pattern":"content/*/**","sign":"directory"}]}"#,
            "policy.rules",
        ),
        (r#"{"domain":"a","tll":900}"#, "policy.tll"),
    ];
    for (text, field) in cases {
        let invalid = Policy::parse(text).expect_err(text);
        assert!(invalid.iter().any(|invalid| invalid.field == field), "{text}: {invalid:?}");
        assert_eq!(invalid.len(), 1, "{text}: {invalid:?}");
    }
}

#[test]
fn all_mistakes_are_named_at_once() {
    let text = r#"{"domain":"A","ttl":5,"max-devices":0,"bogus":1,"cookies":{"secure":"no","x":1},
        "rules":[{"pattern":"a"},{"pattern":"a/**/b","sign":"exact","ttl":1},7]}"#;
    let mut fields: Vec<String> =
        Policy::parse(text).unwrap_err().into_iter().map(|invalid| invalid.field).collect();
    fields.sort();
    assert_eq!(
        fields,
        [
            "policy.bogus",
            "policy.cookies.secure",
            "policy.cookies.x",
            "policy.domain",
            "policy.max-devices",
            "policy.rules[0].sign",
            "policy.rules[1].pattern",
            "policy.rules[1].ttl",
            "policy.rules[2]",
            "policy.ttl",
        ]
    );
}

#[test]
fn nothing_makes_the_parser_panic() {
    for text in ["", "{", "null", "\"\"", "1e999", "{\"a\":[[[[[[", "\u{0}"] {
        assert!(Policy::parse(text).is_err(), "{text:?}");
    }
    assert!(Policy::parse(&"[".repeat(100_000)).is_err());
}
