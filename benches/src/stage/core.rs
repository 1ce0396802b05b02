//! What runs pinned to one core: this program itself, and OpenSSL.

use std::{env, fs, process::Command};

use anyhow::{Context as _, Result};
use clap::ValueEnum as _;

use super::process::output;
use crate::probe::What;

/// The last core this program may use: the first has most of the interrupts.
fn core() -> Result<String> {
    let status = fs::read_to_string("/proc/self/status").context("no /proc")?;
    let line = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
    let list = line.context("the kernel does not say which cores may be used")?;
    let last = list.trim().rsplit([',', '-']).next();
    last.map(str::to_owned).context("no core may be used")
}

/// Measures in a process of its own, in nanoseconds.
pub(crate) fn probe(what: What, seconds: f64) -> Result<f64> {
    let program = env::current_exe().context("this program does not know where it is")?;
    let name = what.to_possible_value().context("no name")?;
    let mut command = Command::new("taskset");
    command.args(["-c", &core()?]).arg(program).args(["probe", name.get_name()]);
    let printed = output(command.args(["--seconds", &seconds.to_string()]))?;
    printed.trim().parse().with_context(|| format!("no number: {printed}"))
}

/// How long OpenSSL takes for a signature with RSA-2048, in nanoseconds.
pub(crate) fn openssl_rsa(seconds: u32) -> Result<f64> {
    let mut command = Command::new("taskset");
    command.args(["-c", &core()?, "openssl", "speed", "-mr", "-seconds", &seconds.to_string()]);
    let printed = output(command.arg("rsa2048"))?;
    // +F2:<index>:<bits>:<signatures in a second>:<verifications in a second>
    let line = printed.lines().find_map(|line| line.strip_prefix("+F2:"));
    let rate =
        line.and_then(|line| line.split(':').nth(2)).and_then(|text| text.parse::<f64>().ok());
    let rate = rate.filter(|rate| *rate > 1.0);
    rate.map(|rate| 1e9 / rate).context("openssl speed did not say how many signatures it made")
}
