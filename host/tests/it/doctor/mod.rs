//! `tollgate doctor` on installations that are well, and on such as are not.

mod amazon;
mod embedded;

use std::path::Path;

use serde_json::Value;

use crate::cli::process::{Outcome, command, run};

/// Runs it in a folder.
fn doctor(folder: &Path) -> Outcome {
    run(command(folder).args(["doctor"]))
}

/// Asserts that it ends so, and that for each of the words there is one line with all of them.
fn says(outcome: &Outcome, code: i32, lines: &[&[&str]]) {
    assert_eq!(outcome.code, Some(code), "{outcome}");
    for words in lines {
        let found = outcome.out.lines().any(|line| words.iter().all(|word| line.contains(word)));
        assert!(found, "no line has {words:?}: {outcome}");
    }
}

/// How often a verdict stands in what it printed as JSON.
fn count(outcome: &Outcome, verdict: &str) -> usize {
    let rows: Value = serde_json::from_str(&outcome.out).unwrap();
    rows.as_array().unwrap().iter().filter(|row| row["verdict"] == verdict).count()
}
