//! `tollgate serve`: the gateway, and the edge if the configuration has one.

use std::{path::PathBuf, pin::pin};

use super::{Exit, Failure, output, runtime};
use crate::{
    config::{Config, Needs},
    gateway::{DrainOutcome, Hangup, stop_signal},
    installation::{Installation, Sockets},
    telemetry,
};

/// Runs the gateway, and the local edge if `[edge]` is in the configuration.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  tollgate serve --config tollgate.toml
  tollgate serve --config tollgate.toml --check
  TOLLGATE__GATEWAY__LISTEN=0.0.0.0:8080 tollgate serve

`gateway.listen` may be a Unix socket, unix:/run/tollgate/tollgate.sock: docs/sidecar.md. \
Every key of the configuration is in docs/configuration.md. \
SIGTERM drains: requests that are being answered are answered. \
SIGHUP reads TLS certificates again, if there are any.")]
pub(super) struct Args {
    #[command(flatten)]
    pub(super) config: ConfigArg,
    /// Only say whether everything the configuration names can be used, and what does not answer now; no socket is
    /// opened
    #[arg(long)]
    check: bool,
}

/// Where the configuration is.
#[derive(Debug, clap::Args)]
pub(super) struct ConfigArg {
    /// The configuration file
    #[arg(
        long = "config",
        value_name = "FILE",
        default_value = "tollgate.toml",
        env = "TOLLGATE_CONFIG"
    )]
    pub(super) file: PathBuf,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let config = Config::load(&args.config.file, Needs::Gateway)?;
    logs(&config)?;
    let check = args.check;
    runtime()?.block_on(async {
        let tls = config.gateway.tls.is_some()
            || config.edge.as_ref().is_some_and(|edge| edge.tls.is_some());
        // Before anything takes its time: SIGHUP must not end what is about to begin.
        let mut stop = pin!(signal(on_hangup(tls))?);
        // Sockets are the last thing, but their addresses are part of the configuration.
        let (gateway, edge) =
            (config.gateway.clone(), config.edge.as_ref().map(|edge| edge.listen));
        let installation = tokio::select! {
            opened = Installation::open(config) => opened?,
            // A check that was broken off has not said yes.
            () = &mut stop => return Ok(if check { Exit::No } else { Exit::Done }),
        };
        if check {
            // Not a failure: a gateway that is started in an outage has to start, and waits.
            let silent = installation.waiting_for().await;
            if silent.is_empty() {
                output::note("the configuration works");
            } else {
                output::note(format_args!(
                    "the configuration works, but these do not answer now: {}; `tollgate doctor` says more",
                    silent.join(", ")
                ));
            }
            return Ok(Exit::Done);
        }
        let sockets = Sockets::bind(&gateway, edge).await?;
        Ok(ended(installation.run(sockets, stop).await))
    })
}

/// Starts the log the configuration asks for.
pub(super) fn logs(config: &Config) -> Result<(), Failure> {
    telemetry::init(config.log.format, &config.log.filter)
        .map_err(|error| Failure::Failed(error.to_string()))
}

/// Resolves when the process is told to stop.
pub(super) fn signal(hangup: Hangup) -> Result<impl Future<Output = ()> + Send + 'static, Failure> {
    stop_signal(hangup)
        .map_err(|error| Failure::Failed(format!("signals cannot be caught: {error}")))
}

/// What SIGHUP means to a server with or without certificates.
pub(super) fn on_hangup(tls: bool) -> Hangup {
    if tls { Hangup::Reloads } else { Hangup::Ignored }
}

/// Says how the last connections ended.
pub(super) fn ended(outcome: DrainOutcome) -> Exit {
    match outcome {
        DrainOutcome::Finished => {
            tracing::info!("stopped; every request was answered");
            Exit::Done
        }
        DrainOutcome::Cut { connections } => {
            tracing::warn!(connections, "stopped; the drain timeout cut connections");
            Exit::No
        }
    }
}
