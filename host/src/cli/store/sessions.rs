//! `tollgate sessions`: who watches on which devices, and how to free one.

use tollgate_backends::registry::{Port, Service};

use super::{failure, identifiers, moment, with};
use crate::cli::{Exit, Failure, output, serve::ConfigArg, time};

/// Lists the devices that watch now, or frees one.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  tollgate sessions
  tollgate sessions --user alice --json
  tollgate sessions --user alice --end 4f1c0d2e9b8a47d6a3c5e1f20718293a")]
pub(in crate::cli) struct Args {
    #[command(flatten)]
    config: ConfigArg,
    /// Only this user
    #[arg(long)]
    user: Option<String>,
    /// End this session of the user, so that its place is free; exit code 1 if there is none
    #[arg(long, value_name = "SESSION", requires = "user")]
    end: Option<String>,
    /// Print a list for a program to read; times are epoch seconds
    #[arg(long, conflicts_with = "end")]
    json: bool,
}

pub(in crate::cli) fn run(args: &Args) -> Result<Exit, Failure> {
    identifiers([("user", args.user.as_deref()), ("end", args.end.as_deref())])?;
    match (&args.user, &args.end) {
        (Some(user), Some(session)) => end(&args.config, user, session),
        (user, _) => list(&args.config, user.as_deref(), args.json),
    }
}

fn end(config: &ConfigArg, user: &str, session: &str) -> Result<Exit, Failure> {
    with(config, Port::Sessions, async |_, adapter| {
        let Service::Sessions(sessions) = &adapter.service else {
            return Err(Failure::Failed("the store keeps no sessions".to_owned()));
        };
        let ended = sessions.release(user, session, time::now()).await;
        if ended.map_err(|error| failure(&error))? {
            output::note("the session has ended; its signatures hold until they expire");
            Ok(Exit::Done)
        } else {
            output::note("there is no such session");
            Ok(Exit::No)
        }
    })
}

fn list(config: &ConfigArg, user: Option<&str>, json: bool) -> Result<Exit, Failure> {
    with(config, Port::Sessions, async |store, _| {
        let found = store.sessions(user, time::now()).await.map_err(|error| failure(&error))?;
        if json {
            let rows = found.iter().map(|row| {
                serde_json::json!({
                    "user": row.user,
                    "sessionId": row.session.id,
                    "series": row.session.series,
                    "episode": row.session.episode,
                    "startedAt": row.session.started_at,
                    "renewedAt": row.session.renewed_at,
                    "expiresAt": row.session.expires_at,
                })
            });
            output::json(&rows.collect::<Vec<_>>())?;
        } else {
            let rows: Vec<_> = found
                .into_iter()
                .map(|row| {
                    let watching = format!("{}/{}", row.session.series, row.session.episode);
                    [row.user, row.session.id, watching, moment(Some(row.session.expires_at))]
                })
                .collect();
            output::table(["USER", "SESSION", "WATCHING", "EXPIRES"], &rows)?;
        }
        Ok(Exit::Done)
    })
}
