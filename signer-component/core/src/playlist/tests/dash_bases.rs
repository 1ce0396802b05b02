//! Base URLs of MPDs.

use super::dash::rewritten;

#[test]
fn the_mpd_gets_a_base_at_the_distribution() {
    for (given, expected) in [
        ("<Period/>", "<Period/>"),
        (
            "<Period><BaseURL>a/</BaseURL></Period>",
            "<BaseURL>[E]/hls/</BaseURL><Period><BaseURL>a/</BaseURL></Period>",
        ),
        ("<BaseURL>a/</BaseURL>", "<BaseURL>[E]/hls/a/</BaseURL>"),
        ("<BaseURL> ../ </BaseURL>", "<BaseURL> [E]/hls/../ </BaseURL>"),
        ("<BaseURL>/x/</BaseURL>", "<BaseURL>[M]/x/</BaseURL>"),
        ("<BaseURL>//cdn.test/</BaseURL>", "<BaseURL>https://cdn.test/</BaseURL>"),
        ("<BaseURL></BaseURL>", "<BaseURL>[E]/hls/</BaseURL>"),
        ("<BaseURL><![CDATA[a/]]></BaseURL>", "<BaseURL><![CDATA[[E]/hls/a/]]></BaseURL>"),
        ("<BaseURL>https://cdn.test/</BaseURL>", "<BaseURL>https://cdn.test/</BaseURL>"),
        (
            "<BaseURL serviceLocation='b'>a/</BaseURL><BaseURL>c/</BaseURL>",
            "<BaseURL serviceLocation='b'>[E]/hls/a/</BaseURL><BaseURL>[E]/hls/c/</BaseURL>",
        ),
        // Nothing for us.
        ("<BaseURL/>", "<BaseURL/>"),
        ("<BaseURL>a<!-- b --></BaseURL>", "<BaseURL>a<!-- b --></BaseURL>"),
        ("<BaseURL>#a</BaseURL>", "<BaseURL>#a</BaseURL>"),
        ("<BaseURL>a\\b</BaseURL>", "<BaseURL>a\\b</BaseURL>"),
    ] {
        assert_eq!(rewritten(given), expected);
    }
}

/// Whether the segments of a representation are signed, given base URLs on the four levels.
fn signs(bases: [&str; 4]) -> bool {
    let [mpd, period, set, representation] = bases;
    let output = rewritten(&format!(
        "{mpd}<Period>{period}<AdaptationSet>{set}<Representation id='v'>{representation}\
         <SegmentTemplate media='$Number$'/></Representation></AdaptationSet></Period>"
    ));
    assert_eq!(output.matches("?S").count(), usize::from(output.contains("'$Number$?S'")));
    output.contains("'$Number$?S'")
}

#[test]
fn whatever_a_player_may_take_must_be_ours() {
    let ours = "<BaseURL>https://media.example.com/content/s/e/</BaseURL>";
    let outside = "<BaseURL>https://media.example.com/content/s/</BaseURL>";
    let foreign = "<BaseURL>https://cdn.test/content/s/e/</BaseURL>";
    for (bases, expected) in [
        (["", "", "", ""], true),
        ([ours, "", "", ""], true),
        ([foreign, "", "", ""], false),
        ([outside, "", "", ""], false),
        ([outside, "", "<BaseURL>e/</BaseURL>", ""], true),
        ([foreign, ours, "", ""], true),
        ([ours, "", "", foreign], false),
        ([ours, "", "<BaseURL>a/</BaseURL>", "<BaseURL>b/</BaseURL>"], true),
        ([ours, "", "<BaseURL>../</BaseURL>", "<BaseURL>e/</BaseURL>"], true),
        ([ours, "", "<BaseURL>../</BaseURL>", "<BaseURL>f/</BaseURL>"], false),
        ([foreign, "", "<BaseURL>/content/s/e/</BaseURL>", ""], false),
        ([ours, "", "<BaseURL>/content/s/e/</BaseURL>", ""], true),
        ([ours, "", "<BaseURL>//cdn.test/</BaseURL>", ""], false),
        (["<BaseURL/>", "", "", ""], false),
        ([ours, "<BaseURL>&#x2f;&#47;cdn.test/</BaseURL>", "", ""], false),
        ([ours, "<BaseURL>&x;</BaseURL>", "", ""], false),
        // Blanks that only a decoder of entities sees.
        ([ours, "<BaseURL>&#32;https://cdn.test/content/s/e/</BaseURL>", "", ""], false),
        ([ours, "<BaseURL>&#x20;//cdn.test/content/s/e/</BaseURL>", "", ""], false),
        ([ours, "<BaseURL>\u{a0}https://cdn.test/content/s/e/</BaseURL>", "", ""], false),
        ([ours, "<BaseURL><![CDATA[\u{feff}//cdn.test/content/s/e/]]></BaseURL>", "", ""], false),
        (["<BaseURL>&#32;https://cdn.test/</BaseURL>", "", "", ""], false),
        ([ours, "<BaseURL>ht<!-- -->tps://cdn.test/</BaseURL>", "", ""], false),
    ] {
        assert_eq!(signs(bases), expected, "{bases:?}");
    }
    let both = format!("{ours}{foreign}");
    assert!(!signs([&both, "", "", ""]));
    assert!(!signs(["", "", "", &both]));
    assert!(signs([&both, "", ours, ""]));
    assert!(signs([&format!("{ours}{ours}"), "", "", ""]));
}

