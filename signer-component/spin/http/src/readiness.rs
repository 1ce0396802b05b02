//! Whether the application can serve: everything it waits for, asked at most once a second by one instance.

use std::{cell::RefCell, future::Future, rc::Rc, time::Duration};

use futures::lock::Mutex;
use serde_json::Value;
use spin_sdk::wasip3::clocks::monotonic_clock;
use tollgate_api::responses::Health;

use crate::{
    bindings::tollgate::gate::playback::{self, Denial, PlaybackRequest, Role, Viewer},
    keys,
    log::{self, Level},
    patience::within,
    settings::Settings,
};

/// How long an answer is good for. Probes come every few seconds; anything faster is abuse.
const FRESH: Duration = Duration::from_secs(1);

/// How long one part may take: longer than a port, which then says itself that it was late, and shorter than probes
/// wait that are set up for it.
const PATIENCE: Duration = Duration::from_secs(4);

/// Nobody has this name and nobody has paid for it, so that asking for it looks into every table and claims nothing.
const NOBODY: &str = "~readyz~";

thread_local! {
    static LATEST: RefCell<Option<(u64, Health)>> = const { RefCell::new(None) };
    static FLIGHT: Rc<Mutex<()>> = Rc::default();
}

/// Says what is waited for. `settings` are none if they cannot be used.
pub(crate) async fn report(settings: Option<&Settings>) -> Health {
    let flight = FLIGHT.with(Rc::clone);
    let _turn = flight.lock().await;
    let now = monotonic_clock::now();
    let fresh = LATEST.with_borrow(|latest| {
        let (asked, health) = latest.as_ref()?;
        let age = Duration::from_nanos(now.saturating_sub(*asked));
        (age < FRESH).then(|| health.clone())
    });
    if let Some(health) = fresh {
        return health;
    }
    let waiting_for = waiting_for(settings).await;
    if !waiting_for.is_empty() {
        let fields = [("waiting_for", Value::from(waiting_for.clone()))];
        log::write(Level::Warn, "not ready", &fields).await;
    }
    let health = Health::new(waiting_for);
    LATEST.set(Some((now, health.clone())));
    health
}

async fn waiting_for(settings: Option<&Settings>) -> Vec<String> {
    let request = PlaybackRequest {
        viewer: nobody(),
        series: NOBODY.to_owned(),
        episode: NOBODY.to_owned(),
        delivery: None,
    };
    let (gate, lookups, leases, tokens) = futures::join!(
        part(playback::ready()),
        part(playback::authorize(request)),
        part(playback::devices(nobody())),
        tokens(settings),
    );
    let mut names: Vec<String> = [gate, lookups, leases, tokens].into_iter().flatten().collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The name of what a call of the gate waits for. That it denies is an answer.
async fn part<T>(call: impl Future<Output = Result<T, Denial>>) -> Option<String> {
    match within(PATIENCE, call).await {
        Some(Err(Denial::DependencyUnavailable(failure))) => Some(failure.port),
        Some(Err(Denial::Misconfigured(wrong))) => {
            let fields =
                wrong.iter().map(|field| Value::from(format!("{} {}", field.field, field.rule)));
            let fields = [("wrong", Value::Array(fields.collect()))];
            log::write(Level::Error, "set up wrongly", &fields).await;
            Some("gate".to_owned())
        }
        Some(_) => None,
        None => Some("gate".to_owned()),
    }
}

async fn tokens(settings: Option<&Settings>) -> Option<String> {
    let Some(settings) = settings else { return Some("configuration".to_owned()) };
    let there = within(PATIENCE, keys::are_there(settings)).await;
    (there != Some(true)).then(|| "jwks".to_owned())
}

fn nobody() -> Viewer {
    Viewer {
        subject: NOBODY.to_owned(),
        user: NOBODY.to_owned(),
        // Whichever of them the policy lets in.
        roles: vec![Role::Standard, Role::Admin, Role::ContentCreator],
        source_ip: Some("192.0.2.1".to_owned()),
        user_agent: None,
    }
}
