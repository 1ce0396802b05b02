//! The edge of this instance: made of the variables, and used for some seconds.

use std::{cell::RefCell, collections::BTreeMap, rc::Rc, time::Duration};

use futures::{future::join_all, lock::Mutex};
use serde_json::json;
use spin_sdk::{
    variables::{self, Error},
    wasip3::clocks::monotonic_clock,
};
use tollgate_api::{
    FieldError,
    edge::middleware::{Settings, VARIABLES},
};

use crate::{edge::Edge, log, patience::within};

/// How long variables are believed. Each may be a request to a service that keeps secrets, and none changes often; but
/// a key that got out must not be trusted for long.
const BELIEVED: Duration = Duration::from_secs(30);

/// How long they are believed if something is wrong with them: whoever mends it wants to see it.
const DOUBTED: Duration = Duration::from_secs(2);

/// How long their provider may take. Viewers wait for it.
const PATIENCE: Duration = Duration::from_secs(3);

struct Kept {
    edge: Rc<Edge>,
    /// By the monotonic clock, which nobody can set back.
    until: Duration,
}

thread_local! {
    static KEPT: RefCell<Option<Kept>> = const { RefCell::new(None) };
    /// Held while the provider is asked, so that many requests ask once.
    static FLIGHT: Rc<Mutex<()>> = Rc::default();
}

/// The edge as the variables have it now, or had it some seconds ago.
pub async fn edge() -> Rc<Edge> {
    if let Some(edge) = kept() {
        return edge;
    }
    let flight = FLIGHT.with(Rc::clone);
    let _turn = flight.lock().await;
    // Somebody else may have asked meanwhile.
    if let Some(edge) = kept() {
        return edge;
    }
    let asked = now();
    let edge = Rc::new(Edge::new(read().await));
    for FieldError { field, rule } in edge.mistakes() {
        let message = "a variable is not what it must be; until it is, no signature is taken";
        log::line("ERROR", message, json!({ "variable": field, "rule": rule })).await;
    }
    // A key may be as old as the question for it. A failure is as young as its answer: those who waited for it share
    // it, however late it came.
    let until = if edge.mistakes().is_empty() { asked + BELIEVED } else { now() + DOUBTED };
    KEPT.set(Some(Kept { edge: Rc::clone(&edge), until }));
    edge
}

fn kept() -> Option<Rc<Edge>> {
    let now = now();
    KEPT.with_borrow(|kept| {
        let kept = kept.as_ref().filter(|kept| now < kept.until)?;
        Some(Rc::clone(&kept.edge))
    })
}

fn now() -> Duration {
    Duration::from_nanos(monotonic_clock::now())
}

async fn read() -> Settings {
    let mut texts = BTreeMap::new();
    let mut failed = Vec::new();
    // At once: a provider may be far away. Each by itself, so that the log names those that are late.
    let found = VARIABLES.map(|name| within(PATIENCE, variables::get(name)));
    for (name, found) in VARIABLES.into_iter().zip(join_all(found).await) {
        match found {
            Some(Ok(text)) => {
                texts.insert(name, text);
            }
            Some(Err(Error::Undefined(_))) => {}
            // Nothing of the provider's own words: they may hold what it was asked with.
            Some(Err(_)) => {
                failed.push(FieldError::new(name, "cannot be read: its provider failed"))
            }
            None => {
                failed.push(FieldError::new(name, "cannot be read: its provider does not answer"))
            }
        }
    }
    let mut settings = Settings::read(|name| texts.get(name).map(String::as_str));
    settings.mistakes.extend(failed);
    settings
}
