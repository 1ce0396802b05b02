//! Whether the gateway can serve: every part it waits for, asked at most once a second.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use futures::{
    FutureExt,
    future::{BoxFuture, join_all},
};
use tokio::{runtime::Handle, sync::Mutex};
use tollgate_api::responses::{Degraded, Health};

use super::Playback;
use crate::{auth::Authenticator, home};

/// Whether the gateway can serve. Cheap to clone.
#[derive(Clone, Default)]
pub struct Readiness {
    shared: Arc<Shared>,
}

struct Shared {
    /// The runtime this was made in, where parts are asked: what they keep open, ports use as well.
    home: Option<Handle>,
    checks: Vec<Check>,
    reports: Vec<Report>,
    draining: AtomicBool,
    latest: Mutex<Option<(Instant, Health)>>,
}

impl Default for Shared {
    fn default() -> Self {
        Self {
            home: Handle::try_current().ok(),
            checks: Vec::new(),
            reports: Vec::new(),
            draining: AtomicBool::default(),
            latest: Mutex::default(),
        }
    }
}

struct Check {
    name: &'static str,
    ask: Box<dyn Fn() -> BoxFuture<'static, Result<(), String>> + Send + Sync>,
}

/// Whether a part works on something old.
type Report = Box<dyn Fn() -> Option<Degraded> + Send + Sync>;

impl Readiness {
    /// Asks whether the gate answers and finds its policy, and whether there are keys for tokens.
    pub fn of(playback: Arc<dyn Playback>, authenticator: Arc<Authenticator>) -> Self {
        Self::default()
            .with_check("gate", move || {
                let playback = Arc::clone(&playback);
                async move {
                    match playback.trouble().await {
                        Ok(None) => Ok(()),
                        Ok(Some(denial)) => Err(format!("{denial:?}")),
                        Err(error) => Err(error.to_string()),
                    }
                }
                .boxed()
            })
            .with_check("jwks", move || {
                let ready = authenticator.ready();
                async move { ready.then_some(()).ok_or_else(|| "there are no keys yet".to_owned()) }
                    .boxed()
            })
    }

    /// Adds something to wait for. Its error is for operators and is logged; viewers see the name only.
    /// To be called before the value is cloned: clones made earlier do not hear of it.
    #[must_use]
    pub fn with_check(
        self,
        name: &'static str,
        ask: impl Fn() -> BoxFuture<'static, Result<(), String>> + Send + Sync + 'static,
    ) -> Self {
        let mut shared = Arc::into_inner(self.shared).unwrap_or_default();
        shared.checks.push(Check { name, ask: Box::new(ask) });
        Self { shared: Arc::new(shared) }
    }

    /// Adds something that may work on what is old. Viewers see all of what it says.
    /// To be called before the value is cloned, as [`Readiness::with_check`].
    #[must_use]
    pub fn with_report(
        self,
        report: impl Fn() -> Option<Degraded> + Send + Sync + 'static,
    ) -> Self {
        let mut shared = Arc::into_inner(self.shared).unwrap_or_default();
        shared.reports.push(Box::new(report));
        Self { shared: Arc::new(shared) }
    }

    /// Says no from now on: the gateway is about to stop.
    pub fn drain(&self) {
        self.shared.draining.store(true, Ordering::Relaxed);
    }

    /// What the gateway waits for before it can serve.
    pub async fn report(&self) -> Health {
        if self.shared.draining.load(Ordering::Relaxed) {
            return Health::new(vec!["drain".to_owned()]);
        }
        // The lock is held while the parts are asked, so that a crowd of probes asks them once.
        let mut latest = self.shared.latest.lock().await;
        if let Some((at, health)) = latest.as_ref()
            && at.elapsed() < FRESH
        {
            return health.clone();
        }
        let answers = self.shared.checks.iter().map(|check| async move {
            let asked = async { tokio::time::timeout(PATIENCE, (check.ask)()).await };
            let answer = match &self.shared.home {
                Some(home) => home::at(home, asked).await,
                None => asked.await,
            };
            match answer {
                Ok(Ok(())) => None,
                Ok(Err(error)) => Some((check.name, error)),
                Err(_) => Some((check.name, "no answer in time".to_owned())),
            }
        });
        let mut waiting_for = Vec::new();
        for (name, error) in join_all(answers).await.into_iter().flatten() {
            tracing::warn!(waiting_for = name, error, "not ready");
            waiting_for.push(name.to_owned());
        }
        let (cause, effect) = SAID_ONCE;
        if waiting_for.iter().any(|name| name == cause) {
            waiting_for.retain(|name| name != effect);
        }
        let degraded = self.shared.reports.iter().filter_map(|report| report()).collect();
        let health = Health::new(waiting_for).with_degraded(degraded);
        *latest = Some((Instant::now(), health.clone()));
        health
    }
}

impl fmt::Debug for Readiness {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.shared.checks.iter().map(|check| check.name);
        formatter.debug_list().entries(names).finish()
    }
}

/// How long an answer is good for. Probes come every few seconds; anything faster is abuse.
const FRESH: Duration = Duration::from_secs(1);

/// Without a key the gate is not ready either; what has to be mended is named, not what follows from it.
const SAID_ONCE: (&str, &str) = ("signing-keys", "gate");

/// How long one part may take: probes themselves wait for five seconds or so.
const PATIENCE: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;

    use super::*;

    #[tokio::test]
    async fn names_what_is_missing_and_what_is_silent() {
        let readiness = Readiness::default()
            .with_check("well", || async { Ok(()) }.boxed())
            .with_check("broken", || async { Err("detail".to_owned()) }.boxed())
            .with_check("silent", || std::future::pending().boxed());
        assert_eq!(readiness.report().await.waiting_for, ["broken", "silent"]);
        readiness.drain();
        assert_eq!(readiness.report().await.waiting_for, ["drain"]);
    }

    #[tokio::test]
    async fn a_gate_without_keys_waits_for_keys_only() {
        let broken = || async { Err("detail".to_owned()) }.boxed();
        let readiness = Readiness::default().with_check("gate", broken);
        assert_eq!(readiness.report().await.waiting_for, ["gate"]);
        let readiness =
            Readiness::default().with_check("gate", broken).with_check("signing-keys", broken);
        assert_eq!(readiness.report().await.waiting_for, ["signing-keys"]);
    }

    #[tokio::test]
    async fn what_is_old_is_said_and_waited_for_by_nobody() {
        let degraded = Degraded { part: "part".into(), reason: "detail".into(), since: 1 };
        let said = degraded.clone();
        let readiness = Readiness::default()
            .with_check("part", || async { Ok(()) }.boxed())
            .with_report(move || Some(said.clone()))
            .with_report(|| None);
        for _ in 0..2 {
            let health = readiness.report().await;
            assert_eq!((health.http_status(), &health.degraded), (200, &vec![degraded.clone()]));
        }
    }

    #[tokio::test]
    async fn a_crowd_of_probes_asks_once() {
        let asked = Arc::new(AtomicU32::new(0));
        let counter = Arc::clone(&asked);
        let readiness = Readiness::default().with_check("part", move || {
            counter.fetch_add(1, Ordering::SeqCst);
            async { Ok(()) }.boxed()
        });
        join_all((0..50).map(|_| readiness.report())).await;
        assert_eq!(asked.load(Ordering::SeqCst), 1);
    }
}
