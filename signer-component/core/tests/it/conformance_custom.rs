//! Research section 5.4: custom policies and addresses.

use tollgate_core::cloudfront::{Code::*, Reason, Reason::*, verify::Statement};

use crate::support::*;

fn signed(policy: &str) -> String {
    Parts::custom(policy).on(&at_d8("/a.mp4"))
}

fn malformed(number: &'static str, policy: &str, reason: Reason) -> Row {
    Row::deny(number, signed(policy), MalformedPolicy, reason)
}

pub fn rows() -> Vec<Row> {
    let url = at_d8("/a.mp4");
    let plain = custom_policy(&url, "");
    let statement = &plain[r#"{"Statement":["#.len()..plain.len() - 2];
    let pretty = plain.replace('{', "{\r\n  ").replace('}', "\r\n}").replace(':', " : ");
    let pretty = pretty.replace("https : ", "https:").replace("AWS : ", "AWS:");
    let go_order = format!(
        r#"{{"Statement":[{{"Resource":"{url}","Condition":{{"IpAddress":{{"AWS:SourceIp":"192.0.2.0/24"}},"DateGreaterThan":{{"AWS:EpochTime":1}},"DateLessThan":{{"AWS:EpochTime":{EXP}}}}}}}]}}"#
    );
    let equals = r#","StringEquals":{"aws:Referer":"x"}"#;
    vec![
        Row::allow("76", signed(&plain)),
        Row::allow("77", signed(&plain.replacen(":[", ": [", 1))),
        Row::allow("77b", signed(&pretty)),
        Row::allow("78", signed(&format!("{plain}\n"))),
        Row::allow("80", signed(&go_order)),
        malformed(
            "81",
            &format!(r#"{{"Statement":[{statement},{statement}]}}"#),
            MoreThanOneStatement,
        ),
        malformed("82", &format!(r#"{{"Statement":{statement}}}"#), PolicyShape),
        malformed("84", &plain.replace("DateLessThan", "datelessthan"), UnknownPolicyKey),
        malformed("84b", &plain.replace("AWS:EpochTime", "EpochTime"), UnknownPolicyKey),
        malformed("85", &custom_policy(&url, equals), UnknownPolicyKey),
        Row::allow("86", signed(&ip_policy("192.0.2.0/24"))).viewer("192.0.2.7"),
        Row::allow("88", signed(&ip_policy("192.0.2.10/32"))).viewer("192.0.2.10"),
        Row::deny("88b", signed(&ip_policy("192.0.2.10/32")), AccessDenied, IpMismatch)
            .viewer("192.0.2.11"),
        Row::allow("89", signed(&ip_policy("192.0.2.10"))).viewer("192.0.2.10"),
        Row::deny("89b", signed(&ip_policy("192.0.2.10")), AccessDenied, IpMismatch)
            .viewer("192.0.2.11"),
        malformed("89c", &ip_policy("192.0.2.10"), IpWithoutSlash).viewer("192.0.2.10").strict(),
        Row::allow("90", signed(&ip_policy("0.0.0.0/0"))).viewer("203.0.113.200"),
        malformed("92", &ip_policy("2001:db8::/32"), IpNotIpv4Range),
        malformed(
            "93",
            &ip_policy("A").replace("\"A\"", r#"["192.0.2.0/24","198.51.100.0/24"]"#),
            IpNotIpv4Range,
        ),
        Row::allow("94", signed(&ip_policy("192.0.2.7/24"))).viewer("192.0.2.200"),
        Row::deny("94b", signed(&ip_policy("192.0.2.7/24")), AccessDenied, IpMismatch)
            .viewer("192.0.3.7"),
    ]
}

/// Rows the research does not list: the shape of the document.
pub fn own_rows() -> Vec<Row> {
    let url = at_d8("/a.mp4");
    let plain = custom_policy(&url, "");
    let inside = |from: &str, to: &str| {
        assert!(plain.contains(from), "{from}");
        plain.replacen(from, to, 1)
    };
    let unsigned_change = Parts::custom(&plain)
        .with("Policy", base64(custom_policy(&at_d8("/*"), "").as_bytes()))
        .on(&url);
    let end = format!(r#""DateLessThan":{{"AWS:EpochTime":{EXP}}}"#);
    let resource = format!(r#""Resource":"{url}","#);
    vec![
        Row::deny("X60", unsigned_change, AccessDenied, SignatureMismatch),
        // Without `Resource` the policy opens everything.
        Row::allow("X61", Parts::custom(&inside(&resource, "")).on("http://www.example.com/b?c=d")),
        malformed("X61b", &inside(&format!("\"{url}\""), "null"), PolicyShape),
        malformed("X61c", &inside(&format!("\"{url}\""), &format!("[\"{url}\"]")), PolicyShape),
        malformed("X61d", &inside(&url, ""), ResourceNotAPattern),
        malformed("X61e", &inside(&url, "/a.mp4"), ResourceNotAPattern),
        malformed("X61f", &inside(&url, D8), ResourceNotAPattern),
        // A key twice: two readers could take two different ones.
        malformed("X62", &inside(&resource, &format!("{resource}{resource}")), DuplicatePolicyKey),
        malformed("X62b", &inside(&end, &format!("{end},{end}")), DuplicatePolicyKey),
        malformed(
            "X62c",
            &inside(r#"{"Statement""#, r#"{"Statement":[],"Statement""#),
            DuplicatePolicyKey,
        ),
        malformed(
            "X62d",
            &inside(&end, &end.replace('}', r#","AWS:EpochTime":1}"#)),
            DuplicatePolicyKey,
        ),
        malformed(
            "X62e",
            &inside(&end, &format!(r#"{end},"DateLess\u0054han":{{"AWS:EpochTime":9}}"#)),
            DuplicatePolicyKey,
        ),
        // Nothing unknown is overlooked.
        malformed(
            "X63",
            &inside(r#"{"Statement""#, r#"{"Version":"2012-10-17","Statement""#),
            UnknownPolicyKey,
        ),
        malformed(
            "X63b",
            &inside(r#""Resource""#, r#""Effect":"Deny","Resource""#),
            UnknownPolicyKey,
        ),
        malformed(
            "X63c",
            &inside(r#""Resource""#, r#""NotResource":"*","Resource""#),
            UnknownPolicyKey,
        ),
        malformed(
            "X63d",
            &inside(&end, &end.replace('}', r#","AWS:CurrentTime":1}"#)),
            UnknownPolicyKey,
        ),
        malformed(
            "X63e",
            &ip_policy("192.0.2.0/24").replace("AWS:SourceIp", "aws:SourceIp"),
            UnknownPolicyKey,
        ),
        // What must be there is there.
        malformed("X64", &inside(&end, ""), NoDateLessThan),
        malformed("X64b", &inside(&format!(r#","Condition":{{{end}}}"#), ""), NoDateLessThan),
        malformed("X64c", r#"{"Statement":[]}"#, PolicyShape),
        malformed("X64d", "{}", PolicyShape),
        malformed("X64e", &inside(&end, r#""DateLessThan":{}"#), PolicyShape),
        malformed("X64f", &inside(&end, &format!(r#"{end},"IpAddress":{{}}"#)), IpNotIpv4Range),
        // Lists where objects belong, which some JSON libraries take for the same.
        malformed("X65", &format!(r#"{{"Statement":[["{url}",{{{end}}}]]}}"#), PolicyShape),
        malformed(
            "X65b",
            &format!(r#"[[{{"Resource":"{url}","Condition":{{{end}}}}}]]"#),
            PolicyShape,
        ),
        malformed("X65c", &inside(&end, &format!(r#""DateLessThan":[{EXP}]"#)), PolicyShape),
        malformed("X65d", &inside(&end, &format!(r#""DateLessThan":{EXP}"#)), PolicyShape),
        malformed("X65e", "\"Statement\"", PolicyShape),
        // Not JSON, in ways that are easy to send.
        malformed("X66", "", PolicyNotJson),
        malformed("X66b", &format!("{plain}{plain}"), PolicyNotJson),
        malformed("X66c", &format!("\u{feff}{plain}"), PolicyNotJson),
        malformed("X66d", &plain.replace('"', "'"), PolicyNotJson),
        malformed("X66e", &inside("}]}", "},]}"), PolicyNotJson),
        malformed("X66f", &inside(&url, "https://d8/\n"), PolicyNotJson),
        // Bounded, however it is nested.
        malformed("X67", &"[".repeat(10_000), PolicyNotJson),
        malformed("X67b", &format!("{plain}{}", " ".repeat(Statement::MAX_BYTES)), PolicyTooLarge),
        // JSON may escape what it likes; the text it stands for is what counts.
        Row::allow("X68", signed(&inside("/a.mp4", r"\/\u0061.mp4"))),
        Row::allow("X68b", signed(&inside("/a.mp4", r"/a.mp4*"))),
    ]
}

/// Rows the research does not list: addresses.
pub fn own_address_rows() -> Vec<Row> {
    let seen_from = |range: &str, ip| Row::allow("X80", signed(&ip_policy(range))).viewer(ip);
    let denied = |number, range: &str, ip| {
        Row::deny(number, signed(&ip_policy(range)), AccessDenied, IpMismatch).viewer(ip)
    };
    vec![
        seen_from("192.0.2.0/25", "192.0.2.127"),
        denied("X80b", "192.0.2.0/25", "192.0.2.128"),
        seen_from("128.0.0.0/1", "255.255.255.255"),
        denied("X80c", "128.0.0.0/1", "127.255.255.255"),
        // IPv6 never lies in an IPv4 range, unless it only wraps an IPv4 address.
        seen_from("192.0.2.0/24", "::ffff:192.0.2.9"),
        denied("X81", "192.0.2.0/24", "::ffff:192.0.3.9"),
        denied("X81b", "0.0.0.0/0", "2001:db8::1"),
        denied("X81c", "0.0.0.0/0", "::1"),
        // Without an address nothing that is bound to one opens.
        denied("X82", "0.0.0.0/0", "-").without_address(),
        denied("X82b", "0.0.0.0/0", "unknown"),
        denied("X82c", "0.0.0.0/0", "192.0.2.7:443"),
        Row::allow("X82d", signed(&custom_policy(&at_d8("/a.mp4"), ""))).without_address(),
        malformed("X83", &ip_policy("192.0.2.0/33"), IpNotIpv4Range),
        malformed("X83b", &ip_policy("192.0.2.0/"), IpNotIpv4Range),
        malformed("X83c", &ip_policy("192.0.2.0/024"), IpNotIpv4Range),
        malformed("X83d", &ip_policy("192.0.2/24"), IpNotIpv4Range),
        malformed("X83e", &ip_policy("192.0.2.0/255.255.255.0"), IpNotIpv4Range),
        malformed("X83f", &ip_policy(""), IpNotIpv4Range),
        malformed("X83g", &ip_policy(" 192.0.2.0/24"), IpNotIpv4Range),
        malformed("X83h", &ip_policy("192.0.2.0/+24"), IpNotIpv4Range),
        malformed("X83i", &ip_policy("::ffff:192.0.2.0/120"), IpNotIpv4Range),
        malformed("X83j", &ip_policy("192.0.002.0/24"), IpNotIpv4Range),
        malformed("X83k", &ip_policy("192.0.2.0-192.0.2.9"), IpNotIpv4Range),
        malformed("X84", &ip_policy("192.0.2.7/24"), IpHostBits).strict(),
        Row::allow("X84b", signed(&ip_policy("192.0.2.0/24"))).strict(),
        // The order of conditions: time, then address, then URL.
        Row::deny("X85", signed(&ip_policy("198.51.100.0/24")), AccessDenied, Expired).at(EXP),
        Row::deny(
            "X85b",
            Parts::custom(&ip_policy("198.51.100.0/24")).on(&at_d8("/b.mp4")),
            AccessDenied,
            IpMismatch,
        ),
    ]
}

#[test]
fn custom_policies() {
    check(&rows());
    check(&own_rows());
}

#[test]
fn addresses() {
    check(&own_address_rows());
}
