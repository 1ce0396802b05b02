//! Everything one configuration describes, opened, and served until it is told to stop.

mod edge;
mod error;
mod policy;
mod sockets;
mod upkeep;

use std::{future::Future, sync::Arc};

use futures::FutureExt;
use tollgate_backends::{
    registry::{Opened, Wiring},
    section::Mistake,
};

use crate::{
    auth::{AuthSettings, AuthSetupError, Authenticator, KeySource},
    component::{Gate, GateOptions, Runtime},
    config::{Config, GatewayTable, TlsFiles},
    gateway::{
        self, DrainOutcome, Gateway, Pages, Playback, Readiness, ServerSettings, Tls, TlsError,
    },
    telemetry::Metrics,
};

pub use edge::EdgeServer;
pub use error::StartError;
pub use sockets::Sockets;
use upkeep::Caretaker;

/// A gateway with all it stands on, and the edge if one is configured. No socket is open yet.
pub struct Installation {
    gateway: Gateway,
    server: ServerSettings,
    edge: Option<EdgeServer>,
    readiness: Readiness,
    _caretaker: Caretaker,
}

impl Installation {
    /// Opens whatever the configuration names. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// Everything that cannot be used, at once, each under the key that names it.
    pub async fn open(config: Config) -> Result<Self, StartError> {
        let Config { gateway: table, auth, wiring, edge, .. } = config;
        let (Some(auth), Some(wiring)) = (auth, wiring) else {
            // `Needs::Gateway` was not what this configuration was read for.
            return Err(mistake("auth", "and the tables of the ports are required").into());
        };
        let runtime = Runtime::new()?;
        let mut mistakes = Vec::new();
        for (port, summary) in wiring.summary() {
            tracing::info!(port = port.section(), backend = summary, "configured");
        }
        let opened = wiring.open().await.map_err(|error| mistakes.extend(error.0)).ok();
        let authenticator = authenticator(auth).map_err(|found| mistakes.push(found)).ok();
        let server = with_tls(table.server.clone(), table.tls.as_ref(), "gateway")
            .map_err(|found| mistakes.push(found))
            .ok();
        let pages = Pages::open(&table.pages, &runtime).map_err(|found| mistakes.extend(found));
        let edge = match edge {
            Some(table) => EdgeServer::open(table, &runtime).await.map(Some),
            None => Ok(None),
        };
        let edge = match edge {
            Ok(edge) => edge,
            Err(StartError::Mistakes(found)) => {
                mistakes.extend(found);
                None
            }
            Err(other) => return Err(other),
        };
        let (Some(opened), Some(authenticator), Some(server)) = (opened, authenticator, server)
        else {
            mistakes.extend(policy::mistakes(&runtime, &wiring).await);
            return Err(StartError::Mistakes(mistakes));
        };
        let Opened { ports, upkeep, .. } = opened;
        let metrics = Gateway::metrics();
        let options = GateOptions { observer: Arc::new(metrics.ports()), ..table.gate.clone() };
        let gate = Gate::start(&runtime, ports, options).await?;
        mistakes.extend(policy::trouble(&gate).await);
        if !mistakes.is_empty() {
            return Err(StartError::Mistakes(mistakes));
        }
        watch(&metrics, &gate, &authenticator);
        upkeep::watch(&metrics, &upkeep);
        if let Some(counters) = edge.as_ref().map(EdgeServer::counters) {
            let help = "Requests to the edge by what became of them";
            metrics.counters_from("edge_requests", help, "result", move || counters.snapshot());
        }
        let playback: Arc<dyn Playback> = Arc::new(gate);
        let readiness = Readiness::of(Arc::clone(&playback), Arc::clone(&authenticator));
        let readiness = upkeep::checks(readiness, &upkeep);
        let GatewayTable { requests, .. } = table;
        let gateway = Gateway::new(playback, authenticator, readiness.clone(), metrics, requests);
        let gateway = gateway.with_pages(pages.unwrap_or_default());
        Ok(Self { gateway, server, edge, readiness, _caretaker: Caretaker::start(upkeep) })
    }

    /// What does not answer now, by the names of readiness. It is no mistake: it may come.
    pub async fn waiting_for(&self) -> Vec<String> {
        self.readiness.report().await.waiting_for
    }

    /// Serves until `stop` resolves and what is being answered is answered.
    pub async fn run(
        self,
        sockets: Sockets,
        stop: impl Future<Output = ()> + Send,
    ) -> DrainOutcome {
        let stop = stop.shared();
        let edge = async {
            match (self.edge, sockets.edge) {
                (Some(edge), Some(socket)) => edge.run(socket, stop.clone()).await,
                _ => DrainOutcome::Finished,
            }
        };
        let gateway = gateway::run(sockets.gateway, self.gateway, self.server, stop.clone());
        let (gateway, edge) = tokio::join!(gateway, edge);
        gateway.and(edge)
    }
}

/// What of a policy the component cannot use, for a command that starts nothing.
///
/// # Errors
/// The component cannot be run here.
pub async fn wrong_policy(wiring: &Wiring) -> Result<Vec<Mistake>, StartError> {
    Ok(policy::mistakes(&Runtime::new()?, wiring).await)
}

fn authenticator(settings: AuthSettings) -> Result<Arc<Authenticator>, Mistake> {
    let key = match settings.keys {
        KeySource::JwksUrl(_) => "auth.url",
        KeySource::JwksFile(_) | KeySource::PemFile(_) => "auth.path",
    };
    let authenticator = Authenticator::new(settings)
        .map_err(|error: AuthSetupError| mistake(key, chain(&error)))?;
    tracing::info!(keys = authenticator.summary(), "tokens are verified");
    Ok(Arc::new(authenticator))
}

fn with_tls(
    settings: ServerSettings,
    files: Option<&TlsFiles>,
    table: &str,
) -> Result<ServerSettings, Mistake> {
    let Some(files) = files else { return Ok(settings) };
    let tls = Tls::from_files(&files.certificate, &files.key).map_err(|error| {
        let key = match &error {
            TlsError::Read { path, .. } | TlsError::Content { path, .. }
                if *path == files.certificate =>
            {
                "tls-certificate"
            }
            _ => "tls-key",
        };
        mistake(&format!("{table}.{key}"), chain(&error))
    })?;
    Ok(ServerSettings { tls: Some(tls), ..settings })
}

fn watch(metrics: &Metrics, gate: &Gate, authenticator: &Arc<Authenticator>) {
    let instances = i64::try_from(gate.instances()).unwrap_or(i64::MAX);
    metrics.gauge_from("gate_instances", "Instances of the gate component", move || instances);
    let lost = gate.clone();
    metrics.counter_from(
        "gate_instances_lost",
        "Instances lost to a trap or a hang, and replaced",
        move || lost.lost_instances(),
    );
    let keys = Arc::clone(authenticator);
    metrics.counter_from("jwks_refreshes", "Loads of the keys that verify tokens", move || {
        keys.refreshes()
    });
    let keys = Arc::clone(authenticator);
    metrics.counter_from("jwks_refresh_failures", "Loads of those keys that failed", move || {
        keys.refreshes_failed()
    });
}

fn mistake(key: &str, rule: impl Into<String>) -> Mistake {
    Mistake { key: key.to_owned(), rule: rule.into() }
}

/// An error with its causes in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
