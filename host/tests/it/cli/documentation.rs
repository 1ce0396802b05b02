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

/// A row whose default is a value and not a description.
#[derive(Debug)]
struct Default {
    table: &'static str,
    /// The `type` of the table that knows the key; empty if every one does.
    kind: &'static str,
    key: &'static str,
    value: Value,
}

/// Every such row.
fn defaults() -> Vec<Default> {
    let (mut table, mut kind) = ("", "");
    let mut found = Vec::new();
    for line in DOCUMENT.lines() {
        if let Some(heading) = line.strip_prefix("## [") {
            (table, kind) = (heading.split(']').next().unwrap(), "");
        }
        if let Some(named) = line.strip_prefix("`type = \"") {
            kind = named.split('"').next().unwrap();
        }
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let ["", keys, _, default, ""] = cells[..] else { continue };
        let (keys, values) = (quoted(keys), quoted(default));
        if default.starts_with('`') && keys.len() == values.len() {
            for (key, value) in keys.into_iter().zip(values) {
                let value = format!("value = {value}").parse::<Table>().unwrap();
                found.push(Default { table, kind, key, value: value["value"].clone() });
            }
        }
    }
    found
}

/// Tables in place of the site's, at services where nobody answers, and nobody needs to.
const ON_AWS: &str = r#"
store = { type = "dynamodb", endpoint-url = "http://127.0.0.1:1" }
objects = { type = "s3", bucket = "media", endpoint-url = "http://127.0.0.1:1" }
"#;

#[test]
fn every_default_that_is_stated_can_be_written_into_the_file() {
    let site = Site::new();
    let text = fs::read_to_string(site.file("tollgate.toml")).unwrap();
    let mut written = 0;
    let defaults = defaults();
    for other in ["", ON_AWS] {
        let mut file: Table = format!("{text}{EDGE}").parse().unwrap();
        file.extend(other.parse::<Table>().unwrap());
        // The kind of issuer that has the most keys; nobody answers there, and nobody needs to.
        let auth = file["auth"].as_table_mut().unwrap();
        auth.insert("type".to_owned(), "jwks-url".into());
        auth.remove("path");
        auth.insert("url".to_owned(), "http://127.0.0.1:1/jwks.json".into());
        for Default { table, kind, key, value } in &defaults {
            let table = file.entry(*table).or_insert_with(|| Value::Table(Table::new()));
            let table = table.as_table_mut().unwrap();
            let own = table.get("type").and_then(Value::as_str).unwrap_or_default();
            if kind.is_empty() || *kind == own {
                table.insert((*key).to_owned(), value.clone());
                written += 1;
            }
        }
        site.write("tollgate.toml", &file.to_string());
        site.run(&["serve", "--check"]).ended(0, &["the configuration works"]);
    }
    assert!(written >= 80, "{defaults:#?}");
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
