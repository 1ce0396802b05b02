//! `spin.toml` gives the guests the variables they ask for, all of them and no others, and the gate nothing more than
//! it needs.

use std::{collections::BTreeSet, fs, path::Path};

use toml::Table;

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

fn manifest() -> Table {
    fs::read_to_string(root().join("spin.toml")).unwrap().parse().unwrap()
}

/// Every text in quotes in the sources of a guest.
fn quoted(guest: &str) -> BTreeSet<String> {
    let folder = root().join("signer-component/spin").join(guest).join("src");
    let sources = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let texts = sources.filter(|path| path.is_file()).map(|path| fs::read_to_string(path).unwrap());
    texts.flat_map(|text| text.split('"').map(str::to_owned).collect::<Vec<_>>()).collect()
}

#[test]
fn every_variable_reaches_who_asks_for_it() {
    let manifest = manifest();
    let given = manifest["component"]["http"]["variables"].as_table().unwrap();
    let asked: BTreeSet<_> = quoted("http").union(&quoted("ports")).cloned().collect();
    for (name, template) in given {
        assert!(asked.contains(name), "nobody asks for {name}");
        for named in template.as_str().unwrap().split("{{ ").skip(1) {
            let named = named.split(" }}").next().unwrap();
            assert!(manifest["variables"].get(named).is_some(), "{named} is no variable");
        }
    }
    for (name, value) in manifest["variables"].as_table().unwrap() {
        // These two stand in templates under other names.
        let passed =
            given.contains_key(name) || ["objects_path", "jwks_host"].contains(&name.as_str());
        assert!(passed, "{name} reaches nobody");
        let is_key = ["signing_key", "signing_keys"].contains(&name.as_str());
        let is_secret = value.get("secret").and_then(toml::Value::as_bool) == Some(true);
        assert_eq!(is_secret, is_key, "{name}");
    }
    let names = include_str!("../../../../../signer-component/spin/http/src/settings.rs");
    let names = names.split("NAMES: [&str; ").nth(1).unwrap().split("];").next().unwrap();
    let names: Vec<_> = names.split('"').skip(1).step_by(2).collect();
    assert!(names.len() > 5 && names.iter().all(|name| given.contains_key(*name)), "{names:?}");
}

#[test]
fn the_gate_inherits_what_its_imports_need() {
    let manifest = manifest();
    let dependencies = manifest["component"]["http"]["dependencies"].as_table().unwrap();
    let inherited = &dependencies["tollgate:gate/playback@0.1.0"]["inherit_configuration"];
    let inherited: Vec<_> =
        inherited.as_array().unwrap().iter().map(|key| key.as_str().unwrap()).collect();
    assert_eq!(inherited, ["allowed_outbound_hosts", "sqlite_databases", "variables"]);
    let imports = include_str!("../../../../../signer-component/spin/tollgate.imports");
    for interface in ["wasi:http/client@", "spin:sqlite/sqlite@", "spin:variables/variables@"] {
        assert!(imports.contains(interface), "{interface} is not imported");
    }
    for foreign in ["wasi:filesystem", "wasi:sockets", "wasi:cli/environment", "key-value"] {
        assert!(!imports.contains(foreign), "{foreign} is imported");
    }
}
