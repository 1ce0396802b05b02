//! What a playlist may cost. Each of these took many seconds, or more memory than a component has.

use super::places;
use crate::playlist::{Places, PlaylistError, rewrite_dash, rewrite_hls};

/// The line that is named for a playlist that is refused.
fn refused_at(answer: Result<String, PlaylistError>) -> usize {
    match answer {
        Err(PlaylistError::Malformed { line, .. }) => line,
        Err(other) => panic!("{other}"),
        Ok(text) => panic!("{} bytes", text.len()),
    }
}

fn dash(inner: &str) -> Result<String, PlaylistError> {
    rewrite_dash(&format!("<MPD>\n{inner}</MPD>"), &places())
}

/// So many elements, each with its number.
fn numbered(count: usize, element: &str) -> String {
    (0..count).map(|number| element.replace('N', &number.to_string())).collect()
}

#[test]
fn base_urls_of_a_level() {
    assert_eq!(refused_at(dash(&numbered(65, "<BaseURL>N/</BaseURL>\n"))), 66);
    // The same ones as well: every one of 60,000 representations would look at them.
    let same = "<BaseURL>a</BaseURL>\n".repeat(52_000);
    let representations = "<Representation/>".repeat(30_000);
    let set = format!("<Period><AdaptationSet>{representations}</AdaptationSet></Period>");
    assert_eq!(refused_at(dash(&format!("{same}{set}"))), 66);
    assert!(dash(&"<BaseURL>a/</BaseURL>".repeat(64)).is_ok());
}

#[test]
fn base_urls_of_levels_in_each_other() {
    let nine = numbered(9, "<BaseURL>N/</BaseURL>\n");
    assert_eq!(refused_at(dash(&format!("{nine}<Period>{nine}</Period>"))), 18);
    // Long ones above, short ones below.
    let long = numbered(60, &format!("<BaseURL>{}N/</BaseURL>\n", "a/".repeat(200)));
    let short = "<BaseURL>x</BaseURL>".repeat(60);
    let periods = format!("<Period>{short}</Period>\n").repeat(100);
    assert_eq!(refused_at(dash(&format!("{long}{periods}"))), 62 + 69);
    // Few enough to look at, but too long to keep.
    let above = numbered(64, &format!("<BaseURL>{}N/</BaseURL>\n", "a".repeat(900)));
    let below = "<Period><BaseURL>x/</BaseURL></Period>\n".repeat(100);
    assert!(refused_at(dash(&format!("{above}{below}"))) > 66);
}

#[test]
fn uses_of_base_urls() {
    // Not too many for one, but for 40,000.
    let bases = numbered(64, "<BaseURL>N/</BaseURL>");
    let segments = "<SegmentURL media='./a'/>\n".repeat(40_000);
    let list = |bases: &str, inner: &str| {
        dash(&format!("{bases}<Period><SegmentList>{inner}</SegmentList></Period>"))
    };
    assert_eq!(refused_at(list(&bases, &segments)), 3906);
    assert!(list("<BaseURL>a/</BaseURL><BaseURL>b/</BaseURL>", &segments).is_ok());
    // Few, but each is long and judged for every depth of ids.
    let long = format!("<SegmentTemplate media='$RepresentationID$/{}'/>\n", "a".repeat(8000));
    let set = |bases: &str| {
        let inner = format!("{}<Representation id='1/2/3/4/5/6/7/8'/>", long.repeat(100));
        dash(&format!("{bases}<Period><AdaptationSet>{inner}</AdaptationSet></Period>"))
    };
    assert!(set("").is_ok());
    assert_eq!(refused_at(set(&bases)), 1 + 31);
}

#[test]
fn uris_of_an_mpd() {
    let clock = |words: usize| {
        format!(
            "<UTCTiming schemeIdUri='urn:mpeg:dash:utc:http-iso:2014' value='{}'/>",
            "/ ".repeat(words)
        )
    };
    assert_eq!(refused_at(dash(&clock(1_000_000))), 2);
    assert!(dash(&clock(100_000)).is_ok());
    let segments = "<SegmentURL media='a'/>".repeat(87_000);
    let list = format!("<MPD><Period><SegmentList>{segments}</SegmentList></Period></MPD>");
    let signature = format!("Policy={}&Signature={}", "a".repeat(300), "b".repeat(344));
    let places = Places { signature: &signature, ..places() };
    assert!(rewrite_dash(&list, &places) == Err(PlaylistError::TooLarge));
}

#[test]
fn attributes_and_entities() {
    let element = |count: usize| format!("<Period {}/>", numbered(count, "aN='' "));
    assert_eq!(refused_at(dash(&element(100_000))), 2);
    assert!(dash(&element(256)).is_ok());
    let list = |text: &str| dash(&format!("<Period><SegmentTemplate media='{text}'/></Period>"));
    assert!(list(&"&#97;".repeat(1000)).unwrap().contains("Signature="));
    assert!(!list(&"&#97;".repeat(300_000)).unwrap().contains("Signature="));
}

#[test]
fn variables() {
    let query = "a&".repeat(2000);
    let places = Places { query: Some(&query), ..places() };
    let define =
        |count: usize| format!("#EXTM3U\n{}", "#EXT-X-DEFINE:QUERYPARAM=\"x\"\n".repeat(count));
    assert_eq!(refused_at(rewrite_hls(&define(67_000), &places, None)), 1002);
    assert!(rewrite_hls(&define(1000), &places, None).is_ok());
    let with = |value: &str, uris: &str| {
        let define = format!("#EXT-X-DEFINE:NAME=\"a\",VALUE=\"{value}\"");
        rewrite_hls(&format!("#EXTM3U\n{define}\n{uris}"), &places, None)
    };
    let large = "x".repeat(1_000_000);
    let one = "{$a}".repeat(200_000);
    assert!(with(&large, &one).unwrap().ends_with(&format!("\n{one}")));
    assert!(with("", &one).unwrap().ends_with(&format!("\n{one}")));
    let value = format!("//cdn.test/{}", "x".repeat(8000));
    assert!(with(&value, &"{$a}\n".repeat(400_000)) == Err(PlaylistError::TooLarge));
}
