//! What `scripts/bench` runs: Tollgate and what it replaces, side by side on this machine.

mod chart;
mod count;
mod figure;
mod machine;
mod probe;
mod report;
mod rows;
mod stage;

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, Result, bail};
use clap::Parser;

use crate::{
    count::Count,
    figure::{Measured, ROWS, Row},
    probe::Probe,
    rows::{Pace, prepare},
    stage::{Places, Stage},
};

/// Measures Tollgate beside what it replaces, and prints a table.
#[derive(Debug, Parser)]
#[command(
    name = "scripts/bench",
    args_conflicts_with_subcommands = true,
    after_help = "\
Examples:
  scripts/bench                                  every row, five rounds, about ten minutes
  scripts/bench --quick --json figures.json      one short round
  scripts/bench --only grants-warm,start

Goals are reported, never enforced: the exit code is 1 only if a figure could not be taken."
)]
struct Args {
    /// One short round
    #[arg(long)]
    quick: bool,
    /// Only these rows
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    only: Vec<String>,
    /// Rounds of each row; five without it, one with --quick
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: Option<u32>,
    /// Write the figures as a list of {id, ours, theirs, ratio, goal, unit}
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Draw the figures as an SVG chart
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    #[command(flatten)]
    places: Places,
    #[command(subcommand)]
    within: Option<Within>,
}

/// What this program calls itself for.
#[derive(Debug, clap::Subcommand)]
enum Within {
    /// Measures something in this process
    #[command(hide = true)]
    Probe(Probe),
    /// Does something so many times, for scripts/check-counts
    #[command(hide = true)]
    Count(Count),
}

fn main() -> ExitCode {
    let args = Args::parse();
    let outcome = match &args.within {
        Some(Within::Probe(probe)) => probe.run(),
        Some(Within::Count(count)) => count.run(),
        None => run(&args),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<()> {
    let wanted = wanted(&args.only)?;
    let pace = match args.quick {
        true => Pace { rounds: args.rounds.unwrap_or(1), seconds: 2, warm_up: 2 },
        false => Pace { rounds: args.rounds.unwrap_or(5), seconds: 5, warm_up: 3 },
    };
    let machine = args.places.machine();
    say(&machine);
    let stage = Stage::set(args.places.clone())?;
    let mut measured: Vec<_> = wanted.iter().map(|row| (*row, None, Vec::new())).collect();
    // Rows take turns as well, so that what disturbs the machine for a while disturbs no row in all of its rounds.
    for round in 0..pace.rounds {
        for (row, prepared, samples) in &mut measured {
            say(&format!("round {} of {}: {}", round + 1, pace.rounds, row.id));
            let prepared = match prepared {
                Some(prepared) => prepared,
                None => prepared.insert(prepare(row.id, &stage, pace).context(row.id)?),
            };
            samples.push(prepared.round(&stage, round % 2 == 1).context(row.id)?);
        }
    }
    let all: Vec<Measured> =
        measured.iter().filter_map(|(row, _, samples)| Measured::of(*row, samples)).collect();
    write!(std::io::stdout(), "{machine}\n\n{}", report::table(&all))
        .context("the table cannot be printed")?;
    write(args.json.as_deref(), || format!("{:#}\n", report::json(&all)))?;
    write(args.svg.as_deref(), || chart::svg(&all, &machine))
}

fn write(path: Option<&Path>, text: impl FnOnce() -> String) -> Result<()> {
    let Some(path) = path else { return Ok(()) };
    fs::write(path, text()).with_context(|| format!("{} cannot be written", path.display()))
}

fn wanted(only: &[String]) -> Result<Vec<Row>> {
    if let Some(unknown) = only.iter().find(|id| ROWS.iter().all(|row| row.id != **id)) {
        let known: Vec<_> = ROWS.iter().map(|row| row.id).collect();
        bail!("there is no row {unknown}; there are {}", known.join(", "));
    }
    let is_wanted = |row: &&Row| only.is_empty() || only.iter().any(|id| id == row.id);
    Ok(ROWS.iter().filter(is_wanted).copied().collect())
}

fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "bench: {text}");
}
