//! Plays every scenario in one place: what it answered, and what of that was not as expected.

use std::collections::BTreeMap;

use futures::{StreamExt as _, stream};
use serde_json::{Value, json};
use tollgate::component::EdgeVerifier;

use super::{
    client,
    clock::now,
    compare::{Names, Observation},
    expect::{self, Span, matches},
    format::{After, Device, Expect, Line, Request, Saved, Scenario},
    issuer,
    place::{Open, Place, Recorded},
    signed,
    suite::{Group, groups},
};

/// Places that are set up at once.
const AT_ONCE: usize = 4;

/// What came of all scenarios in one place.
#[derive(Default)]
pub struct Played {
    /// The answers to each scenario, by its name.
    pub answers: BTreeMap<String, Vec<Observation>>,
    /// What was not as expected, by the name of the scenario.
    pub wrong: Vec<String>,
    /// What cannot be played there, and why.
    pub left_out: Vec<String>,
    /// Places that were set up.
    pub places: usize,
}

/// Plays all of them.
pub async fn suite(place: &dyn Place) -> Played {
    let groups = groups();
    let played = stream::iter(&groups).map(|group| play(place, group));
    let played: Vec<Played> = played.buffer_unordered(AT_ONCE).collect().await;
    let mut all = Played::default();
    for part in played {
        all.answers.extend(part.answers);
        all.wrong.extend(part.wrong);
        all.left_out.extend(part.left_out);
        all.places += part.places;
    }
    all.wrong.sort();
    all.left_out.sort();
    all
}

async fn play(place: &dyn Place, group: &Group) -> Played {
    let mut played = Played::default();
    let mut broken = group.installation.broken.iter();
    let reason = broken.find_map(|(dependency, manner)| place.cannot_break(*dependency, *manner));
    if let Some(reason) = reason {
        let names = group.scenarios.iter().map(|(_, scenario)| &scenario.name);
        played.left_out.extend(names.map(|name| format!("{name} ({reason})")));
        return played;
    }
    let open = place.open(&group.installation).await;
    let edge = signed::edge(&group.installation);
    played.places = 1;
    for (_, scenario) in &group.scenarios {
        let mut wrong = Vec::new();
        let answers = one(open.as_ref(), scenario, &edge, &mut wrong).await;
        played.answers.insert(scenario.name.clone(), answers);
        let name = &scenario.name;
        played.wrong.extend(wrong.into_iter().map(|wrong| format!("{name}: {wrong}")));
    }
    played
}

async fn one(
    open: &dyn Open,
    scenario: &Scenario,
    edge: &EdgeVerifier,
    wrong: &mut Vec<String>,
) -> Vec<Observation> {
    let first = now();
    open.fill(&scenario.before, first).await;
    open.interrupt().await;
    let (mut saved, mut names) = (BTreeMap::new(), Names::default());
    let mut answers = Vec::new();
    for (at, step) in scenario.steps.iter().enumerate() {
        let mut step = step.clone();
        if let Some(before) = step.before.take() {
            open.fill(&before.filled_in(|text| with_saved(text, &saved)), now()).await;
        }
        step.request.path = with_saved(&step.request.path, &saved);
        let began = now();
        let answer = match send(open, &step.request).await {
            Ok(answer) => answer,
            Err(error) => {
                wrong.push(format!("step {}: {error}", at + 1));
                break;
            }
        };
        let span = Span(began, now());
        keep(&answer, &step.expect.save, &mut saved);
        fill_in_expected(&mut step.expect, &saved);
        let found = expect::check(&answer, &step.expect, span, edge);
        wrong.extend(found.into_iter().map(|found| format!("step {}: {found}", at + 1)));
        answers.push(Observation::of(&answer, began, step.expect.slack, &mut names));
    }
    open.resume().await;
    if let Some(after) = &scenario.after {
        look(open, after, &saved, Span(first, now()), wrong).await;
    }
    answers
}

