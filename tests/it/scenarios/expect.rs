//! Whether an answer is what a scenario expects.

use std::collections::BTreeMap;

use serde_json::Value;
use tollgate::component::EdgeVerifier;

use super::{
    client::Answer,
    format::{Expect, Signed, Time},
    signed::{self, Carrier},
};

/// The seconds between which something happened.
#[derive(Clone, Copy, Debug)]
pub struct Span(pub u64, pub u64);

/// What of an answer is not as expected.
pub fn check(answer: &Answer, expected: &Expect, span: Span, edge: &EdgeVerifier) -> Vec<String> {
    let mut wrong = Vec::new();
    if answer.status != expected.status {
        let body = String::from_utf8_lossy(&answer.body);
        wrong.push(format!("status is {}, not {}: {body}", answer.status, expected.status));
        return wrong;
    }
    for (name, value) in [("x-content-type-options", "nosniff"), ("cache-control", "no-store")] {
        if answer.header(name) != value {
            wrong.push(format!("{name} is {:?}", answer.header(name)));
        }
    }
    if answer.header("x-request-id").is_empty() {
        wrong.push("no x-request-id".to_owned());
    }
    if let Some(slug) = &expected.problem {
        problem(answer, slug, &mut wrong);
    }
    for (name, value) in &expected.headers {
        matches(value, &Value::from(answer.header(name)), name, span, &mut wrong);
    }
    let body = answer.json();
    for (name, value) in &expected.body {
        value_or_url(value, &body[name], name, span, edge, &mut wrong);
    }
    if let Some(lines) = &expected.text {
        let text = answer.text();
        let found: Vec<_> = text.lines().collect();
        for (at, (line, found)) in lines.iter().zip(&found).enumerate() {
            let place = format!("line {}", at + 1);
            value_or_url(line, &Value::from(*found), &place, span, edge, &mut wrong);
        }
        if found.len() != lines.len() {
            wrong.push(format!("there are {} lines, not {}: {text}", found.len(), lines.len()));
        }
    }
    for name in &expected.without {
        if body.get(name).is_some() || answer.headers.contains_key(name) {
            wrong.push(format!("there is {name}"));
        }
    }
    if let Some(signed) = &expected.cookies {
        cookies(answer, signed, span, edge, &mut wrong);
    } else if answer.headers.contains_key("set-cookie") {
        wrong.push("there are cookies".to_owned());
    }
    wrong
}

/// Compares a value that may be a URL with a signature, or hold one between two texts.
fn value_or_url(
    expected: &Value,
    actual: &Value,
    place: &str,
    span: Span,
    edge: &EdgeVerifier,
    wrong: &mut Vec<String>,
) {
    if let Some(signed) = expected.get("~signed") {
        let signed: Signed = serde_json::from_value(signed.clone()).unwrap();
        let url = actual.as_str().unwrap_or_default();
        let found = signed::check(edge, &Carrier::Query(url), &signed, span);
        wrong.extend(found.into_iter().map(|wrong| format!("{place}: {wrong}")));
    } else if let Some(within) = expected.get("~within") {
        let [before, after] = ["before", "after"].map(|name| within[name].as_str().unwrap());
        let inner = actual.as_str().and_then(|text| text.strip_prefix(before)?.strip_suffix(after));
        match inner {
            Some(inner) => {
                // What is relative is what the edge would be asked for.
                let base = within.get("below").and_then(Value::as_str).unwrap_or_default();
                let inner = Value::from(format!("{base}{}", inner.replace("&amp;", "&")));
                value_or_url(&within["is"], &inner, place, span, edge, wrong);
            }
            None => wrong.push(format!("{place} is {actual}, not {before}…{after}")),
        }
    } else {
        matches(expected, actual, place, span, wrong);
    }
}

