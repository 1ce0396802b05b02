//! What two places answered to the same request, without what must differ: names and times of their own making.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{client::Answer, expect::is_session, signed};

/// Headers of the connection, or that must differ.
const OF_THE_CONNECTION: [&str; 7] = [
    "connection",
    "content-length",
    "date",
    "keep-alive",
    "server",
    "set-cookie",
    "transfer-encoding",
];

/// Seconds by which times may differ that two places made.
const SLACK: u64 = 2;

/// Later than any number in an answer that is no time, earlier than any time.
const FIRST_TIME: u64 = 1_500_000_000;

/// Session ids that places made, by the order in which they were seen.
#[derive(Default)]
pub struct Names(BTreeMap<String, String>);

/// One answer, made comparable.
#[derive(Clone, Debug)]
pub struct Observation {
    /// How many seconds times may differ beyond the usual ones.
    pub slack: u64,
    value: Value,
}

impl Observation {
    /// `now` is what times are counted from.
    pub fn of(answer: &Answer, now: u64, slack: u64, names: &mut Names) -> Self {
        let mut headers = Map::new();
        for name in answer.headers.keys().map(http::HeaderName::as_str) {
            if OF_THE_CONNECTION.contains(&name) {
                continue;
            }
            let values = answer.headers.get_all(name).iter();
            let values: Vec<_> = values.map(|value| value.to_str().unwrap().to_owned()).collect();
            headers.insert(name.to_owned(), values.join(", ").into());
        }
        let id = answer.header("x-request-id").to_owned();
        if headers.contains_key("x-request-id") && looks_made(&id) {
            headers.insert("x-request-id".to_owned(), "<request>".into());
        }
        let cookies = answer.headers.get_all("set-cookie").iter();
        let mut cookies: Vec<_> = cookies.map(|value| cookie(value, now, names)).collect();
        cookies.sort_by_key(Value::to_string);
        // A text is compared line by line, and each line by what stands between its quotes.
        let of_text =
            || answer.text().lines().map(|line| line.split('"').collect::<Value>()).collect();
        let mut body = serde_json::from_slice(&answer.body).unwrap_or_else(|_| of_text());
        normal(&mut body, "", now, &id, names);
        let value = json!({
            "status": answer.status, "headers": headers, "cookies": cookies, "body": body,
        });
        Self { slack, value }
    }

    /// Where another place's answer differs from this one.
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let mut found = Vec::new();
        compare(&self.value, &other.value, "", SLACK + self.slack, &mut found);
        found
    }
}

/// Whether a request id was made by a host and not by a scenario.
fn looks_made(id: &str) -> bool {
    let digits = id.bytes().filter(|byte| *byte != b'-');
    id.len() >= 16 && digits.clone().all(|byte| byte.is_ascii_hexdigit())
}

fn normal(value: &mut Value, name: &str, now: u64, request: &str, names: &mut Names) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                normal(value, name, now, request, names);
            }
        }
        Value::Array(items) => {
            items.iter_mut().for_each(|item| normal(item, name, now, request, names));
        }
        Value::Number(number) => {
            if let Some(time) = number.as_u64().filter(|number| *number >= FIRST_TIME) {
                *value = json!({ "seconds": i128::from(time) - i128::from(now) });
            } else if name == "expiresIn" {
                *value = json!({ "seconds": number });
            }
        }
        Value::String(text) if name == "requestId" && text == request => {
            if looks_made(request) {
                *value = "<request>".into();
            }
        }
        Value::String(text) if is_session(text) => *value = names.of(text).into(),
        Value::String(text) if text.contains("Signature=") => {
            let (url, parameters) = signed::split(&text.replace("&amp;", "&"));
            let url = names.in_path(&url);
            *value = json!({ "url": url, "signed": parameter_values(&parameters, now, names) });
        }
        Value::String(text) if name == "Policy" => *value = policy(text, now, names),
        Value::String(text) if name == "Resource" => *value = names.in_path(text).into(),
        Value::String(_) if name == "Signature" => *value = "<signature>".into(),
        Value::String(_) | Value::Null | Value::Bool(_) => {}
    }
}

impl Names {
    fn of(&mut self, id: &str) -> String {
        let next = format!("<session {}>", self.0.len() + 1);
        self.0.entry(id.to_owned()).or_insert(next).clone()
    }

