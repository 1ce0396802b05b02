//! Research section 5.3: time and ranges.

use tollgate_core::cloudfront::{Code::*, Reason::*};

use crate::support::*;

pub fn rows() -> Vec<Row> {
    let url = at_d8("/a.mp4");
    let canned = Parts::canned(&url).on(&url);
    let from = |start: u64| {
        let further = format!(r#","DateGreaterThan":{{"AWS:EpochTime":{start}}}"#);
        Parts::custom(&custom_policy(&url, &further)).on(&url)
    };
    let epoch = |epoch: &str| {
        let policy = custom_policy(&url, "").replace(&EXP.to_string(), epoch);
        Parts::custom(&policy).on(&url)
    };
    vec![
        Row::allow("61", &canned).at(EXP - 1),
        Row::deny("62", &canned, AccessDenied, Expired).at(EXP),
        // A body that streams is not a request: it was judged when it was asked for, and is not again.
        Row::allow("64", &canned).at(EXP - 1),
        // Every later request is judged by its own time, also for a part of the same object.
        Row::deny("65", &canned, AccessDenied, Expired).at(EXP + 1),
        Row::deny("66", &canned, AccessDenied, Expired).at(EXP + 60),
        Row::deny("68", from(NOW), AccessDenied, NotYetValid),
        Row::allow("69", from(NOW - 1)),
        Row::deny("70", from(EXP), AccessDenied, NotYetValid).at(EXP - 1),
        Row::deny("70b", from(EXP), AccessDenied, NotYetValid).at(EXP),
        Row::deny("70c", from(EXP), AccessDenied, Expired).at(EXP + 1),
        Row::deny("72", epoch("\"1767290400\""), MalformedPolicy, EpochNotAnInteger),
        Row::deny("73", epoch("1.7e9"), MalformedPolicy, EpochNotAnInteger),
        Row::deny("73b", epoch("-1767290400"), MalformedPolicy, EpochNotAnInteger),
        Row::deny("73c", epoch("1767290400.0"), MalformedPolicy, EpochNotAnInteger),
        Row::allow("74", Parts::canned_until(&url, 4_102_444_800_u64).on(&url)),
    ]
}

/// Rows the research does not list.
pub fn own_rows() -> Vec<Row> {
    let url = at_d8("/a.mp4");
    let epoch = |epoch: &str| {
        let policy = custom_policy(&url, "").replace(&EXP.to_string(), epoch);
        Parts::custom(&policy).on(&url)
    };
    let start = |epoch: &str| {
        let further = format!(r#","DateGreaterThan":{{"AWS:EpochTime":{epoch}}}"#);
        Parts::custom(&custom_policy(&url, &further)).on(&url)
    };
    vec![
        Row::allow("X40", Parts::canned_until(&url, 9_223_372_036_u64).on(&url)),
        Row::allow("X40b", epoch("9223372036")),
        Row::deny("X40c", epoch("9223372037"), MalformedPolicy, EpochOutOfRange),
        Row::deny("X40d", epoch("1767290400000"), MalformedPolicy, EpochOutOfRange),
        Row::deny("X40e", epoch("18446744073709551616"), MalformedPolicy, EpochNotAnInteger),
        Row::deny("X41", Parts::canned_until(&url, 0).on(&url), AccessDenied, Expired),
        Row::deny("X41b", Parts::canned(&url).on(&url), AccessDenied, Expired).at(u64::MAX),
        Row::allow("X41c", Parts::canned(&url).on(&url)).at(0),
        Row::deny("X42", epoch("null"), MalformedPolicy, EpochNotAnInteger),
        Row::deny("X42b", epoch("true"), MalformedPolicy, EpochNotAnInteger),
        Row::deny("X42c", epoch("[1767290400]"), MalformedPolicy, EpochNotAnInteger),
        Row::deny("X42d", epoch("01767290400"), MalformedPolicy, PolicyNotJson),
        Row::deny("X42e", epoch("-0"), MalformedPolicy, EpochNotAnInteger),
        // An unreadable start is never taken for no start.
        Row::deny("X43", start("\"1\""), MalformedPolicy, EpochNotAnInteger),
        Row::deny("X43b", start("1767200000000"), MalformedPolicy, EpochOutOfRange),
        Row::deny("X43c", start("null"), MalformedPolicy, EpochNotAnInteger),
    ]
}

#[test]
fn time_and_ranges() {
    check(&rows());
    check(&own_rows());
}
