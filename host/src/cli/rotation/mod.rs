//! `tollgate keys`: the rotation of the key that signs, step by step.

mod report;
mod times;

use std::time::Duration;

use tollgate_backends::{
    policy::{self, Signing},
    ports::{Algorithm, PortError},
    rotation::{Plan, Rotation, RotationError, Settings},
    section::Mistake,
};
use zeroize::Zeroizing;

use self::times::Times;
use super::{
    Exit, Failure,
    keygen::{self, KeyAlgorithm},
    output, runtime,
    serve::ConfigArg,
};
use crate::config::{Config, Needs, RotationTables};

/// Changes the key that signs, without downtime.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  tollgate keys status
  tollgate keys rotate --dry-run")]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Rotate(RotateArgs),
    Status(StatusArgs),
}

/// Begins a rotation, or goes on with the one that is under way.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  tollgate keys rotate --dry-run          every step, and how far it is
  tollgate keys rotate                    does what can be done now
  tollgate keys rotate --resume --wait    goes on to the end, with its waits
  tollgate keys rotate --wait --replace K2JCJMDEHXQW5F \\
      --url-lifetime 0 --max-key-age 5m   makes a key that got out worthless

Both keys are trusted from before the first URL of the new one until after the
last URL of the old one. Whatever stops it, run it again, on this machine or
another: it looks at what is there and goes on. docs/key-rotation.md explains
each step and what to do in an emergency.

Exit code 0 if everything that can be done now is done, also when more is to be
done later: then it says when. 1 if a step failed or was refused. The last line
says which key signs now.")]
struct RotateArgs {
    #[command(flatten)]
    config: ConfigArg,
    /// Only print every step and how far it is; nothing is changed
    #[arg(long)]
    dry_run: bool,
    /// Sleep where the rotation must wait, and go on
    #[arg(long, conflicts_with = "dry_run")]
    wait: bool,
    /// Go on with a rotation that is under way; never begin one
    #[arg(long)]
    resume: bool,
    /// Go on until this key is out of the key group, with as many rotations as that takes: the one that is under way,
    /// and another if the key signs after that. A key with which nobody signs is removed at once
    #[arg(long, value_name = "KEYID", conflicts_with = "resume")]
    replace: Option<String>,
    /// Kind of the new key; that of the current one unless told otherwise
    #[arg(long, value_enum)]
    algorithm: Option<KeyAlgorithm>,
    #[command(flatten)]
    times: Times,
    /// Print the steps for a program to read; times are epoch seconds
    #[arg(long)]
    json: bool,
}

/// Says how far a rotation is. Changes nothing.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  tollgate keys status --json")]
struct StatusArgs {
    #[command(flatten)]
    config: ConfigArg,
    #[command(flatten)]
    times: Times,
    /// Print the steps for a program to read; times are epoch seconds
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Result<Exit, Failure> {
    match &args.command {
        Command::Rotate(args) => rotate(args),
        Command::Status(args) => {
            let tables = load(&args.config)?;
            runtime()?.block_on(async {
                let rotation = open(tables, &args.times, None, None).await?;
                let plan = rotation.plan(false).await.map_err(failure)?;
                report::plan(&plan, args.json)?;
                Ok(Exit::Done)
            })
        }
    }
}

fn rotate(args: &RotateArgs) -> Result<Exit, Failure> {
    let tables = load(&args.config)?;
    let algorithm = args.algorithm.map(|kind| match kind {
        KeyAlgorithm::EcdsaP256 => Algorithm::EcdsaP256,
        KeyAlgorithm::Rsa2048 => Algorithm::Rsa2048,
    });
    runtime()?.block_on(async {
        let rotation = open(tables, &args.times, algorithm, args.replace.clone()).await?;
        let mut plan = rotation.plan(!args.resume).await.map_err(failure)?;
        if args.dry_run || !args.json {
            report::plan(&plan, args.json)?;
        }
        if args.dry_run {
            return Ok(Exit::Done);
        }
        let (mut begin, mut said) = (!args.resume && !plan.under_way, None);
        let mut patience = if args.wait { PATIENCE } else { 0 };
        loop {
            match proceed(&rotation, begin, args.json).await {
                Ok(next) => plan = next,
                // Who waits for hours shall not be thrown out by a minute without network.
                Err(Stop::Unavailable(why)) if patience > 0 => {
                    output::note(format_args!("note: {why}; trying again"));
                    patience -= 1;
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
                Err(stop) => return Err(stop.into()),
            }
            begin = false;
            if args.replace.is_some() {
                if plan.remains.is_none() {
                    break;
                }
                // The one that was under way has ended, and the key that must go is the one it brought.
                if !plan.under_way {
                    begin = true;
                    continue;
                }
            }
            let Some(time) = plan.not_before().filter(|_| args.wait) else { break };
            if !args.json && said != Some(time) {
                report::waiting(time)?;
            }
            said = Some(time);
            // In pieces: AWS's clock counts, and this one may be set meanwhile.
            let left = time.saturating_sub(rotation.now()).clamp(1, LONGEST_SLEEP);
            tokio::time::sleep(Duration::from_secs(left)).await;
        }
        if args.json {
            report::plan(&plan, true)?
        } else {
            report::end(&plan, args.replace.as_deref())?
        }
        Ok(Exit::Done)
    })
}

/// How long to sleep before looking again; signatures of requests are valid for some minutes only.
const LONGEST_SLEEP: u64 = 300;

/// How often `--wait` bears that a service does not answer.
const PATIENCE: u32 = 20;

/// How long it waits then.
const PAUSE: Duration = Duration::from_secs(15);

/// Why a rotation does not go on now.
enum Stop {
    /// A service gave no answer; it may later.
    Unavailable(String),
    /// Everything else.
    Failed(Failure),
}

impl From<Stop> for Failure {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Unavailable(why) => Self::Failed(why),
            Stop::Failed(failure) => failure,
        }
    }
}

