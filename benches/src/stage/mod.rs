//! What is measured on: a throw-away folder with keys, tokens and stores, and the servers that use them.

mod core;
mod edge;
mod grants;
mod http;
mod memory;
mod origin;
mod process;
mod store;
mod wrk;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result};
use tempfile::TempDir;
use tollgate_bench::tokens::Issuer;

pub(crate) use self::{
    core::{openssl_rsa, probe},
    edge::Segments,
    grants::{Grants, Kind},
    memory::proportional_memory,
    origin::SlowOrigin,
    process::{Server, attended, free_address, output},
    store::Size,
    wrk::{Answered, Load},
};
use crate::machine;

pub(crate) const SERIES: &str = "series-1";
pub(crate) const DOMAIN: &str = "media.example.com";
pub(crate) const KEY_PAIR_ID: &str = "KBENCH1";

/// Where everything is; `scripts/bench` says.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Places {
    /// The folder `benches/` of the sources
    #[arg(long, hide = true, env = "TOLLGATE_BENCH_SOURCES", default_value = "benches")]
    sources: PathBuf,
    /// The gateway's release build
    #[arg(long, hide = true, env = "TOLLGATE_BENCH_GATEWAY", default_value = "tollgate")]
    tollgate: PathBuf,
    /// Where `server.js` and its packages were installed
    #[arg(long, hide = true, env = "TOLLGATE_BENCH_PEER", default_value = "benches/peer-node")]
    peer: PathBuf,
    /// The node that runs it
    #[arg(long, hide = true, env = "TOLLGATE_BENCH_NODE", default_value = "node")]
    node: PathBuf,
    /// nginx, which may have been unpacked and not installed
    #[arg(long, hide = true, env = "TOLLGATE_BENCH_NGINX", default_value = "nginx")]
    nginx: PathBuf,
}

impl Places {
    /// What runs here, for people.
    pub(crate) fn machine(&self) -> String {
        machine::describe(&self.node, &self.nginx, &self.sources)
    }
}

/// The folder, and where the programs are.
pub(crate) struct Stage {
    folder: TempDir,
    places: Places,
    issuer: Issuer,
}

impl Stage {
    /// Makes keys in a folder that goes away with the stage.
    pub(crate) fn set(places: Places) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("tollgate-bench-").tempdir();
        let folder = folder.context("no throw-away folder")?;
        for name in ["cloudfront", "issuer"] {
            let mut command = Command::new(&places.tollgate);
            command.args(["keygen", "--algorithm", "rsa-2048", "--name", name, "--out"]);
            output(command.arg(folder.path()))?;
        }
        let pem = fs::read_to_string(folder.path().join("issuer.private.pem"));
        let issuer = Issuer::new(&pem.context("the issuer's key cannot be read")?)?;
        Ok(Self { folder, places, issuer })
    }

    /// A path in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) -> Result<PathBuf> {
        let path = self.path(name);
        write(&path, text.as_bytes())?;
        Ok(path)
    }

    /// Sends a load with the script that everything is asked by.
    pub(crate) fn send(&self, server: &Server, load: Load<'_>) -> Result<Answered> {
        wrk::send(&self.places.sources.join("wrk/requests.lua"), server.address, load)
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)
            .with_context(|| format!("{} cannot be made", folder.display()))?;
    }
    fs::write(path, bytes).with_context(|| format!("{} cannot be written", path.display()))
}