#[test]
fn a_template_is_used_by_everything_below_it() {
    let set = |first: &str, second: &str, id: &str, template: &str| {
        format!(
            "<BaseURL>https://media.example.com/content/s/e/</BaseURL><Period><SegmentTemplate media='{template}'/>\
             <AdaptationSet><Representation id='a'>{first}</Representation></AdaptationSet>\
             <AdaptationSet>{second}<Representation id='{id}'/></AdaptationSet></Period>"
        )
    };
    let foreign = "<BaseURL>https://cdn.test/</BaseURL>";
    for (first, second, id, template, expected) in [
        ("", "", "b", "$RepresentationID$/$Number$", true),
        ("<BaseURL>x/</BaseURL>", "<BaseURL>y/</BaseURL>", "b", "$Number$", true),
        (foreign, "", "b", "$Number$", false),
        ("", foreign, "b", "$Number$", false),
        ("", foreign, "b", "https://media.example.com/content/s/e/$Number$", true),
        ("", "", "../b", "$RepresentationID$/$Number$", false),
        ("", "", "../b", "$Number$", true),
        ("", "", "video/avc1/1", "$RepresentationID$/seg-$Number$.m4s", true),
        ("", "", "video//1", "$RepresentationID$/seg-$Number$.m4s", false),
        ("", "", "/video/1", "$RepresentationID$/seg-$Number$.m4s", false),
        ("", "", "video/../1", "$RepresentationID$/seg-$Number$.m4s", false),
        ("", "", "b", "/content/$RepresentationID$/../s/e/$Number$", true),
        ("", "", "b/c", "/content/$RepresentationID$/../s/e/$Number$", false),
        ("", "", "b/c", "$RepresentationID$/../$Number$", true),
        ("", "", "b&amp;", "$RepresentationID$", false),
    ] {
        let output = rewritten(&set(first, second, id, template));
        assert_eq!(output.contains("?S"), expected, "{output}");
    }
}

#[test]
fn a_base_url_that_is_played_is_signed() {
    let around = |mpd: &str, representation: &str| {
        format!(
            "{mpd}<Period><AdaptationSet><Representation>{representation}</Representation></AdaptationSet></Period>"
        )
    };
    let base = |text: &str| format!("<BaseURL>{text}</BaseURL>");
    let root = base("https://media.example.com/content/s/e/");
    for (given, expected, segments) in [
        ("a.mp4", "a.mp4?S", ""),
        ("a.mp4?b=c", "a.mp4?b=c&amp;S", "<SegmentBase indexRange='0-1'/>"),
        ("a.mp4", "a.mp4?S", "<SegmentBase><Initialization range='0-1'/></SegmentBase>"),
        ("a.mp4", "a.mp4?S", "<SegmentList><SegmentURL mediaRange='0-1'/></SegmentList>"),
        ("a/", "a/", "<SegmentList><SegmentURL media='https://cdn.test/'/></SegmentList>"),
        ("a/", "a/", "<SegmentTemplate media='https://cdn.test/'/>"),
        (
            "a.mp4",
            "a.mp4?S",
            "<SegmentTemplate media='https://cdn.test/'><Initialization range='0-1'/></SegmentTemplate>",
        ),
        ("../../a.mp4", "../../a.mp4", ""),
        ("a/", "a/", ""),
        ("https://cdn.test/a.mp4", "https://cdn.test/a.mp4", ""),
        ("a.mp4?Signature=x", "a.mp4?Signature=x", ""),
        ("&#32;https://cdn.test/a.mp4", "&#32;https://cdn.test/a.mp4", ""),
        ("a.mp4&#32;", "a.mp4&#32;", ""),
    ] {
        let text = around(&root, &format!("{}{segments}", base(given)));
        let expected = around(&base("[E]/"), &format!("{}{segments}", base(expected)));
        assert_eq!(rewritten(&text), expected);
    }
    // With one foreign base it might be asked of that.
    let both = format!("{root}{}", base("https://cdn.test/"));
    assert!(!rewritten(&around(&both, &base("a.mp4"))).contains("?S"));
    // Several, and one that is further out.
    let several = around(&root, &format!("{}{}", base("a.mp4"), base("https://cdn.test/a.mp4")));
    assert_eq!(rewritten(&several).matches("?S").count(), 1);
    let outer = rewritten(
        "<Period><AdaptationSet><BaseURL>a.mp4</BaseURL><Representation><SegmentBase/></Representation></AdaptationSet></Period>",
    );
    assert!(outer.contains("<BaseURL>a.mp4?S</BaseURL>"), "{outer}");
    let whole = rewritten(
        "<BaseURL>a.mp4</BaseURL><Period><AdaptationSet><Representation/></AdaptationSet></Period>",
    );
    assert!(whole.starts_with("<BaseURL>[E]/hls/a.mp4?S</BaseURL>"), "{whole}");
}
