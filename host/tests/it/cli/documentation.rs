//! docs/configuration.md: the keys it lists are known, the defaults it states are taken, its example starts.

use std::{collections::BTreeSet, fs};

use tollgate::config::{Config, Needs};
use toml::{Table, Value};

use super::{
    process::{Server, command, run},
    site::{EDGE, Site, curl},
};

const DOCUMENT: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/configuration.md"));

/// What stands between backticks.
fn quoted(text: &'static str) -> Vec<&'static str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// One row of a table of keys.
struct Row {
    table: &'static str,
    /// What `type` says where this row counts; `aws` for what every table of AWS takes.
    kind: Option<&'static str>,
    keys: Vec<&'static str>,
    default: &'static str,
}

/// The backends that need nothing but this machine.
const EMBEDDED: [&str; 3] = ["sqlite", "folder", "pem"];

fn rows() -> Vec<Row> {
    let (mut table, mut kind) = ("", None);
    let mut found = Vec::new();
    for line in DOCUMENT.lines() {
        if let Some(heading) = line.strip_prefix("## [") {
            (table, kind) = (heading.split(']').next().unwrap(), None);
        } else if let Some(name) = line.strip_prefix("`type = \"") {
            kind = name.split('"').next();
        } else if line.starts_with("**Every table of AWS**") {
            kind = Some("aws");
        }
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        if let ["", keys, _, default, ""] = cells[..] {
            found.push(Row { table, kind, keys: quoted(keys), default });
        }
    }
    found
}

impl Row {
    /// Key and default, where the default is a value and not a description.
    fn defaults(&self) -> Vec<(&'static str, Value)> {
        let values = quoted(self.default);
        if !self.default.starts_with('`') || self.keys.len() != values.len() {
            return Vec::new();
        }
        let value = |text| format!("value = {text}").parse::<Table>().unwrap()["value"].clone();
        self.keys.iter().copied().zip(values.into_iter().map(value)).collect()
    }
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
    let mut written = 0;
    for row in rows().iter().filter(|row| row.kind.is_none_or(|kind| EMBEDDED.contains(&kind))) {
        for (key, value) in row.defaults() {
            let table = row.table.split('.').fold(&mut file, |table, name| {
                let inner = table.entry(name).or_insert_with(|| Value::Table(Table::new()));
                inner.as_table_mut().unwrap()
            });
            table.insert(key.to_owned(), value);
            written += 1;
        }
    }
    assert!(written >= 40, "{file}");
    site.write("tollgate.toml", &file.to_string());
    site.run(&["serve", "--check"]).ended(0, &["the configuration works"]);
}

#[test]
fn every_default_of_a_table_of_aws_can_be_written_into_the_file() {
    let site = Site::new();
    let text = fs::read_to_string(site.file("tollgate.toml")).unwrap();
    let rows = rows();
    let on_aws = |kind: &str| kind != "aws" && !EMBEDDED.contains(&kind);
    let tables: BTreeSet<_> = rows
        .iter()
        .filter_map(|row| Some((row.table, row.kind.filter(|kind| on_aws(kind))?)))
        .collect();
    assert!(tables.len() >= 3, "{tables:?}");
    for (table, kind) in tables {
        let mut file: Table = text.parse().unwrap();
        let mut keys = Table::from_iter([("type".to_owned(), kind.into())]);
        for row in &rows {
            if row.kind != Some("aws") && (row.table, row.kind) != (table, Some(kind)) {
                continue;
            }
            let defaults = row.defaults().into_iter();
            keys.extend(defaults.map(|(key, value)| (key.to_owned(), value)));
            if row.default == "required" {
                let named = |key: &&str| match *key {
                    "url" => "http://127.0.0.1:1/objects".into(),
                    _ => "a-name".into(),
                };
                keys.extend(row.keys.iter().map(|key| ((*key).to_owned(), named(key))));
            }
        }
        assert!(keys.contains_key("timeout"), "{keys}");
        file.insert(table.to_owned(), keys.into());
        // Read, and not opened: nobody is to be asked.
        let nothing: [(&str, &str); 0] = [];
        let path = site.file("tollgate.toml");
        if let Err(error) = Config::parse(&path, &file.to_string(), nothing, Needs::Gateway) {
            panic!("{table} {kind}: {error}");
        }
    }
}

#[test]
fn the_configuration_in_the_sidecars_manifest_can_be_used() {
    let manifest =
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/kubernetes/sidecar.yaml"));
    let (_, text) = manifest.split_once("  tollgate.toml: |\n").unwrap();
    let (text, _) = text.split_once("---").unwrap();
    let nothing: [(&str, &str); 0] = [];
    let path = std::path::Path::new("/run/configuration/tollgate.toml");
    let config = Config::parse(path, text, nothing, Needs::Gateway).unwrap();
    assert_eq!(config.gateway.listen.to_string(), "unix:/run/tollgate/tollgate.sock");
    assert!(config.gateway.requests.trusted_proxies.trusts_unix());
    // The probes of the manifest ask this port.
    assert_eq!(config.gateway.operators_listen.unwrap().to_string(), "0.0.0.0:9090");
}

#[test]
fn the_example_of_an_edge_in_the_documentation_can_be_used() {
    let (_, edge) = DOCUMENT.split_once("\n## [edge]").unwrap();
    let (_, example) = edge.split_once("```toml\n").unwrap();
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
