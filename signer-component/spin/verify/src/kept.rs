//! The edge of this instance: made of the variables, and used for some seconds.

use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

use futures::future::join_all;
use serde_json::json;
use spin_sdk::variables::{self, Error};
use tollgate_api::{
    FieldError,
    edge::middleware::{Settings, VARIABLES},
};

use crate::{clock, edge::Edge, log};

/// How long variables are believed, in seconds. Each may be a request to a service that keeps secrets, and none
/// changes often; but a key that got out must not be trusted for long.
const BELIEVED: u64 = 30;

/// How long they are believed if something is wrong with them: whoever mends it wants to see it.
const DOUBTED: u64 = 2;

struct Kept {
    edge: Rc<Edge>,
    /// Epoch seconds from when and until when. A clock that was set back ends it as well.
    from: u64,
    until: u64,
}

thread_local! {
    static KEPT: RefCell<Option<Kept>> = const { RefCell::new(None) };
}

/// The edge as the variables have it now, or had it some seconds ago.
pub async fn edge() -> Rc<Edge> {
    let now = clock::now();
    let kept = KEPT.with_borrow(|kept| {
        let kept = kept.as_ref()?;
        let fresh = now.is_some_and(|now| (kept.from..kept.until).contains(&now));
        fresh.then(|| Rc::clone(&kept.edge))
    });
    if let Some(edge) = kept {
        return edge;
    }
    let edge = Rc::new(Edge::new(read().await));
    for FieldError { field, rule } in edge.mistakes() {
        let message = "a variable is not what it must be; until it is, no signature is taken";
        log::line("ERROR", message, json!({ "variable": field, "rule": rule })).await;
    }
    if let Some(from) = now {
        let until = from + if edge.mistakes().is_empty() { BELIEVED } else { DOUBTED };
        KEPT.set(Some(Kept { edge: Rc::clone(&edge), from, until }));
    }
    edge
}

async fn read() -> Settings {
    let mut texts = BTreeMap::new();
    let mut failed = Vec::new();
    // At once: a provider may be far away.
    let found = join_all(VARIABLES.map(variables::get)).await;
    for (name, found) in VARIABLES.into_iter().zip(found) {
        match found {
            Ok(text) => {
                texts.insert(name, text);
            }
            Err(Error::Undefined(_)) => {}
            // Nothing of the provider's own words: they may hold what it was asked with.
            Err(_) => failed.push(FieldError::new(name, "cannot be read: its provider failed")),
        }
    }
    let mut settings = Settings::read(|name| texts.get(name).map(String::as_str));
    settings.mistakes.extend(failed);
    settings
}
