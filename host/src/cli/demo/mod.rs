//! `tollgate demo`: everything on one machine in a throw-away folder.

mod backends;
mod check;
mod client;
mod configuration;
mod live;
mod scene;
mod terms;
mod viewers;

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use tokio::net::TcpListener;

use super::{Exit, Failure, output, runtime, serve};
use crate::{
    config::{Config, Needs},
    gateway::{Hangup, Listeners},
    installation::{Installation, Sockets, StartError},
    telemetry,
};
use live::Live;
use scene::Scene;
use viewers::ReadyFile;

/// Runs gateway and edge on this machine with sample content, users and keys in a throw-away folder.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  tollgate demo            prints a token and a curl line; runs until Ctrl-C
  tollgate demo --check    runs the main job once, shows each step, exits 0 or 1

`scripts/aws-local` runs the same on emulators of AWS.")]
pub(super) struct Args {
    /// Run the main job against it once, show what every step saw, and exit 0 or 1
    #[arg(long)]
    check: bool,
    /// Where the gateway listens on 127.0.0.1. Default: 8080, or another port if that is taken
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,
    /// Where the edge listens on 127.0.0.1. Default: 8081, or another port if that is taken
    #[arg(long, value_name = "PORT")]
    edge_port: Option<u16>,
    /// What to log, in the form of RUST_LOG. Default: `info`, or `error` with --check
    #[arg(long, value_name = "FILTER")]
    log: Option<String>,
    /// Once it serves, write its addresses and a token of each user into this file, as JSON; it goes away with the demo
    #[arg(long, value_name = "FILE", conflicts_with = "check")]
    ready_file: Option<PathBuf>,
    #[command(flatten)]
    terms: terms::Terms,
    #[command(flatten)]
    backends: backends::Args,
}

pub(super) fn run(args: Args) -> Result<Exit, Failure> {
    let usual = if args.check { "error" } else { "info" };
    let filter = args.log.as_deref().unwrap_or(usual);
    telemetry::init(telemetry::Format::Text, filter)
        .map_err(|error| Failure::argument("log", error))?;
    let backends = args.backends.read()?;
    runtime()?.block_on(async {
        // Whoever ends the demo must not leave its keys behind, so this comes before there is a folder.
        let told = serve::signal(Hangup::Stops)?;
        // A check beside a running demo must not fight it for its ports.
        let free = args.check.then_some(0);
        let gateway = bind("gateway.listen", args.port.or(free), 8080).await?;
        let edge = bind("edge.listen", args.edge_port.or(free), 8081).await?;
        let scene = Scene::set(address(&gateway)?, address(&edge)?, backends, &args.terms).await?;
        let live = scene.objects().map(|objects| Live::start(&objects)).transpose()?;

        // Nothing from the environment: the demo shall be the same everywhere.
        let mut config = Config::parse(&scene.config, &scene.text, NOTHING, Needs::Gateway)?;
        config.gateway.pages.sample = Some(scene.sample(live.is_some()));
        let installation = Installation::open(config).await?;
        let sockets = Sockets {
            gateway: Listeners { public: gateway.into(), operators: None },
            edge: Some(edge),
        };
        if args.check {
            let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
            let running = tokio::spawn(installation.run(sockets, async {
                // The sender only ever goes away, which is what is waited for.
                let _ = stopped.await;
            }));
            let outcome = tokio::select! {
                outcome = check::run(&scene) => outcome,
                () = told => Err(Failure::Failed("the check was told to stop".to_owned())),
            };
            drop(stop);
            let drained = running.await.map_err(|error| Failure::Failed(error.to_string()))?;
            outcome?;
            return Ok(serve::ended(drained));
        }
        let ready = args.ready_file.as_deref().map(|path| ReadyFile::write(path, &scene));
        let _ready = ready.transpose()?;
        introduce(&scene)?;
        Ok(serve::ended(installation.run(sockets, told).await))
    })
}

const NOTHING: [(&str, &str); 0] = [];

/// Listens on the port that was asked for, or on the usual one, or on any.
async fn bind(key: &'static str, asked: Option<u16>, usual: u16) -> Result<TcpListener, Failure> {
    let at = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let wanted = at(asked.unwrap_or(usual));
    match TcpListener::bind(wanted).await {
        Ok(listener) => Ok(listener),
        Err(_) if asked.is_none() => Ok(TcpListener::bind(at(0))
            .await
            .map_err(|source| StartError::Listen { key, address: at(0).into(), source })?),
        Err(source) => Err(StartError::Listen { key, address: wanted.into(), source }.into()),
    }
}

fn address(listener: &TcpListener) -> Result<SocketAddr, Failure> {
    listener.local_addr().map_err(|error| Failure::Failed(error.to_string()))
}

fn introduce(scene: &Scene) -> Result<(), Failure> {
    let token = scene.issuer.token("alice", "Standard")?;
    let url = scene.signed_urls("alice", "ep1");
    let program = std::env::current_exe()
        .map_or_else(|_| "tollgate".into(), |path| path.display().to_string());
    let folder = scene.folder();
    let config = scene.config.display();
    output::line(format_args!(
        "\
Tollgate is running. Ctrl-C ends it and deletes {folder}.

  player   http://{gateway}/player   (plays it here, and shows devices and renewals)
  explain  http://{gateway}/explain   (says why a signed URL gets 403)
  gateway  http://{gateway}   (also /healthz /readyz /metrics /openapi.json)
  edge     http://{edge}   (verifies as CloudFront does; says why in X-Tollgate-Reason)
  config   {config}

A token of alice, good for an hour:

{token}

May alice watch episode ep1? A signed URL, as pasted:

  curl -s -H 'Authorization: Bearer {token}' {url}

And the playlist that URL leads to:

  curl -s -H 'Authorization: Bearer {token}' {url} | sed 's/.*\"videoUrl\":\"\\([^\"]*\\)\".*/\\1/' | xargs curl -s

Without a signature the edge says no:

  curl -i http://{edge}/content/series/series-1/video/ep1/video.m3u8

Others: carol (Completed), erin (Expired), nobody (nothing), root (give --role Admin: may ask in
anybody's name). ep2 has no HLS, only a raw video. A token of carol:

  {program} token --config {config} --private-key {folder}/issuer.private.pem --user carol

Who watches now: {program} sessions --config {config}
",
        gateway = scene.names.gateway,
        edge = scene.names.edge,
    ))
}
