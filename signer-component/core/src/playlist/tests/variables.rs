//! Variables of HLS.

use super::{places, short};
use crate::playlist::{Places, PlaylistError, needs_imports, rewrite_hls};

fn rewritten(text: &str, query: Option<&str>, imports: Option<&str>) -> String {
    let places = Places { query, ..places() };
    let output = rewrite_hls(&format!("#EXTM3U\n{text}"), &places, imports).unwrap();
    short(output.rsplit_once('\n').unwrap().1)
}

#[test]
fn what_a_variable_stands_for_decides() {
    for (define, uri, expected) in [
        ("NAME=\"a\",VALUE=\"x/\"", "{$a}b", "[E]/hls/{$a}b?S"),
        ("NAME=\"a\",VALUE=\"\"", "{$a}b", "[E]/hls/{$a}b?S"),
        ("NAME=\"a\",VALUE=\"?q\"", "b{$a}", "[E]/hls/b{$a}&S"),
        ("NAME=\"a\",VALUE=\"#f\"", "b{$a}", "[E]/hls/b?S{$a}"),
        ("NAME=\"a\",VALUE=\"x#f\"", "b{$a}", "[E]/hls/bx?S#f"),
        ("NAME=\"a\",VALUE=\"/content/s/e/\"", "{$a}b", "[E]/b?S"),
        ("NAME=\"a\",VALUE=\"https://media.example.com/content/s/e\"", "{$a}/b", "[E]/b?S"),
        ("NAME=\"a\",VALUE=\"https://cdn.test\"", "{$a}/content/s/e/b", "{$a}/content/s/e/b"),
        (
            "NAME=\"a\",VALUE=\".evil.test\"",
            "https://media.example.com{$a}/content/s/e/b",
            "[M]{$a}/content/s/e/b",
        ),
        ("NAME=\"a\",VALUE=\"..\"", "{$a}/{$a}/b", "[E]/hls/{$a}/{$a}/b"),
        ("NAME=\"a\",VALUE=\"Policy\"", "b?{$a}=x", "[E]/hls/b?{$a}=x"),
        // No one certain value.
        ("NAME=\"b\",VALUE=\"x\"", "{$a}b", "{$a}b"),
        ("NAME=\"a\",VALUE=\"{$a}\"", "{$a}b", "{$a}b"),
        ("NAME=\"a\",VALUE=\"x\"\n#EXT-X-DEFINE:NAME=\"a\",VALUE=\"y\"", "{$a}b", "{$a}b"),
        ("NAME=\"a\",VALUE=\"x\"", "{$a b", "{$a b"),
        ("NAME=a,VALUE=\"x\"", "{$a}b", "{$a}b"),
        ("IMPORT=\"a\"", "{$a}b", "{$a}b"),
        ("QUERYPARAM=\"a\"", "{$a}b", "{$a}b"),
    ] {
        let text = format!("#EXT-X-DEFINE:{define}\n#EXTINF:1,\n{uri}");
        assert_eq!(rewritten(&text, None, None), expected, "{define} {uri}");
        let text = format!("#EXT-X-DEFINE:{define}\n#EXT-X-KEY:URI=\"{uri}\"");
        assert_eq!(rewritten(&text, None, None), format!("#EXT-X-KEY:URI=\"{expected}\""));
    }
    // It is defined too late, and without quotes there are no variables.
    let late = "#EXT-X-KEY:URI=\"{$a}b\"";
    assert_eq!(rewritten(late, None, None), late);
    let bare = "#EXT-X-DEFINE:NAME=\"a\",VALUE=\",x\"\n#EXT-X-KEY:URI={$a}b";
    assert_eq!(rewritten(bare, None, None), "#EXT-X-KEY:URI={$a}b");
}

#[test]
fn the_origin_of_a_nested_playlist_gives_way_wherever_it_stands() {
    for (value, uri, expected) in [
        ("https://media.example.com", "{$a}/content/s/e/b", "[NE]/b?L"),
        ("https://media.example.com/content/s", "{$a}/e/b", "[NE]/b?L"),
        ("s", "https://media.example.com/content/{$a}/e/b", "[N]/content/{$a}/e/b?L"),
        ("x", "{$a}.m3u8", "[NE]/hls/{$a}.m3u8?L"),
    ] {
        let text =
            format!("#EXT-X-DEFINE:NAME=\"a\",VALUE=\"{value}\"\n#EXT-X-STREAM-INF:X\n{uri}");
        assert_eq!(rewritten(&text, None, None), expected, "{value} {uri}");
    }
}

