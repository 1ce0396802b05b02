//! How much memory a server has, its children included.

use std::{fs, path::Path};

use anyhow::{Context as _, Result, ensure};

/// The proportional set size of a process and of everything it started, in bytes: what is shared by several counts for
/// each by its share.
pub(crate) fn proportional_memory(pid: u32) -> Result<u64> {
    let all = processes()?;
    let mut family = vec![pid];
    let mut at = 0;
    while let Some(parent) = family.get(at).copied() {
        family.extend(all.iter().filter(|(_, other)| *other == parent).map(|(child, _)| *child));
        at += 1;
    }
    let mut bytes = 0;
    for member in family {
        // One that has just ended has none.
        let Ok(text) = fs::read_to_string(format!("/proc/{member}/smaps_rollup")) else { continue };
        let line = text.lines().find_map(|line| line.strip_prefix("Pss:"));
        let kilobytes =
            line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
        bytes += kilobytes.context("the kernel does not say how much memory there is")? * 1024;
    }
    ensure!(bytes > 0, "the server is gone, or its memory may not be looked at");
    Ok(bytes)
}

/// Every process and its parent.
fn processes() -> Result<Vec<(u32, u32)>> {
    let mut all = Vec::new();
    for entry in fs::read_dir("/proc").context("no /proc")? {
        let path = entry.context("no /proc")?.path();
        let Some(pid) = number(&path) else { continue };
        let Ok(status) = fs::read_to_string(path.join("status")) else { continue };
        let parent = status.lines().find_map(|line| line.strip_prefix("PPid:"));
        if let Some(parent) = parent.and_then(|text| text.trim().parse().ok()) {
            all.push((pid, parent));
        }
    }
    Ok(all)
}

fn number(path: &Path) -> Option<u32> {
    path.file_name()?.to_str()?.parse().ok()
}