/// Keeps of an answer what later steps need.
fn keep(
    answer: &client::Answer,
    wanted: &BTreeMap<String, Saved>,
    saved: &mut BTreeMap<String, String>,
) {
    for (name, what) in wanted {
        let value = match what {
            Saved::Field(field) => answer.json()[field].as_str().map(str::to_owned),
            Saved::Line(Line { line }) => answer.text().lines().nth(line - 1).map(str::to_owned),
        };
        let Some(value) = value else { continue };
        if let Some((_, query)) = value.split_once('?') {
            saved.insert(format!("{name}.query"), query.to_owned());
        }
        saved.insert(name.clone(), value);
    }
}

fn fill_in_expected(expect: &mut Expect, saved: &BTreeMap<String, String>) {
    let lines = expect.text.iter_mut().flatten();
    for value in expect.body.values_mut().chain(expect.headers.values_mut()).chain(lines) {
        fill_in(value, saved);
    }
}

fn fill_in(value: &mut Value, saved: &BTreeMap<String, String>) {
    match value {
        Value::String(text) => *text = with_saved(text, saved),
        Value::Array(items) => items.iter_mut().for_each(|item| fill_in(item, saved)),
        Value::Object(fields) => fields.values_mut().for_each(|field| fill_in(field, saved)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn with_saved(text: &str, saved: &BTreeMap<String, String>) -> String {
    saved
        .iter()
        .fold(text.to_owned(), |text, (name, value)| text.replace(&format!("<{name}>"), value))
}

async fn send(open: &dyn Open, request: &Request) -> Result<client::Answer, String> {
    let mut headers = Vec::new();
    let mut add = |name: &str, value: String| headers.push((name.to_owned(), value));
    if let Some(token) = &request.token {
        add("authorization", issuer::bearer(token));
    }
    if let Some(authorization) = &request.authorization {
        add("authorization", authorization.clone());
    }
    if !request.from.is_empty() {
        add("x-forwarded-for", request.from.clone());
    }
    if !request.agent.is_empty() {
        add("user-agent", request.agent.clone());
    }
    for (name, value) in &request.headers {
        add(name, value.clone());
    }
    let mut path = request.path.as_str();
    if let Some((_, rest)) = path.split_once("://") {
        path = rest.find('/').map_or("/", |at| &rest[at..]);
    }
    let path = match &request.altered {
        Some(parameter) => altered(path, parameter),
        None => path.to_owned(),
    };
    client::send(open.address(), &request.method, &path, &headers).await
}

/// The same with another character in the middle of a query parameter: the last one can hold bits that nobody reads.
fn altered(path: &str, parameter: &str) -> String {
    let start = path.find(&format!("{parameter}=")).unwrap() + parameter.len() + 1;
    let length = path[start..].find('&').unwrap_or(path.len() - start);
    let at = start + length / 2;
    let other = if path[at..].starts_with('A') { "B" } else { "A" };
    format!("{}{other}{}", &path[..at], &path[at + 1..])
}

/// Compares the leases that are left with those expected.
async fn look(
    open: &dyn Open,
    after: &After,
    saved: &BTreeMap<String, String>,
    span: Span,
    wrong: &mut Vec<String>,
) {
    for (user, expected) in &after.sessions {
        let found = open.leases(user, now()).await;
        let found: Vec<_> = found.iter().map(|lease| shown(lease, user, expected)).collect();
        let mut expected = json!(expected);
        fill_in(&mut expected, saved);
        matches(&expected, &json!(found), &format!("leases of {user}"), span, wrong);
    }
}

/// A lease with its device as the scenario writes it, if it is one that the scenario knows.
fn shown(lease: &Recorded, user: &str, expected: &[serde_json::Map<String, Value>]) -> Value {
    let mut devices = expected.iter().filter_map(|lease| lease.get("device"));
    let device = devices.find(|device| {
        let known: Device = serde_json::from_value((*device).clone()).unwrap();
        known.fingerprint(user) == lease.device
    });
    json!({
        "id": lease.id, "device": device.cloned().unwrap_or_else(|| lease.device.clone().into()),
        "series": lease.series, "episode": lease.episode, "startedAt": lease.started_at,
        "renewedAt": lease.renewed_at, "expiresAt": lease.expires_at,
    })
}
