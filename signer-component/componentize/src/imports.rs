//! What a component imports, one line each: `package:namespace/interface@version function`.

use std::{collections::BTreeSet, path::Path};

use anyhow::{Context as _, Result, bail};
use wit_component::DecodedWasm;
use wit_parser::{Resolve, WorldId, WorldItem};

/// The imports of an encoded component, sorted.
pub fn of_component(bytes: &[u8]) -> Result<Vec<String>> {
    match wit_component::decode(bytes).context("cannot read the component")? {
        DecodedWasm::Component(resolve, world) => of_world(&resolve, world),
        DecodedWasm::WitPackage(..) => bail!("this is a WIT package, not a component"),
    }
}

/// Fails if the component imports what the world of the contract does not offer.
///
/// The list beside the contract could be edited together with the code; the world cannot be without changing
/// what hosts must provide.
pub fn check_within_world(found: &[String], wit: &Path, world: &str) -> Result<()> {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(wit).context("cannot read the contract")?;
    let world_id =
        resolve.select_world(&[package], Some(world)).context("the contract has no such world")?;
    let offered: BTreeSet<String> = of_world(&resolve, world_id)?.into_iter().collect();
    let foreign: Vec<&String> = found.iter().filter(|line| !offered.contains(*line)).collect();
    if !foreign.is_empty() {
        bail!("world {world} does not import {foreign:?}");
    }
    Ok(())
}

/// How the imports differ from a list with comments, as lines to show.
pub fn differences(found: &[String], list: &str) -> Vec<String> {
    let listed: BTreeSet<&str> = list
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect();
    let found: BTreeSet<&str> = found.iter().map(String::as_str).collect();
    let added = found.difference(&listed).map(|line| format!("+ {line}  (imported, not listed)"));
    let missing = listed.difference(&found).map(|line| format!("- {line}  (listed, not imported)"));
    added.chain(missing).collect()
}

fn of_world(resolve: &Resolve, world: WorldId) -> Result<Vec<String>> {
    let world = resolve.worlds.get(world).context("no such world")?;
    let mut lines = Vec::new();
    for (key, item) in &world.imports {
        let name = resolve.name_world_key(key);
        match item {
            WorldItem::Interface { id, .. } => {
                let interface = resolve.interfaces.get(*id).context("no such interface")?;
                if interface.functions.is_empty() {
                    lines.push(format!("{name} (types only)"));
                }
                lines.extend(
                    interface.functions.keys().map(|function| format!("{name} {function}")),
                );
            }
            WorldItem::Function(_) => lines.push(name),
            WorldItem::Type { .. } => lines.push(format!("{name} (type)")),
        }
    }
    lines.sort();
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_name_what_was_added_and_what_is_missing() {
        let found = vec!["a:b/c@1.0.0 read".to_owned(), "a:b/c@1.0.0 write".to_owned()];
        let list = "# what may be touched\na:b/c@1.0.0 read\n\na:b/d@1.0.0 now\n";
        assert_eq!(
            differences(&found, list),
            [
                "+ a:b/c@1.0.0 write  (imported, not listed)",
                "- a:b/d@1.0.0 now  (listed, not imported)"
            ]
        );
        assert!(differences(&found[..1], "a:b/c@1.0.0 read").is_empty());
    }

    #[test]
    fn the_contract_offers_the_gate_nothing_but_ports_clock_and_randomness() {
        let wit = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../wit"));
        let listed = vec!["wasi:random/random@0.2.6 get-random-bytes".to_owned()];
        assert!(check_within_world(&listed, wit, "gate").is_ok());
        assert!(check_within_world(&listed, wit, "signer").is_err());
        let foreign = vec!["wasi:filesystem/types@0.2.6 [method]descriptor.read".to_owned()];
        let error = check_within_world(&foreign, wit, "gate").unwrap_err().to_string();
        assert!(error.contains("wasi:filesystem"), "{error}");
    }
}