    /// A URL, with names for the sessions in its path.
    fn in_path(&mut self, url: &str) -> String {
        let name = |part: &str| if is_session(part) { self.of(part) } else { part.to_owned() };
        url.split('/').map(name).collect::<Vec<_>>().join("/")
    }
}

fn parameter_values(parameters: &BTreeMap<String, String>, now: u64, names: &mut Names) -> Value {
    let mut value = |(name, value): (&String, &String)| {
        let plain = name.strip_prefix("CloudFront-").unwrap_or(name);
        let value = match plain {
            "Policy" => policy(value, now, names),
            "Signature" => "<signature>".into(),
            "Expires" => value.parse::<u64>().map_or(Value::Null, |time| relative(time, now)),
            _ => value.as_str().into(),
        };
        (name.clone(), value)
    };
    Value::Object(parameters.iter().map(&mut value).collect())
}

fn relative(time: u64, now: u64) -> Value {
    json!({ "seconds": i128::from(time) - i128::from(now) })
}

fn policy(text: &str, now: u64, names: &mut Names) -> Value {
    let mut policy = signed::policy(text).unwrap_or_default();
    normal(&mut policy, "", now, "", names);
    policy
}

fn cookie(value: &http::HeaderValue, now: u64, names: &mut Names) -> Value {
    let text = value.to_str().unwrap();
    let (pair, attributes) = text.split_once("; ").unwrap_or((text, ""));
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    let pair = BTreeMap::from([(name.to_owned(), value.to_owned())]);
    json!({ "cookie": parameter_values(&pair, now, names), "attributes": attributes })
}

fn compare(ours: &Value, theirs: &Value, path: &str, slack: u64, found: &mut Vec<String>) {
    match (ours, theirs) {
        (Value::Object(left), Value::Object(right)) => {
            let names: std::collections::BTreeSet<_> = left.keys().chain(right.keys()).collect();
            for name in names {
                let (left, right) = (&ours[name], &theirs[name]);
                compare(left, right, &format!("{path}/{name}"), slack, found);
            }
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            for (at, (left, right)) in left.iter().zip(right).enumerate() {
                compare(left, right, &format!("{path}/{at}"), slack, found);
            }
        }
        _ if ours == theirs || is_near(ours, theirs, path, slack) => {}
        _ => found.push(format!("{path}: {theirs} here, {ours} at the first place")),
    }
}

/// Whether these are times, or waits, that are as good as the same.
fn is_near(ours: &Value, theirs: &Value, path: &str, slack: u64) -> bool {
    let number = |value: &Value| value.as_i64().or_else(|| value.as_str()?.parse().ok());
    let is_time = path.ends_with("/seconds") || path.ends_with("/retry-after");
    let (Some(ours), Some(theirs)) = (number(ours), number(theirs)) else { return false };
    is_time && ours.abs_diff(theirs) <= slack
}

#[cfg(test)]
mod tests {
    use super::*;

    fn observed(header: (&'static str, &'static str), body: &Value) -> Observation {
        let mut headers = http::HeaderMap::new();
        headers.insert(header.0, http::HeaderValue::from_static(header.1));
        let answer = Answer { status: 200, headers, body: body.to_string().into() };
        Observation::of(&answer, 1_800_000_000, 0, &mut Names::default())
    }

    #[test]
    fn what_may_differ_is_no_difference_and_everything_else_is() {
        let grant = |id: char, expires: u64, url: &str| {
            let id = id.to_string().repeat(32);
            json!({ "sessionId": id, "again": id, "expiresAt": expires, "videoUrl": url })
        };
        let vary = ("vary", "origin");
        let first = grant('a', 1_800_000_900, "https://a/b?Expires=1800000900&Signature=x");
        for (header, other, count) in [
            (vary, grant('b', 1_800_000_902, "https://a/b?Expires=1800000899&Signature=y"), 0),
            (vary, grant('b', 1_800_000_903, "https://a/b?Expires=1800000900&Signature=y"), 1),
            (vary, grant('b', 1_800_000_900, "https://a/c?Expires=1800000910&Signature=y"), 2),
            (("vary", "other"), first.clone(), 1),
            (("allow", "origin"), first.clone(), 2),
            (vary, json!({ "sessionId": "a".repeat(32), "again": "b".repeat(32) }), 3),
        ] {
            let found = observed(vary, &first).differences(&observed(header, &other));
            assert_eq!(found.len(), count, "{found:?}");
        }
    }
}
