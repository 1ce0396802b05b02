//! The scenarios: read from their files, each with names of its own, so that they can share a place.

use std::{collections::BTreeMap, fs, path::Path};

use super::format::{File, Installation, Scenario};

/// Where the files are.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios");

/// Scenarios that are played in one place, with their number among all.
pub struct Group {
    pub installation: Installation,
    pub scenarios: Vec<(usize, Scenario)>,
}

/// All scenarios, by what they are played in. Names of scenarios are those of file and scenario.
pub fn groups() -> Vec<Group> {
    let mut files: Vec<_> = fs::read_dir(FOLDER)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    files.sort();
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    let mut number = 0;
    for path in files {
        for (installation, scenario) in read(&path, number) {
            number += 1;
            // The fixed order of its fields makes the text an identity.
            let identity = serde_json::to_string(&installation).unwrap();
            let group = groups
                .entry(identity)
                .or_insert_with(|| Group { installation, scenarios: Vec::new() });
            group.scenarios.push((number, scenario));
        }
    }
    groups.into_values().collect()
}

fn read(path: &Path, first: usize) -> Vec<(Installation, Scenario)> {
    let text = fs::read_to_string(path).unwrap();
    let stem = path.file_stem().unwrap().to_str().unwrap();
    let count = parsed(path, &text).scenarios.len();
    (0..count)
        .map(|at| {
            let mut file = parsed(path, &renamed(&text, first + at + 1));
            let mut scenario = file.scenarios.swap_remove(at);
            scenario.name = format!("{stem}: {}", scenario.name);
            scenario.before = file.before.and(scenario.before);
            (scenario.installation.take().unwrap_or(file.installation), scenario)
        })
        .collect()
}

fn parsed(path: &Path, text: &str) -> File {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Makes `alice-7` of every `@alice`.
fn renamed(text: &str, number: usize) -> String {
    let mut parts = text.split('@');
    let mut all = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|next: char| !next.is_ascii_alphanumeric()).unwrap_or(part.len());
        let (name, rest) = part.split_at(end);
        all.push_str(&format!("{name}-{number}{rest}"));
    }
    all
}
