//! Configurations that CloudFront would refuse are refused here.

use tollgate::edge::Edge;

use super::scene::{keys_and_objects, read, sign};

#[test]
fn more_than_five_keys_in_a_group_are_refused() {
    let keys = |count: usize| {
        (0..count).map(|n| format!("K{n} = \"p256.public.pem\"")).collect::<Vec<_>>().join(", ")
    };
    for (count, taken) in [(0, false), (1, true), (5, true), (6, false)] {
        let text = configuration(&format!("g = {{ {} }}", keys(count)), "[\"g\"]");
        refused_or_not(&text, taken, "edge.key-groups.g", "1 to 5 public keys");
    }
}

#[test]
fn more_than_four_groups_on_a_behavior_are_refused() {
    let groups: String =
        (0..5).map(|n| format!("g{n} = {{ K{n} = \"p256.public.pem\" }}\n")).collect();
    for (names, taken) in
        [(r#"["g0", "g1", "g2", "g3"]"#, true), (r#"["g0", "g1", "g2", "g3", "g4"]"#, false)]
    {
        let text = configuration(&groups, names);
        refused_or_not(&text, taken, "trusted-key-groups", "at most 4 groups");
    }
}

#[test]
fn a_group_that_nobody_defined_is_not_taken_for_a_public_behavior() {
    let text = configuration("g = { K1 = \"p256.public.pem\" }", "[\"h\"]");
    refused_or_not(&text, false, "trusted-key-groups", "names of `edge.key-groups`");
}

#[tokio::test]
async fn only_rsa_2048_and_p256_public_keys_are_taken() {
    for (file, taken) in [
        ("rsa-2048.public.pem", true),
        ("p256.public.pem", true),
        ("rsa-1024.public.pem", false),
        ("rsa-3072.public.pem", false),
        ("rsa-4096.public.pem", false),
        ("p384.public.pem", false),
        ("objects", false),
        ("missing.pem", false),
    ] {
        let folder = keys_and_objects();
        let text = configuration(&format!("g = {{ K1 = {file:?} }}"), "[\"g\"]");
        let table = read(folder.path(), &text).unwrap();
        match Edge::open(table.settings, sign::component()).await {
            Ok(_) => assert!(taken, "{file}"),
            Err(mistakes) => {
                assert!(!taken, "{file}: {mistakes:?}");
                let keys: Vec<&str> = mistakes.iter().map(|found| found.key.as_str()).collect();
                assert_eq!(keys, ["edge.key-groups.g.K1"], "{file}");
            }
        }
    }
}

#[tokio::test]
async fn one_id_with_two_keys_is_refused() {
    // Ids are unique in an account, and it would be a guess which of the two is meant.
    for (other, taken) in [("p256.public.pem", true), ("rsa-2048.public.pem", false)] {
        let folder = keys_and_objects();
        let groups = format!("g = {{ K1 = \"p256.public.pem\" }}\nh = {{ K1 = {other:?} }}");
        let table = read(folder.path(), &configuration(&groups, "[\"g\", \"h\"]")).unwrap();
        match Edge::open(table.settings, sign::component()).await {
            Ok(_) => assert!(taken, "{other}"),
            Err(mistakes) => {
                assert!(!taken, "{mistakes:?}");
                assert_eq!(mistakes[0].key, "edge.key-groups.h.K1");
            }
        }
    }
}

#[tokio::test]
async fn one_key_in_two_files_that_differ_in_nothing_but_line_ends_is_one_key() {
    let folder = keys_and_objects();
    let text = std::fs::read_to_string(sign::testdata("p256.public.pem")).unwrap();
    for (name, text) in
        [("crlf.pem", text.replace('\n', "\r\n")), ("unended.pem", text.trim_end().to_owned())]
    {
        std::fs::write(folder.path().join(name), text).unwrap();
        let groups = format!("g = {{ K1 = \"p256.public.pem\" }}\nh = {{ K1 = {name:?} }}");
        let table = read(folder.path(), &configuration(&groups, "[\"g\", \"h\"]")).unwrap();
        let opened = Edge::open(table.settings, sign::component()).await;
        assert!(opened.is_ok(), "{name}: {:?}", opened.err());
    }
}

#[tokio::test]
async fn a_private_key_where_a_public_one_belongs_is_refused_without_being_shown() {
    let folder = keys_and_objects();
    std::fs::copy(sign::testdata("p256.pkcs8.pem"), folder.path().join("private.pem")).unwrap();
    let text = configuration("g = { K1 = \"private.pem\" }", "[\"g\"]");
    let table = read(folder.path(), &text).unwrap();
    let mistakes = Edge::open(table.settings, sign::component()).await.err().unwrap();
    let secret = sign::private("p256");
    let line = secret.lines().nth(1).unwrap();
    assert!(!format!("{mistakes:?}").contains(&line[..16]));
}

fn refused_or_not(text: &str, taken: bool, key: &str, rule: &str) {
    let folder = keys_and_objects();
    match read(folder.path(), text) {
        Ok(_) => assert!(taken, "{text}"),
        Err(mistakes) => {
            assert!(!taken, "{mistakes}");
            assert!(mistakes.contains(key) && mistakes.contains(rule), "{mistakes}");
        }
    }
}

fn configuration(groups: &str, trusted: &str) -> String {
    format!(
        r#"
        [[edge.origins]]
        name = "objects"
        type = "folder"
        path = "objects"
        [[edge.behaviors]]
        path-pattern = "*"
        origin = "objects"
        trusted-key-groups = {trusted}
        [edge.key-groups]
        {groups}
        "#
    )
}
