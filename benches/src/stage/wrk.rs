//! The load tool. Both sides of a row get the same number of threads, connections and requests.

use std::{net::SocketAddr, path::Path, process::Command};

use anyhow::{Context as _, Result, bail};

use super::process::output;

/// How a server is asked.
#[derive(Clone, Copy)]
pub(crate) struct Load<'a> {
    /// A request per line; see `benches/wrk/requests.lua`.
    pub(crate) requests: &'a Path,
    pub(crate) threads: u32,
    pub(crate) connections: u32,
    pub(crate) seconds: u32,
    /// Mean pause of a connection before each request, in milliseconds; 0 is none.
    pub(crate) pause: f64,
}

/// How it answered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answered {
    /// Answers in a second.
    pub(crate) rate: f64,
    /// Bytes in a second, heads included.
    pub(crate) bytes: f64,
    /// Milliseconds within which 99 of 100 answers came.
    pub(crate) p99: f64,
}

/// Sends the load. An answer that is no 200 makes the whole figure worthless.
pub(crate) fn send(script: &Path, address: SocketAddr, load: Load<'_>) -> Result<Answered> {
    let mut command = Command::new("wrk");
    command
        .arg(format!("-t{}", load.threads))
        .arg(format!("-c{}", load.connections))
        .arg(format!("-d{}s", load.seconds))
        .args(["--timeout", "20s", "-s"])
        .arg(script)
        .arg(format!("http://{address}"))
        .arg("--")
        .arg(load.requests)
        .arg(load.pause.to_string());
    let printed = output(&mut command)?;
    let line = printed.lines().find(|line| line.starts_with('{')).context("wrk said nothing")?;
    let said: serde_json::Value = serde_json::from_str(line).context("wrk said no JSON")?;
    let number = |name: &str| {
        let value = said.get(name).and_then(serde_json::Value::as_f64);
        value.with_context(|| format!("wrk did not say {name}"))
    };
    let (failed, refused) = (number("failed")?, number("refused")?);
    if failed > 0.0 || refused > 0.0 {
        bail!("{failed} requests failed and {refused} were answered with an error");
    }
    let (requests, seconds) = (number("requests")?, number("microseconds")? / 1e6);
    if requests < 1.0 {
        bail!("no request was answered");
    }
    Ok(Answered {
        rate: requests / seconds,
        bytes: number("bytes")? / seconds,
        p99: number("p99")? / 1e3,
    })
}