/// What all problems have in common.
fn problem(answer: &Answer, slug: &str, wrong: &mut Vec<String>) {
    let body = answer.json();
    if answer.header("content-type") != "application/problem+json" {
        wrong.push(format!("content-type is {:?}", answer.header("content-type")));
    }
    if body["type"] != slug {
        wrong.push(format!("the problem is {}, not {slug:?}", body["type"]));
    }
    if body["status"] != answer.status || body["requestId"] != answer.header("x-request-id") {
        wrong.push(format!("the problem is not of this answer: {body}"));
    }
    for field in ["title", "detail"] {
        if body[field].as_str().is_none_or(str::is_empty) {
            wrong.push(format!("no {field}: {body}"));
        }
    }
    if body.to_string().contains("https://") {
        wrong.push(format!("the problem holds a URL: {body}"));
    }
}

fn cookies(
    answer: &Answer,
    expected: &Signed,
    span: Span,
    edge: &EdgeVerifier,
    wrong: &mut Vec<String>,
) {
    let mut pairs = BTreeMap::new();
    for header in answer.headers.get_all("set-cookie") {
        let header = header.to_str().unwrap();
        let (pair, attributes) = header.split_once("; ").unwrap_or((header, ""));
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        pairs.insert(name.to_owned(), value.to_owned());
        if expected.attributes.as_deref().is_some_and(|expected| expected != attributes) {
            wrong.push(format!("the attributes of {name} are {attributes:?}"));
        }
    }
    let url = expected.url.as_deref().unwrap_or_default();
    let found = signed::check(edge, &Carrier::Cookies(url, pairs), expected, span);
    wrong.extend(found.into_iter().map(|wrong| format!("cookies: {wrong}")));
}

/// Compares a value with what is expected of it; objects may hold more than that.
pub fn matches(expected: &Value, actual: &Value, path: &str, span: Span, wrong: &mut Vec<String>) {
    let is_right = match expected {
        Value::String(text) => match Time::read(text) {
            Some(time) => is_at(time, 0, actual, span),
            None => actual == expected,
        },
        Value::Object(fields) => {
            if let Some((matcher, argument)) =
                fields.iter().next().filter(|(name, _)| name.starts_with('~'))
            {
                is_matched(matcher, argument, actual, span)
            } else {
                for (name, value) in fields {
                    matches(value, &actual[name], &format!("{path}.{name}"), span, wrong);
                }
                actual.is_object()
            }
        }
        Value::Array(items) => {
            let found = actual.as_array().map_or(&[][..], Vec::as_slice);
            for (at, (expected, actual)) in items.iter().zip(found).enumerate() {
                matches(expected, actual, &format!("{path}[{at}]"), span, wrong);
            }
            actual.is_array() && found.len() == items.len()
        }
        _ => actual == expected,
    };
    if !is_right {
        wrong.push(format!("{path} is {actual}, not {expected}"));
    }
}

fn is_matched(matcher: &str, argument: &Value, actual: &Value, span: Span) -> bool {
    let number = actual.as_u64().or_else(|| actual.as_str()?.parse().ok());
    match matcher {
        "~between" => {
            let [least, most] = [0, 1].map(|at| argument[at].as_u64().unwrap());
            number.is_some_and(|number| (least..=most).contains(&number))
        }
        "~time" => {
            let time = Time::read(argument["at"].as_str().unwrap()).unwrap();
            is_at(time, argument["within"].as_u64().unwrap(), actual, span)
        }
        "~holds" => actual.as_str().is_some_and(|text| text.contains(argument.as_str().unwrap())),
        "~session" => actual.as_str().is_some_and(is_session),
        other => panic!("there is no matcher {other}"),
    }
}

/// Whether a time is `time` from the seconds in which it was made, or up to `within` later.
fn is_at(time: Time, within: u64, actual: &Value, Span(first, last): Span) -> bool {
    let range = time.after(first)..=time.after(last) + within;
    actual.as_u64().is_some_and(|actual| range.contains(&actual))
}

/// Whether it is a name that a host makes for a session: 128 random bits in hex.
pub fn is_session(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