#[test]
fn who_knows_no_variables_is_not_led_to_another_host() {
    for (value, uri, expected) in [
        ("media.example.com/content/s/e/", "https://{$a}@evil.test/x", "[E]/@evil.test/x?S"),
        ("media.example.com/content/s/e/", "//{$a}@evil.test/x", "[E]/@evil.test/x?S"),
        ("media.example.com/content/s/e/", "https://{$a}.evil.test/x", "[E]/.evil.test/x?S"),
        ("//media.example.com/content/s/e/", "https:{$a}evil.test/x", "[E]/evil.test/x?S"),
        ("/content/s/e/", "{$a}@evil.test/x", "[E]/@evil.test/x?S"),
        ("/content/s/e/", "{$a}.evil.test/x", "[E]/.evil.test/x?S"),
        ("/content/s/e/", "https://media.example.com{$a}@evil.test/x", "[E]/@evil.test/x?S"),
        ("/media.example.com/content/s/e/", "/{$a}b", "[E]/b?S"),
        ("media.example.com", "https://{$a}/content/s/e/b", "[E]/b?S"),
        ("media.example.com", "//{$a}/content/s/e/b?c", "[E]/b?c&S"),
        ("ps", "htt{$a}://media.example.com/content/s/e/b", "[E]/b?S"),
        ("/content/s/e/", "/{$a}b", "https:/{$a}b"),
        ("e", "/content/s/{$a}/b", "[M]/content/s/{$a}/b?S"),
        (
            "",
            "https://media.example.com{$a}@evil.test/content/s/e/",
            "[M]{$a}@evil.test/content/s/e/",
        ),
    ] {
        let define = format!("#EXT-X-DEFINE:NAME=\"a\",VALUE=\"{value}\"\n");
        let text = format!("{define}#EXTINF:1,\n{uri}");
        assert_eq!(rewritten(&text, None, None), expected, "{value} {uri}");
    }
    let at_the_root = Places { nested: "https://api.example.com/", ..places() };
    let text = "#EXTM3U\n#EXT-X-DEFINE:NAME=\"a\",VALUE=\"/content/s/e/\"\n#EXT-X-STREAM-INF:X\n\
                https://media.example.com{$a}@evil.test/x";
    let output = rewrite_hls(text, &at_the_root, None).unwrap();
    assert!(
        short(&output).ends_with("\nhttps://api.example.com/content/s/e/@evil.test/x?L"),
        "{output}"
    );
}

#[test]
fn variables_come_from_the_query_and_from_the_multivariant_playlist() {
    let query = "#EXT-X-DEFINE:QUERYPARAM=\"a\"\n{$a}b";
    for (given, expected) in [
        ("a=x/&b=y", "[E]/hls/{$a}b?S"),
        ("a", "[E]/hls/{$a}b?S"),
        ("%61=x", "[E]/hls/{$a}b?S"),
        ("a=https://cdn.test/", "{$a}b"),
        // Players decode, or do not; take the first, or the last.
        ("a=%2e%2e", "{$a}b"),
        ("a=x+y", "{$a}b"),
        // It would end a quoted text.
        ("a=x\"", "{$a}b"),
        ("a=x&a=y", "{$a}b"),
        ("b=x", "{$a}b"),
    ] {
        assert_eq!(rewritten(query, Some(given), None), expected, "{given}");
    }
    let import = "#EXT-X-DEFINE:IMPORT=\"a\"\n{$a}b";
    assert!(needs_imports(import) && !needs_imports(query) && !needs_imports("a,IMPORT=\"b\""));
    for (multivariant, expected) in [
        ("#EXT-X-DEFINE:NAME=\"a\",VALUE=\"x/\"\n", "[E]/hls/{$a}b?S"),
        ("#EXT-X-DEFINE:NAME=\"a\",VALUE=\"//cdn.test/\"\r\n", "https:{$a}b"),
        ("#EXT-X-DEFINE:QUERYPARAM=\"a\"", "{$a}b"),
        ("#EXT-X-DEFINE:IMPORT=\"a\"", "{$a}b"),
        ("#EXT-X-DEFINE:NAME=\"b\",VALUE=\"x/\"\n", "{$a}b"),
    ] {
        assert_eq!(rewritten(import, Some("a=q"), Some(multivariant)), expected, "{multivariant}");
    }
}

#[test]
fn the_links_own_parameters_are_no_variables() {
    for name in ["Policy", "Signature", "Key-Pair-Id", "Expires", "Hash-Algorithm", "Pol%69cy"] {
        let text = format!("#EXTM3U\n#EXT-X-DEFINE:QUERYPARAM=\"{name}\"\n");
        let answer = rewrite_hls(&text, &places(), None);
        assert!(matches!(answer, Err(PlaylistError::Malformed { line: 2, .. })), "{answer:?}");
    }
}
