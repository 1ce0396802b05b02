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
    format::{After, Device, Request, Scenario, Step},
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
        let step = filled_in(step, &saved);
        let began = now();
        let answer = match send(open, &step.request).await {
            Ok(answer) => answer,
            Err(error) => {
                wrong.push(format!("step {}: {error}", at + 1));
                break;
            }
        };
        let span = Span(began, now());
        let found = expect::check(&answer, &step.expect, span, edge);
        wrong.extend(found.into_iter().map(|found| format!("step {}: {found}", at + 1)));
        answers.push(Observation::of(&answer, began, step.expect.slack, &mut names));
        for (name, field) in &step.expect.save {
            if let Some(value) = answer.json()[field].as_str() {
                saved.insert(name.clone(), value.to_owned());
            }
        }
    }
    open.resume().await;
    if let Some(after) = &scenario.after {
        look(open, after, &saved, Span(first, now()), wrong).await;
    }
    answers
}

/// The step with the values that earlier ones saved.
fn filled_in(step: &Step, saved: &BTreeMap<String, String>) -> Step {
    let mut step = step.clone();
    step.request.path = with_saved(&step.request.path, saved);
    for value in step.expect.body.values_mut() {
        fill_in(value, saved);
    }
    step
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
    client::send(open.address(), &request.method, &request.path, &headers).await
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
