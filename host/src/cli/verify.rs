//! `tollgate verify`: what CloudFront would say to a request, and why.

use super::{Exit, Failure, keys, output, time};
use crate::{
    component::{
        Runtime, SignerComponent, SignerError,
        signer::{EdgeRequest, InvalidField, Report, TrustedKey, Verdict},
    },
    explain::{Explanation, address_of, code, denied, time_of},
};

/// Says whether CloudFront would allow a request, and if not, why.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  tollgate verify --url \"$SIGNED_URL\" \\
      --public-key K2JCJMDEHXQW5F=cloudfront.public.pem --explain
  tollgate verify --url https://media.example.com/v/1/seg0.ts \\
      --cookie \"CloudFront-Policy=$POLICY\" \\
      --cookie \"CloudFront-Signature=$SIGNATURE\" \\
      --cookie CloudFront-Key-Pair-Id=K2JCJMDEHXQW5F \\
      --cookie CloudFront-Hash-Algorithm=SHA256 \\
      --public-key K2JCJMDEHXQW5F=cloudfront.public.pem --json

Exit code 0 if it would be allowed, 1 if denied, 2 if the question is wrong.")]
pub(super) struct Args {
    /// The URL, exactly as requested
    #[arg(long)]
    url: String,
    /// A cookie of the request; repeat for each
    #[arg(long = "cookie", value_name = "NAME=VALUE")]
    cookies: Vec<String>,
    /// A key of the trusted group: its CloudFront id and its PEM file; repeat for each
    #[arg(
        long = "public-key",
        value_name = "ID=PATH",
        required = true,
        allow_hyphen_values = true
    )]
    public_keys: Vec<String>,
    /// The time of the request instead of now: epoch seconds, or a date as in `sign`
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// The viewer's address, for policies that name one
    #[arg(long)]
    ip: Option<String>,
    /// Deny what CloudFront's documents leave open
    #[arg(long)]
    strict: bool,
    /// Print the verdict for a program to read
    #[arg(long)]
    json: bool,
    /// Print every check in the order it was made, and the policy
    #[arg(long)]
    explain: bool,
}

pub(super) fn run(args: Args) -> Result<Exit, Failure> {
    let keys = args.public_keys.iter().map(|pair| trusted_key(pair)).collect::<Result<_, _>>()?;
    let now = time_of(args.at.as_deref()).map_err(|rule| Failure::argument("at", rule))?;
    // By its place and not by its text, which is a secret.
    if let Some(wrong) = args.cookies.iter().position(|cookie| !cookie.contains('=')) {
        let rule = format!("must be NAME=VALUE; number {} has no `=`", wrong + 1);
        return Err(Failure::argument("cookie", rule));
    }
    let client_ip = address_of(args.ip).map_err(|rule| Failure::argument("ip", rule))?;
    let verifier = SignerComponent::new(&Runtime::new()?)?
        .verifier(keys, args.strict)
        .map_err(|error| key_refused(error, &args.public_keys))?;
    // As a browser sends them: in one header.
    let cookies = if args.cookies.is_empty() { Vec::new() } else { vec![args.cookies.join("; ")] };
    let report = verifier.explain(&EdgeRequest { url: args.url, cookies, client_ip, now })?;
    if args.json {
        output::json(&Explanation::of(&report, args.explain))?;
    } else {
        print(&report, args.explain)?;
    }
    Ok(if matches!(report.verdict, Verdict::Allow) { Exit::Done } else { Exit::No })
}

fn trusted_key(pair: &str) -> Result<TrustedKey, Failure> {
    let Some((id, path)) = pair.split_once('=') else {
        return Err(Failure::argument("public-key", "must be ID=PATH"));
    };
    let public_key = keys::read("public-key", path)?.to_string();
    Ok(TrustedKey { key_pair_id: id.to_owned(), public_key })
}

/// The contract counts the keys; whoever gave them knows them by their ids.
fn key_refused(error: SignerError, pairs: &[String]) -> Failure {
    let SignerError::Invalid(InvalidField { field, rule }) = &error else { return error.into() };
    let place = field.strip_prefix("keys[").and_then(|rest| rest.split_once("]."));
    let Some((index, field)) = place else { return error.into() };
    let given = index.parse().ok().and_then(|index: usize| pairs.get(index));
    match given.and_then(|pair| pair.split_once('=')) {
        Some((id, _)) if field == "public-key" => {
            Failure::argument("public-key", format_args!("{id}: {rule}"))
        }
        // An id that is none is not repeated: it may be a key in the wrong place.
        _ => Failure::argument("public-key", format_args!("the id: {rule}")),
    }
}

fn print(report: &Report, explain: bool) -> Result<(), Failure> {
    match denied(report) {
        None => output::line("allow")?,
        Some(denied) => {
            output::line(format_args!("deny  {} ({})", code(denied.code), denied.reason))?;
            output::line(format_args!("      {}", denied.detail))?;
        }
    }
    if !explain {
        return Ok(());
    }
    for check in &report.checks {
        let mark = match check.passed {
            Some(true) => "ok",
            Some(false) => "no",
            None => "--",
        };
        output::line(format_args!("  {mark}  {:<12} {}", check.name, check.detail))?;
    }
    if let Some(policy) = &report.policy {
        output::line(format_args!("  policy  {policy}"))?;
    }
    if let Some(expires_at) = report.expires_at {
        output::line(format_args!("  expires {}", time::format(expires_at)))?;
    }
    Ok(())
}
