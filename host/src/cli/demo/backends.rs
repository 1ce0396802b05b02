//! Other backends for the demo than those of one machine, as `scripts/aws-local` gives them.

use std::{
    fs,
    path::{Path, PathBuf},
};

use toml::{Table, Value};
use zeroize::Zeroizing;

use crate::cli::{Failure, keys};

/// The tables of other backends, and the key pair they sign with.
#[derive(Debug, clap::Args)]
#[group(skip)]
pub(super) struct Args {
    /// Take these tables in place of the demo's own: [store], [objects], [signing-keys], [cloudfront], and of [edge]
    /// `origins` and `key-groups`. Paths in it are absolute. Objects and key are there already; users are recorded
    #[arg(long, value_name = "FILE", requires_all = ["private_key", "key_pair_id"])]
    backends: Option<PathBuf>,
    /// The private key behind `signing-keys` of that file; some steps of the check sign with it what the gateway would not
    #[arg(long, value_name = "PATH", requires = "backends")]
    private_key: Option<String>,
    /// The id of that key
    #[arg(long, value_name = "ID", requires = "backends")]
    key_pair_id: Option<String>,
}

/// Both, read.
pub(super) struct Backends {
    tables: Table,
    pub(super) private_key: Zeroizing<String>,
    pub(super) key_pair_id: String,
}

/// What may be replaced; everything else is the demo's own, or the check would not know what it looks at.
const REPLACED: [&str; 4] = ["store", "objects", "signing-keys", "cloudfront"];

/// The same within `[edge]`.
const REPLACED_OF_EDGE: [&str; 2] = ["origins", "key-groups"];

impl Args {
    pub(super) fn read(self) -> Result<Option<Backends>, Failure> {
        let (Some(file), Some(key), Some(key_pair_id)) =
            (self.backends, self.private_key, self.key_pair_id)
        else {
            return Ok(None);
        };
        let wrong = |rule: String| {
            Failure::argument("backends", format_args!("{}: {rule}", file.display()))
        };
        let text = fs::read_to_string(&file).map_err(|error| wrong(error.to_string()))?;
        let tables: Table = text.parse().map_err(|_| wrong("is not TOML".to_owned()))?;
        let edge = tables.get("edge").and_then(Value::as_table);
        let other = tables
            .keys()
            .find(|name| *name != "edge" && !REPLACED.contains(&name.as_str()))
            .cloned()
            .or_else(|| {
                let mut names = edge.into_iter().flat_map(Table::keys);
                let other = names.find(|name| !REPLACED_OF_EDGE.contains(&name.as_str()))?;
                Some(format!("edge.{other}"))
            });
        if let Some(other) = other {
            return Err(wrong(format!("{other}: is the demo's own and cannot be replaced")));
        }
        let private_key = keys::read("private-key", &key)?;
        Ok(Some(Backends { tables, private_key, key_pair_id }))
    }
}

impl Backends {
    /// The public half of the key: a file of the edge's key group, or one in the folder that the group is.
    fn trusted(&self, whole: &Table) -> Option<Table> {
        let groups = whole.get("edge")?.get("key-groups")?.as_table()?;
        let file = groups.values().find_map(|group| match group {
            Value::String(folder) => {
                let file = Path::new(folder).join(format!("{}.pem", self.key_pair_id));
                file.is_file().then(|| Value::from(file.display().to_string()))
            }
            other => other.get(&self.key_pair_id).cloned(),
        })?;
        Some(Table::from_iter([(self.key_pair_id.clone(), file)]))
    }

    /// The demo's configuration with these tables in it.
    pub(super) fn replace_in(&self, configuration: &str) -> Result<String, Failure> {
        let failed = |error: &dyn std::fmt::Display| Failure::Failed(error.to_string());
        let mut whole: Table = configuration.parse().map_err(|error| failed(&error))?;
        for (name, value) in &self.tables {
            match (whole.get_mut(name), value) {
                (Some(Value::Table(own)), Value::Table(edge)) if name == "edge" => {
                    own.extend(edge.clone());
                }
                _ => {
                    whole.insert(name.clone(), value.clone());
                }
            }
        }
        // The explain page trusts what the edge trusts.
        let trusted = self.trusted(&whole);
        let pages = whole.get_mut("gateway").and_then(|gateway| gateway.get_mut("pages"));
        if let (Some(Value::Table(pages)), Some(trusted)) = (pages, trusted) {
            pages.insert("public-keys".to_owned(), trusted.into());
        }
        toml::to_string(&whole).map_err(|error| failed(&error))
    }
}
