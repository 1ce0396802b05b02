//! `tollgate doctor`: looks at everything an installation stands on.

mod checks;

use serde_json::json;
use tollgate_backends::examination::{Finding, Verdict};

use super::{Exit, Failure, output, runtime, serve::ConfigArg};
use crate::config::{Config, ConfigError, Needs};

/// Checks everything a configuration names: one line each, with what helps.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  tollgate doctor --config tollgate.toml
  tollgate doctor --json

Nothing is changed: the right to write is tried with a condition that cannot
hold. Run it where the gateway runs and as whom it runs. What only an operator
may look at (key groups, how tables are made) is a warning there and not a
failure where the right is missing.

Exit code 0 if nothing fails, warnings or not; 1 if a check fails.")]
pub(super) struct Args {
    #[command(flatten)]
    config: ConfigArg,
    /// Print the checks for a program to read
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    let findings = match Config::load(&args.config.file, Needs::Gateway) {
        Ok(config) => runtime()?.block_on(checks::all(config)),
        Err(ConfigError::Mistakes { mistakes, .. }) => {
            let fix = "correct it in the configuration; docs/configuration.md has every key";
            let fail = |mistake: tollgate_backends::section::Mistake| {
                Finding::fail(mistake.key, mistake.rule, fix)
            };
            mistakes.into_iter().map(fail).collect()
        }
        // Without a file to read there is nothing to check.
        Err(other) => return Err(other.into()),
    };
    if args.json {
        let rows = findings.iter().map(|finding| {
            let verdict = match finding.verdict {
                Verdict::Ok => "ok",
                Verdict::Warn => "warn",
                Verdict::Fail => "fail",
            };
            json!({
                "verdict": verdict, "subject": finding.subject, "text": finding.text, "fix": finding.fix,
            })
        });
        output::json(&rows.collect::<Vec<_>>())?;
    } else {
        findings.iter().try_for_each(output::line)?;
    }
    let failed = findings.iter().any(|finding| finding.verdict == Verdict::Fail);
    Ok(if failed { Exit::No } else { Exit::Done })
}
