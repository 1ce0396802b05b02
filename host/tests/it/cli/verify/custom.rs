//! URLs that carry a policy: its grammar, its times and its addresses.

use super::request::{EXPIRES, HOST, NOW, custom, judge, plain, with_policy};

fn url() -> String {
    format!("{HOST}/v/a.mp4")
}

const UNTIL: &str = r#""DateLessThan":{"AWS:EpochTime":1767290400}"#;

#[test]
fn the_grammar_is_the_documented_one() {
    let good = custom(&url(), UNTIL);
    let ordered = format!(
        r#""IpAddress":{{"AWS:SourceIp":"0.0.0.0/0"}},"DateGreaterThan":{{"AWS:EpochTime":1}},{UNTIL}"#
    );
    let two = good.replace("}]}", r#"},{"Resource":"*","Condition":{}}]}"#);
    assert_ne!(two, good);
    for (name, policy, expected) in [
        ("as documented", good.clone(), "allow"),
        (
            "a space, as Java writes it",
            good.replace("\"Statement\":[", "\"Statement\": ["),
            "allow",
        ),
        ("lines, as the guide shows it", good.replace('{', "{\r\n  "), "allow"),
        ("a line end", format!("{good}\n"), "allow"),
        ("another order", custom(&url(), &ordered), "allow"),
        ("two statements", two, "MalformedPolicy"),
        ("no list", good.replace(['[', ']'], ""), "MalformedPolicy"),
        ("lower case", good.replace("DateLessThan", "datelessthan"), "MalformedPolicy"),
        ("no end", custom(&url(), ""), "MalformedPolicy"),
        (
            "one more condition",
            custom(&url(), &format!(r#"{UNTIL},"StringEquals":{{}}"#)),
            "MalformedPolicy",
        ),
        ("a quoted time", good.replace("1767290400", "\"1767290400\""), "MalformedPolicy"),
        ("a fraction", good.replace("1767290400", "1767290400.5"), "MalformedPolicy"),
        ("a negative time", good.replace("1767290400", "-1"), "MalformedPolicy"),
        ("milliseconds", good.replace("1767290400", "1767290400000"), "MalformedPolicy"),
        ("no JSON", "Statement".to_owned(), "MalformedPolicy"),
        ("two times", custom(&url(), &format!("{UNTIL},{UNTIL}")), "MalformedPolicy"),
    ] {
        judge(name, &with_policy(&url(), &policy), &["--ip", "192.0.2.1"], expected);
    }
    let undecodable = with_policy(&url(), &good).replace("Policy=", "Policy=!");
    judge("no base64", &undecodable, &[], "MalformedPolicy");
}

#[test]
fn beside_an_expires_the_policy_decides_unless_strict() {
    let both = format!("{}&Expires=1", with_policy(&url(), &custom(&url(), UNTIL)));
    judge("both", &both, &[], "allow");
    judge("both, strictly", &both, &["--strict"], "AccessDenied");
    let wrong = format!("{}&Policy=e30_", plain(&url()));
    assert_ne!(super::request::verdict(&wrong, &[])["allow"], true);
}

#[test]
fn the_start_is_the_last_second_that_is_denied() {
    let starts = format!(r#"{UNTIL},"DateGreaterThan":{{"AWS:EpochTime":{NOW}}}"#);
    let late = with_policy(&url(), &custom(&url(), &starts));
    for (at, expected) in [
        (NOW - 1, "AccessDenied"),
        (NOW, "AccessDenied"),
        (NOW + 1, "allow"),
        (EXPIRES - 1, "allow"),
        (EXPIRES, "AccessDenied"),
    ] {
        judge("a start", &late, &["--at", &at.to_string()], expected);
    }
    let never = format!(r#"{UNTIL},"DateGreaterThan":{{"AWS:EpochTime":{EXPIRES}}}"#);
    let never = with_policy(&url(), &custom(&url(), &never));
    for at in [EXPIRES - 1, EXPIRES, EXPIRES + 1] {
        judge("no time at all", &never, &["--at", &at.to_string()], "AccessDenied");
    }
}

#[test]
fn an_address_opens_to_that_address_only() {
    for (range, viewer, expected) in [
        (r#""192.0.2.0/24""#, Some("192.0.2.7"), "allow"),
        (r#""192.0.2.0/24""#, Some("192.0.3.7"), "AccessDenied"),
        (r#""192.0.2.0/24""#, Some("2001:db8::1"), "AccessDenied"),
        (r#""192.0.2.0/24""#, None, "AccessDenied"),
        (r#""192.0.2.10/32""#, Some("192.0.2.10"), "allow"),
        (r#""192.0.2.10/32""#, Some("192.0.2.11"), "AccessDenied"),
        (r#""192.0.2.7/24""#, Some("192.0.2.200"), "allow"),
        (r#""0.0.0.0/0""#, Some("203.0.113.9"), "allow"),
        (r#""2001:db8::/32""#, Some("2001:db8::1"), "MalformedPolicy"),
        (r#"["192.0.2.0/25","192.0.2.128/25"]"#, Some("192.0.2.7"), "MalformedPolicy"),
        (r#""192.0.2.0/33""#, Some("192.0.2.7"), "MalformedPolicy"),
    ] {
        let bound = format!(r#"{UNTIL},"IpAddress":{{"AWS:SourceIp":{range}}}"#);
        let url = with_policy(&url(), &custom(&url(), &bound));
        let more = viewer.map_or(vec![], |viewer| vec!["--ip", viewer]);
        judge(&format!("{range} {viewer:?}"), &url, &more, expected);
    }
    let bare = format!(r#"{UNTIL},"IpAddress":{{"AWS:SourceIp":"192.0.2.10"}}"#);
    let bare = with_policy(&url(), &custom(&url(), &bare));
    judge("no slash", &bare, &["--ip", "192.0.2.10"], "allow");
    judge("no slash, strictly", &bare, &["--ip", "192.0.2.10", "--strict"], "MalformedPolicy");
}
