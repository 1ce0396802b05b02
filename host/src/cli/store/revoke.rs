//! `tollgate revoke`: takes back what somebody may watch.

use tollgate_backends::registry::Port;

use super::{failure, identifiers, with};
use crate::cli::{Exit, Failure, output, serve::ConfigArg};

/// Deletes what is recorded of a user and a series.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  tollgate revoke --user alice --series series-1

Signatures that were handed out hold until they expire; no new one is made. Exit code 1 if nothing was recorded.")]
pub(in crate::cli) struct Args {
    #[command(flatten)]
    config: ConfigArg,
    /// Whom
    #[arg(long)]
    user: String,
    /// What
    #[arg(long)]
    series: String,
}

pub(in crate::cli) fn run(args: &Args) -> Result<Exit, Failure> {
    identifiers([("user", Some(&args.user)), ("series", Some(&args.series))])?;
    with(&args.config, Port::Entitlements, async |store, _| {
        let revoked = store.revoke(&args.user, &args.series).await;
        if revoked.map_err(|error| failure(&error))? {
            output::note(format_args!("{} may no longer watch {}", args.user, args.series));
            Ok(Exit::Done)
        } else {
            output::note("nothing was recorded");
            Ok(Exit::No)
        }
    })
}
