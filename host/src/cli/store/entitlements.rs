//! `tollgate entitlements`: who may watch what.

use tollgate_backends::registry::Port;

use super::{failure, identifiers, moment, with};
use crate::cli::{Exit, Failure, output, serve::ConfigArg};

/// Lists who may watch what.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  tollgate entitlements --user alice --json")]
pub(in crate::cli) struct Args {
    #[command(flatten)]
    config: ConfigArg,
    /// Only this user
    #[arg(long)]
    user: Option<String>,
    /// Print a list for a program to read; times are epoch seconds
    #[arg(long)]
    json: bool,
}

pub(in crate::cli) fn run(args: &Args) -> Result<Exit, Failure> {
    identifiers([("user", args.user.as_deref())])?;
    with(&args.config, Port::Entitlements, async |store, _| {
        let found = store.entitlements(args.user.as_deref()).await;
        let found = found.map_err(|error| failure(&error))?;
        if args.json {
            let rows = found.iter().map(|row| {
                serde_json::json!({
                    "user": row.user,
                    "series": row.series,
                    "status": row.entitlement.status,
                    "validUntil": row.entitlement.valid_until,
                })
            });
            output::json(&rows.collect::<Vec<_>>())?;
        } else {
            let rows: Vec<_> = found
                .into_iter()
                .map(|row| {
                    let until = moment(row.entitlement.valid_until);
                    [row.user, row.series, row.entitlement.status, until]
                })
                .collect();
            output::table(["USER", "SERIES", "STATUS", "VALID UNTIL"], &rows)?;
        }
        Ok(Exit::Done)
    })
}
