//! The keys of tokens that this instance knows, and who asks for newer ones.

use std::{cell::RefCell, rc::Rc, time::Duration};

use futures::lock::Mutex;
use serde_json::Value;
use spin_sdk::wasip3::clocks::{monotonic_clock, system_clock};
use tollgate_api::{Claims, Denial, KeySet, TokenError, bearer, check};

use crate::{
    issuer,
    log::{self, Level},
    schedule::{Cause, Schedule},
    settings::{KeySource, Settings},
};

/// Keys, and what they were made from.
#[derive(Clone)]
struct Known {
    from: KeySource,
    keys: Rc<KeySet>,
}

thread_local! {
    static KNOWN: RefCell<Option<Known>> = const { RefCell::new(None) };
    /// Held while the issuer is asked, so that many requests ask once.
    static FLIGHT: Rc<Mutex<Schedule>> = Rc::default();
}

/// Verifies the value of an `Authorization` header.
pub(crate) async fn authenticate(
    settings: &Settings,
    authorization: Option<&str>,
) -> Result<Claims, Denial> {
    let token = bearer(authorization.ok_or(TokenError::Missing)?)?;
    let keys = current(&settings.keys).await.ok_or_else(no_keys)?;
    let now = u64::try_from(system_clock::now().seconds).unwrap_or_default();
    let outcome = check(token, &keys, &settings.rules, now);
    let (Err(TokenError::UnknownKey(_)), KeySource::Url { .. }) = (&outcome, &settings.keys) else {
        return Ok(outcome?);
    };
    let newer = newer(&settings.keys, Cause::UnknownKey, Some(&keys)).await.ok_or_else(no_keys)?;
    Ok(check(token, &newer, &settings.rules, now)?)
}

/// Whether there are keys to verify tokens with.
pub(crate) async fn are_there(settings: &Settings) -> bool {
    current(&settings.keys).await.is_some()
}

fn no_keys() -> Denial {
    Denial::DependencyUnavailable { port: "jwks".to_owned(), timed_out: false }
}

/// The keys to use now. Old ones are used while no newer ones are to be had.
async fn current(from: &KeySource) -> Option<Rc<KeySet>> {
    match from {
        KeySource::Url { .. } => newer(from, Cause::Age, None).await,
        KeySource::Text(text) => match known(from) {
            Some(keys) => Some(keys),
            None => match KeySet::from_jwks(text) {
                Ok(keys) => Some(keep(from, keys).await),
                Err(error) => {
                    let advice = format!("the Spin variable jwks {error}");
                    let fields = [("error", Value::from(advice))];
                    log::write(Level::Error, "keys of tokens not loaded", &fields).await;
                    None
                }
            },
        },
    }
}

/// What there is once everything newer than `seen` was asked for that may be asked for by now. Whoever comes while
/// somebody else asks shares the answer.
async fn newer(from: &KeySource, cause: Cause, seen: Option<&Rc<KeySet>>) -> Option<Rc<KeySet>> {
    let KeySource::Url { url, refresh } = from else { return known(from) };
    let flight = FLIGHT.with(Rc::clone);
    let mut schedule = match (cause, known(from)) {
        // Old keys are good enough to go on with while somebody else asks an issuer that may be slow.
        (Cause::Age, Some(keys)) => match flight.try_lock() {
            Some(schedule) => schedule,
            None => return Some(keys),
        },
        _ => flight.lock().await,
    };
    let before = known(from);
    // Keys of another source are no keys of this one.
    if before.is_none() && KNOWN.with_borrow(Option::is_some) {
        KNOWN.set(None);
        *schedule = Schedule::default();
    }
    let changed =
        seen.is_some_and(|seen| before.as_ref().is_none_or(|keys| !Rc::ptr_eq(seen, keys)));
    let now = Duration::from_nanos(monotonic_clock::now());
    if changed || !schedule.is_due(cause, now, *refresh) {
        return before;
    }
    schedule.ask(cause, now);
    match issuer::fetch(url).await {
        Ok(keys) => {
            schedule.load(now);
            Some(keep(from, keys).await)
        }
        Err(error) => {
            let fields = [("error", Value::from(error))];
            log::write(Level::Warn, "keys of tokens not loaded", &fields).await;
            before
        }
    }
}

fn known(from: &KeySource) -> Option<Rc<KeySet>> {
    KNOWN.with_borrow(|known| {
        let known = known.as_ref().filter(|known| known.from == *from)?;
        Some(Rc::clone(&known.keys))
    })
}

async fn keep(from: &KeySource, keys: KeySet) -> Rc<KeySet> {
    for key in keys.skipped() {
        let kid = Value::from(key.kid.as_deref().unwrap_or_default());
        let fields = [("kid", kid), ("reason", key.reason.into())];
        log::write(Level::Warn, "a key of tokens is not used", &fields).await;
    }
    let keys = Rc::new(keys);
    KNOWN.set(Some(Known { from: from.clone(), keys: Rc::clone(&keys) }));
    keys
}
