//! `tollgate grant`: records what somebody may watch.

use tollgate_backends::registry::Port;

use super::{failure, identifiers, with};
use crate::cli::{Exit, Failure, output, serve::ConfigArg, time};

/// Records that a user may watch a series, in place of what was recorded before.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  tollgate grant --user alice --series series-1
  tollgate grant --user carol --series series-1 --status Completed \\
      --valid-until 2030-01-01")]
pub(in crate::cli) struct Args {
    #[command(flatten)]
    config: ConfigArg,
    /// Whom
    #[arg(long)]
    user: String,
    /// What
    #[arg(long)]
    series: String,
    /// The status; the policy says which of them may watch
    #[arg(long, default_value = "Active")]
    status: String,
    /// First second in which it no longer holds: epoch seconds or a date; never by default
    #[arg(long, value_name = "TIME")]
    valid_until: Option<String>,
}

pub(in crate::cli) fn run(args: &Args) -> Result<Exit, Failure> {
    let valid_until = args.valid_until.as_deref().map(time::parse).transpose();
    let valid_until = valid_until.map_err(|rule| Failure::argument("valid-until", rule))?;
    identifiers([("user", Some(&args.user)), ("series", Some(&args.series))])?;
    with(&args.config, Port::Entitlements, async |store, _| {
        let granted = store.grant(&args.user, &args.series, &args.status, valid_until).await;
        granted.map_err(|error| failure(&error))?;
        output::note(format_args!("{}, {}: {} is recorded", args.user, args.series, args.status));
        Ok(Exit::Done)
    })
}
