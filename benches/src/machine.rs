//! What machine a run was on, and what ran there.

use std::{fs, path::Path, process::Command, thread};

/// A line for people.
pub(crate) fn describe(node: &Path, nginx: &Path, sources: &Path) -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let info = read("/proc/cpuinfo");
    let model = info.lines().find_map(|line| line.strip_prefix("model name"));
    let model =
        model.map_or("an unknown processor", |rest| rest.trim_start_matches([' ', '\t', ':']));
    let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let kernel = read("/proc/sys/kernel/osrelease");
    let load = read("/proc/loadavg");
    let load = load.split(' ').next().unwrap_or_default();
    let versions = [
        format!("node {}", said(&node.to_string_lossy(), &["--version"])),
        said("openssl", &["version"]),
        said(&nginx.to_string_lossy(), &["-v"]),
        said("wrk", &["--version"]),
        said("rustc", &["--version"]),
    ];
    let sources = sources.to_string_lossy();
    let commit = said("git", &["-C", &sources, "describe", "--always", "--dirty", "--abbrev=12"]);
    format!(
        "{model}, {cores} cores, Linux {}; load {load} at the start\n{}\ncommit {commit}",
        kernel.trim(),
        versions.join(", ")
    )
}

/// The first line a program prints about itself, on whichever stream.
fn said(program: &str, arguments: &[&str]) -> String {
    let Ok(output) = Command::new(program).args(arguments).output() else {
        return format!("no {program}");
    };
    let all = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&all);
    let line = text.lines().next().unwrap_or_default().trim();
    let line = line.split(" Copyright").next().unwrap_or_default();
    let line = line.split(" (Library").next().unwrap_or_default();
    line.trim_start_matches("nginx version: ").to_owned()
}
