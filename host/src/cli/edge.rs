//! `tollgate edge`: the local CloudFront alone.

use super::{
    Exit, Failure, runtime,
    serve::{ConfigArg, ended, logs, on_hangup, signal},
};
use crate::{
    component::Runtime,
    config::{Config, Needs},
    installation::EdgeServer,
};

/// Runs the local edge alone: verifies signatures as CloudFront does, then serves from its origins.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  tollgate edge --config tollgate.toml

Only [edge] and [log] are needed. With `explain = true`, denials carry X-Tollgate-Reason.")]
pub(super) struct Args {
    #[command(flatten)]
    config: ConfigArg,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let config = Config::load(&args.config.file, Needs::Edge)?;
    logs(&config)?;
    let Some(table) = config.edge else {
        return Err(Failure::Wrong("edge: is required".to_owned()));
    };
    runtime()?.block_on(async {
        // Before anything takes its time: SIGHUP must not end what is about to begin.
        let stop = signal(on_hangup(table.tls.is_some()))?;
        let edge = EdgeServer::open(table, &Runtime::new()?).await?;
        let socket = edge.bind().await?;
        Ok(ended(edge.run(socket, stop).await))
    })
}