async fn proceed(rotation: &Rotation, begin: bool, quiet: bool) -> Result<Plan, Stop> {
    let made = |kind| -> Result<Zeroizing<String>, String> {
        let kind = match kind {
            Algorithm::EcdsaP256 => KeyAlgorithm::EcdsaP256,
            Algorithm::Rsa2048 => KeyAlgorithm::Rsa2048,
        };
        keygen::private_key(kind).map_err(|_| "this machine cannot make keys".to_owned())
    };
    let mut unsaid = None;
    let mut done = |step: &tollgate_backends::rotation::Step| {
        if !quiet && let Err(failure) = report::done(step) {
            unsaid = Some(failure);
        }
    };
    let plan = rotation.go_on(begin, &made, &mut done).await;
    match (plan, unsaid) {
        (_, Some(failure)) => Err(Stop::Failed(failure)),
        (Ok(plan), None) => Ok(plan),
        (
            Err(error @ RotationError::Service(PortError::Unavailable(_) | PortError::Timeout)),
            None,
        ) => Err(Stop::Unavailable(error.to_string())),
        (Err(error), None) => Err(Stop::Failed(failure(error))),
    }
}

fn load(config: &ConfigArg) -> Result<RotationTables, Failure> {
    let config = Config::load(&config.file, Needs::Rotation)?;
    config.rotation.ok_or_else(|| Failure::Wrong("cloudfront: is required".to_owned()))
}

async fn open(
    tables: RotationTables,
    times: &Times,
    algorithm: Option<Algorithm>,
    replace: Option<String>,
) -> Result<Rotation, Failure> {
    let RotationTables { cloudfront, secret, policy } = tables;
    let document = policy::document(policy).await.map_err(wrong)?;
    let signing = Signing::of(&document).map_err(Failure::Wrong)?;
    let refresh = secret.refresh();
    for note in times.notes(signing.longest, refresh) {
        output::note(format_args!("note: {note}"));
    }
    if signing.key_pair_id.is_none() && signing.longest.is_none() {
        output::note(
            "note: [policy] names no `key-pair-id` here; a gateway whose own does signs with that key whatever the \
             secret says",
        );
    }
    let settings = Settings {
        propagation: times.propagation(),
        url_lifetime: times.url_lifetime(signing.longest),
        max_key_age: times.max_key_age(refresh),
        pinned: signing.key_pair_id,
        algorithm,
        replace,
    };
    Rotation::open(&cloudfront, &secret, settings).await.map_err(wrong)
}

fn wrong(mistakes: Vec<Mistake>) -> Failure {
    let lines: Vec<_> = mistakes.iter().map(ToString::to_string).collect();
    Failure::Wrong(lines.join("\n"))
}

fn failure(error: RotationError) -> Failure {
    Failure::Failed(error.to_string())
}
