//! Every mistake of a table is found in one reading, under its dotted path, without its value.

use std::path::Path;

use super::*;

fn section(path: &str, text: &str) -> Section {
    Section::new(path, toml::from_str(text).expect("the test writes TOML"))
}

fn lines(section: Section) -> Vec<String> {
    section.finish().iter().map(ToString::to_string).collect()
}

#[test]
fn values_are_taken_and_leave_no_mistake() {
    let text = r#"
        name = "a"
        file = "keys/a.pem"
        absolute = "/etc/a.pem"
        count = 3
        flag = true
        mode = "held"
        list = ["x", "y"]
        [inner]
        file = "b"
        [[rows]]
        file = "c"
    "#;
    let mut it = section("top", text).based_on("/base");
    assert_eq!(it.text("name").as_deref(), Some("a"));
    assert_eq!(it.required_path("file"), Path::new("/base/keys/a.pem"));
    assert_eq!(it.optional_path("absolute").as_deref(), Some(Path::new("/etc/a.pem")));
    assert_eq!(it.optional_path("nothing"), None);
    assert_eq!(it.integer("count", 1..=9, 5), 3);
    assert_eq!(it.integer("other-count", 1..=9, 5), 5);
    assert!(it.boolean("flag", false));
    assert_eq!(it.choice("mode", &[("held", 1), ("revealed", 2)], 2), 1);
    assert_eq!(it.texts("list"), ["x", "y"]);
    let mut inner = it.section("inner").expect("there");
    assert_eq!(inner.required_path("file"), Path::new("/base/b"));
    it.absorb(inner);
    for mut row in it.sections("rows") {
        assert_eq!(row.path(), "top.rows[0]");
        assert_eq!(row.required_path("file"), Path::new("/base/c"));
        it.absorb(row);
    }
    assert_eq!(lines(it), Vec::<String>::new());
}

#[test]
fn all_mistakes_are_collected() {
    let text = r#"
        name = 5
        count = 300
        below = -1
        flag = "yes"
        mode = "sold"
        list = ["x", 7]
        empty = ""
        tabel = 1
        [[behaviours]]
        path = "a"
        [[behaviours]]
        path = 4
        colour = "red"
    "#;
    let mut it = section("edge", text);
    it.text("name");
    it.integer("count", 1..=100, 3);
    it.integer("below", 1..=u64::MAX, 3);
    it.boolean("flag", false);
    it.choice("mode", &[("held", 1), ("revealed", 2)], 1);
    it.texts("list");
    it.required_text("empty");
    it.required_path("root");
    it.text("table");
    for mut row in it.sections("behaviours") {
        row.required_text("path");
        it.absorb(row);
    }
    assert_eq!(
        lines(it),
        [
            "edge.name: must be a text, not a whole number",
            "edge.count: must be between 1 and 100",
            "edge.below: must be at least 1",
            "edge.flag: must be true or false, not a text",
            "edge.mode: must be one of `held`, `revealed`",
            "edge.list[1]: must be a text, not a whole number",
            "edge.empty: must not be empty",
            "edge.root: is required: a text",
            "edge.behaviours[1].path: must be a text, not a whole number",
            "edge.behaviours[1].colour: unknown key; known here: `path`",
            "edge.tabel: unknown key; did you mean `table`?",
        ]
    );
}

#[test]
fn the_root_has_no_leading_dot() {
    let mut it = section("", "gatewya = 1");
    assert!(it.section("gateway").is_none());
    assert_eq!(lines(it), ["gatewya: unknown key; did you mean `gateway`?"]);
}

#[test]
fn slips_are_recognised() {
    for (written, expected) in [
        ("max_devices", Some("max-devices")),
        ("Max-Devices", Some("max-devices")),
        ("max-device", Some("max-devices")),
        ("maxdevices", Some("max-devices")),
        ("tll", Some("ttl")),
        ("shceme", Some("scheme")),
        ("paht", Some("path")),
        ("xpath", Some("path")),
        ("colour", None),
        ("x", None),
    ] {
        let names = ["max-devices", "ttl", "scheme", "path"];
        assert_eq!(suggestion::nearest(written, names.into_iter()), expected, "{written}");
    }
}

#[test]
fn durations() {
    for (text, expected) in [
        ("900", Some(900)),
        ("\"900\"", Some(900)),
        ("\"90s\"", Some(90)),
        ("\"15m\"", Some(900)),
        ("\"15 m\"", Some(900)),
        ("\"1h\"", Some(3_600)),
        ("\"1d\"", Some(86_400)),
        ("\"\"", None),
        ("\"m\"", None),
        ("\"-5m\"", None),
        ("\"1.5h\"", None),
        ("\"5 weeks\"", None),
        ("\"99999999999999999999s\"", None),
        ("\"99999999999999999d\"", None),
        ("\"8d\"", None),
        ("1.5", None),
        ("-5", None),
    ] {
        let mut it = section("policy", &format!("ttl = {text}"));
        assert_eq!(it.seconds("ttl", 60..=604_800, 77), expected.unwrap_or(77), "{text}");
        assert_eq!(it.finish().is_empty(), expected.is_some(), "{text}");
    }
}

#[test]
fn sizes() {
    for (text, expected) in [
        ("10", Some(10)),
        ("\"10B\"", Some(10)),
        ("\"2kB\"", Some(2_000)),
        ("\"2KiB\"", Some(2_048)),
        ("\"64MiB\"", Some(67_108_864)),
        ("\"1GiB\"", Some(1_073_741_824)),
        ("\"1TiB\"", None),
        ("\"64mib\"", None),
    ] {
        let mut it = section("edge", &format!("cache = {text}"));
        assert_eq!(it.bytes("cache", 0..=u64::MAX, 77), expected.unwrap_or(77), "{text}");
        assert_eq!(it.finish().is_empty(), expected.is_some(), "{text}");
    }
}

#[test]
fn values_stay_out_of_mistakes_and_debug() {
    let text =
        "a = \"hunter2\"\nb = \"hunter2\"\nc = \"hunter2\"\nd = [\"hunter2\"]\ne = \"hunter2\"";
    let mut it = section("auth", text);
    it.integer("a", 1..=2, 1);
    it.seconds("b", 1..=2, 1);
    it.choice("c", &[("x", 1)], 1);
    it.sections("d");
    let debug = format!("{it:?}");
    let all = lines(it).join("\n");
    assert_eq!(all.lines().count(), 5, "{all}");
    assert!(!all.contains("hunter2"), "{all}");
    assert!(!debug.contains("hunter2"), "{debug}");
}

#[test]
fn rest_is_not_unknown() {
    let mut it = section("policy", "a = 1\nb = 2");
    it.integer("a", 0..=1, 0);
    assert_eq!(it.rest().len(), 1);
    assert_eq!(lines(it), Vec::<String>::new());
}
