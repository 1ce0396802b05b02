//! docs/configuration.md: the keys it lists are known, the defaults it states are taken, its example starts.

use std::fs;

use toml::{Table, Value};

use super::{
    process::{Server, command, run},
    site::{EDGE, Site, curl},
};

const DOCUMENT: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/configuration.md"));

/// What stands between backticks.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// Table, key and default of every row whose default is a value and not a description.
fn defaults() -> Vec<(&'static str, &'static str, Value)> {
    let mut table = "";
    let mut found = Vec::new();
    for line in DOCUMENT.lines() {
        if let Some(heading) = line.strip_prefix("## [") {
            table = heading.split(']').next().unwrap();
        }
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let ["", keys, _, default, ""] = cells[..] else { continue };
        let (keys, values) = (quoted(keys), quoted(default));
        if default.starts_with('`') && keys.len() == values.len() {
            for (key, value) in keys.into_iter().zip(values) {
                let value = format!("value = {value}").parse::<Table>().unwrap();
                found.push((table, key, value["value"].clone()));
            }
        }
    }
    found
}

#[test]
fn every_default_that_is_stated_can_be_written_into_the_file() {
    let site = Site::new();
    let text = fs::read_to_string(site.file("tollgate.toml")).unwrap();
    let mut file: Table = format!("{text}{EDGE}").parse().unwrap();
    // The kind of issuer that has the most keys; nobody answers there, and nobody needs to.
    let auth = file["auth"].as_table_mut().unwrap();
    auth.insert("type".to_owned(), "jwks-url".into());
    auth.remove("path");
    auth.insert("url".to_owned(), "http://127.0.0.1:1/jwks.json".into());
    let defaults = defaults();
    assert!(defaults.len() >= 40, "{defaults:#?}");
    for (table, key, value) in defaults {
        let table = file.entry(table).or_insert_with(|| Value::Table(Table::new()));
        table.as_table_mut().unwrap().insert(key.to_owned(), value);
    }
    site.write("tollgate.toml", &file.to_string());
    site.run(&["serve", "--check"]).ended(0, &["the configuration works"]);
}

#[test]
fn the_example_of_an_edge_in_the_documentation_can_be_used() {
    let (_, example) = DOCUMENT.split_once("```toml\n").unwrap();
    let (example, _) = example.split_once("```").unwrap();
    let folder = tempfile::tempdir().unwrap();
    run(command(folder.path()).args(["keygen", "--out", "keys"])).done();
    fs::create_dir(folder.path().join("content-root")).unwrap();
    fs::write(folder.path().join("edge.toml"), example).unwrap();
    let mut edge = command(folder.path());
    edge.args(["edge", "--config", "edge.toml"]).env("TOLLGATE__EDGE__LISTEN", "127.0.0.1:0");
    let mut edge = Server::start(&mut edge);
    let (_, status) = curl(&[&format!("http://{}/x", edge.address("edge.listen"))]);
    assert_eq!(status, 403);
    assert_eq!(edge.stop("-TERM").code, Some(0));
}
