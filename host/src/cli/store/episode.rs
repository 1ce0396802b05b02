//! `tollgate episode`: edits the catalogue.

use clap::Subcommand;
use tollgate_backends::{ports::Media, registry::Port};

use super::{failure, identifiers, with};
use crate::cli::{Exit, Failure, output, serve::ConfigArg};

/// Edits the catalogue: which episodes there are, and their raw video and poster.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  tollgate episode put --series series-1 --episode ep2 \\
      --video content/series/series-1/raw/ep2.mp4
  tollgate episode list --json
  tollgate episode remove --series series-1 --episode ep2

HLS is found by itself, at the path the policy's `hls-path` says.")]
pub(in crate::cli) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Records an episode, in place of what was recorded before
    #[command(
        after_help = "Example:\n  tollgate episode put --series series-1 --episode ep1 --poster p/ep1.jpg"
    )]
    Put {
        #[command(flatten)]
        config: ConfigArg,
        /// The series it belongs to
        #[arg(long)]
        series: String,
        /// The episode
        #[arg(long)]
        episode: String,
        /// Object key of the raw video, for when there is no HLS
        #[arg(long, value_name = "KEY")]
        video: Option<String>,
        /// Object key of the poster
        #[arg(long, value_name = "KEY")]
        poster: Option<String>,
    },
    /// Deletes an episode; exit code 1 if there was none
    #[command(after_help = "Example:\n  tollgate episode remove --series series-1 --episode ep1")]
    Remove {
        #[command(flatten)]
        config: ConfigArg,
        /// The series it belongs to
        #[arg(long)]
        series: String,
        /// The episode
        #[arg(long)]
        episode: String,
    },
    /// Lists the episodes
    #[command(after_help = "Example:\n  tollgate episode list --series series-1 --json")]
    List {
        #[command(flatten)]
        config: ConfigArg,
        /// Only this series
        #[arg(long)]
        series: Option<String>,
        /// Print a list for a program to read
        #[arg(long)]
        json: bool,
    },
}

pub(in crate::cli) fn run(args: &Args) -> Result<Exit, Failure> {
    match &args.action {
        Action::Put { config, series, episode, video, poster } => {
            identifiers([("series", Some(series)), ("episode", Some(episode))])?;
            let media = Media { video: video.clone(), poster: poster.clone() };
            with(config, Port::Catalog, async |store, _| {
                let put = store.put_episode(series, episode, &media).await;
                put.map_err(|error| failure(&error))?;
                output::note(format_args!("{series}/{episode} is recorded"));
                Ok(Exit::Done)
            })
        }
        Action::Remove { config, series, episode } => {
            identifiers([("series", Some(series)), ("episode", Some(episode))])?;
            with(config, Port::Catalog, async |store, _| {
                let removed = store.remove_episode(series, episode).await;
                if removed.map_err(|error| failure(&error))? {
                    output::note(format_args!("{series}/{episode} is gone"));
                    Ok(Exit::Done)
                } else {
                    output::note("there is no such episode");
                    Ok(Exit::No)
                }
            })
        }
        Action::List { config, series, json } => list(config, series.as_deref(), *json),
    }
}

fn list(config: &ConfigArg, series: Option<&str>, json: bool) -> Result<Exit, Failure> {
    identifiers([("series", series)])?;
    with(config, Port::Catalog, async |store, _| {
        let found = store.episodes(series).await.map_err(|error| failure(&error))?;
        if json {
            let rows = found.iter().map(|row| {
                serde_json::json!({
                    "series": row.series,
                    "episode": row.episode,
                    "video": row.media.video,
                    "poster": row.media.poster,
                })
            });
            output::json(&rows.collect::<Vec<_>>())?;
        } else {
            let key = |key: Option<String>| key.unwrap_or_else(|| "-".to_owned());
            let rows: Vec<_> = found
                .into_iter()
                .map(|row| [row.series, row.episode, key(row.media.video), key(row.media.poster)])
                .collect();
            output::table(["SERIES", "EPISODE", "VIDEO", "POSTER"], &rows)?;
        }
        Ok(Exit::Done)
    })
}
