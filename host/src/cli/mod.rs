//! The command line. Each command is a file; this one picks among them and sets the exit code.

mod demo;
mod doctor;
mod edge;
mod failure;
mod keygen;
mod keys;
mod output;
#[cfg(feature = "aws")]
mod rotation;
mod serve;
mod sign;
mod store;
mod token;
mod verify;

use std::process::ExitCode;

use clap::{
    Parser, Subcommand,
    error::{ContextKind, ContextValue},
};

pub use failure::{Exit, Failure};

use crate::{telemetry, time};

const EXIT_CODES: &str = "\
Exit codes:
  0  done; `verify`: allowed
  1  it could not be done, or a check failed; `verify`: denied
  2  the command line, the configuration or an input file is wrong; nothing was done";

/// Lets the right people, and only them, stream protected video through CloudFront or any edge.
#[derive(Debug, Parser)]
#[command(name = "tollgate", version, after_help = EXIT_CODES, max_term_width = 110)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::Args),
    Serve(serve::Args),
    Doctor(doctor::Args),
    Edge(edge::Args),
    Sign(sign::UrlArgs),
    SignCookies(sign::CookieArgs),
    Verify(verify::Args),
    Keygen(keygen::Args),
    #[cfg(feature = "aws")]
    Keys(rotation::Args),
    Token(token::Args),
    Grant(store::grant::Args),
    Revoke(store::revoke::Args),
    Entitlements(store::entitlements::Args),
    Episode(store::episode::Args),
    Sessions(store::sessions::Args),
}

/// Runs the command of this process.
pub fn main() -> ExitCode {
    // Clap exits with 2 on a wrong command line and with 0 after `--help`.
    let cli = Cli::try_parse().unwrap_or_else(|error| shortened(error).exit());
    let outcome = match cli.command {
        Command::Demo(args) => demo::run(args),
        Command::Serve(args) => serve::run(&args),
        Command::Doctor(args) => doctor::run(&args),
        Command::Edge(args) => edge::run(&args),
        Command::Sign(args) => sign::url(&args),
        Command::SignCookies(args) => sign::cookies(&args),
        Command::Verify(args) => verify::run(args),
        Command::Keygen(args) => keygen::run(&args),
        #[cfg(feature = "aws")]
        Command::Keys(args) => rotation::run(&args),
        Command::Token(args) => token::run(&args),
        Command::Grant(args) => store::grant::run(&args),
        Command::Revoke(args) => store::revoke::run(&args),
        Command::Entitlements(args) => store::entitlements::run(&args),
        Command::Episode(args) => store::episode::run(&args),
        Command::Sessions(args) => store::sessions::run(&args),
    };
    // Before anything is said about the end, and before it comes.
    telemetry::flush();
    match outcome {
        Ok(exit) => exit.into(),
        Err(failure) => {
            output::complain(&failure.to_string());
            failure.exit().into()
        }
    }
}

/// Cuts what an error repeats of the command line, where a key, a token or a signed URL may stand in the wrong place.
fn shortened(mut error: clap::Error) -> clap::Error {
    for kind in [ContextKind::InvalidArg, ContextKind::InvalidValue, ContextKind::InvalidSubcommand]
    {
        if let Some(ContextValue::String(text)) = error.get(kind)
            && text.chars().count() > MOST_REPEATED
        {
            let start: String = text.chars().take(MOST_REPEATED / 2).collect();
            error.insert(kind, ContextValue::String(format!("{start}…")));
        }
    }
    error
}

/// Longer than the names of all flags and commands, shorter than anything secret.
const MOST_REPEATED: usize = 40;

/// A runtime for one command.
fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Failed(format!("no threads to run on: {error}")))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn every_command_explains_itself_with_an_example() {
        let mut cli = Cli::command();
        cli.build();
        cli.clone().debug_assert();
        for command in cli.get_subcommands_mut().filter(|command| command.get_name() != "help") {
            let name = command.get_name().to_owned();
            let help = command.render_long_help().to_string();
            assert!(help.contains(&format!("tollgate {name}")), "{help}");
            assert!(help.contains("Example"), "{name} has no example");
            assert!(command.get_about().is_some(), "{name} has no description");
        }
    }
}
