//! Which crates are linked into a guest, with their licences and checksums: cargo's answer, not a guess.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
};

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

/// Name and version; cargo links one crate of both only from one source.
pub type Key = (String, String);

/// One crate that is linked.
#[derive(Debug, Default, Eq, PartialEq)]
pub struct Crate {
    /// SPDX expression of its manifest; a crate without one cannot be shipped.
    pub licence: String,
    /// URL of its sources, if the manifest has one.
    pub repository: Option<String>,
    /// SHA-256 of the package in the registry, in hex; none for crates of this repository.
    pub checksum: Option<String>,
    /// The crates it uses.
    pub uses: BTreeSet<Key>,
}

/// A guest and everything linked into it, itself included.
#[derive(Debug, Eq, PartialEq)]
pub struct Linked {
    /// The guest's own crate.
    pub root: Key,
    /// All crates.
    pub crates: BTreeMap<Key, Crate>,
}

/// Asks cargo what is linked into `guest` when the packages of `selection` are built at once, as
/// scripts/build-components does:
/// what is built together shares its features.
///
/// Procedural macros, build scripts and their dependencies run at build time and are not linked.
pub fn into(guest: &str, selection: &[&str], lock: &str) -> Result<Linked> {
    let mut command = Command::new("cargo");
    command.args(["tree", "--locked", "--quiet", "--target", "wasm32-unknown-unknown"]);
    command.args(["--edges", "normal,no-proc-macro", "--prefix", "depth", "--charset", "ascii"]);
    command.args(["--format", "\t{p}\t{l}\t{r}\t"]);
    for package in selection {
        command.args(["--package", package]);
    }
    let output = command.output().context("cannot run cargo tree")?;
    if !output.status.success() {
        bail!("cargo tree failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    let tree = String::from_utf8(output.stdout).context("cargo tree printed no text")?;
    let mut linked = read_tree(&tree, guest)?;
    add_checksums(&mut linked, lock)?;
    Ok(linked)
}

/// Reads the lines `DEPTH\tNAME vVERSION (PATH)\tLICENCE\tREPOSITORY\t`.
///
/// Cargo prints what a crate uses only the first time it meets the crate, which may be under another root. So all is
/// read first, and then what can be reached from the guest is kept.
fn read_tree(tree: &str, guest: &str) -> Result<Linked> {
    let mut root = None;
    let mut crates: BTreeMap<Key, Crate> = BTreeMap::new();
    let mut ancestors: Vec<Key> = Vec::new();
    for line in tree.lines().filter(|line| !line.is_empty()) {
        let Line { depth, key, licence, repository } = Line::read(line)?;
        ancestors.truncate(depth);
        if let Some(parent) = ancestors.last() {
            crates.entry(parent.clone()).or_default().uses.insert(key.clone());
        } else if key.0 == guest {
            root = Some(key.clone());
        }
        let entry = crates.entry(key.clone()).or_default();
        entry.licence = licence.to_owned();
        entry.repository = repository.map(str::to_owned);
        ancestors.push(key);
    }
    let root = root.with_context(|| format!("cargo tree says nothing of {guest}"))?;
    let mut linked = BTreeSet::new();
    let mut met = vec![root.clone()];
    while let Some(key) = met.pop() {
        if let Some(entry) = crates.get(&key).filter(|_| linked.insert(key.clone())) {
            if entry.licence.is_empty() {
                bail!("{} {} names no licence", key.0, key.1);
            }
            met.extend(entry.uses.iter().cloned());
        }
    }
    crates.retain(|key, _| linked.contains(key));
    Ok(Linked { root, crates })
}

struct Line<'a> {
    depth: usize,
    key: Key,
    licence: &'a str,
    repository: Option<&'a str>,
}

impl<'a> Line<'a> {
    fn read(line: &'a str) -> Result<Self> {
        let mut fields = line.split('\t');
        let depth = fields.next().and_then(|text| text.parse().ok());
        let mut words = fields.next().unwrap_or_default().split(' ');
        let name = words.next();
        let version = words.next().and_then(|word| word.strip_prefix('v'));
        let (Some(depth), Some(name), Some(version)) = (depth, name, version) else {
            bail!("cargo tree printed a line without a package: {line}");
        };
        Ok(Self {
            depth,
            key: (name.to_owned(), version.to_owned()),
            licence: fields.next().unwrap_or_default(),
            repository: fields.next().filter(|url| !url.is_empty()),
        })
    }
}

#[derive(Deserialize)]
struct Lock {
    package: Vec<Locked>,
}

#[derive(Deserialize)]
struct Locked {
    name: String,
    version: String,
    source: Option<String>,
    checksum: Option<String>,
}

/// Takes the checksums from Cargo.lock. Fails when a crate from elsewhere has none.
fn add_checksums(linked: &mut Linked, lock: &str) -> Result<()> {
    let lock: Lock = toml::from_str(lock).context("cannot read Cargo.lock")?;
    let locked: BTreeMap<Key, Locked> = lock
        .package
        .into_iter()
        .map(|package| ((package.name.clone(), package.version.clone()), package))
        .collect();
    for (key, linked_crate) in &mut linked.crates {
        let entry =
            locked.get(key).with_context(|| format!("{} {} is not in Cargo.lock", key.0, key.1))?;
        if entry.source.is_some() && entry.checksum.is_none() {
            bail!("{} {} comes from elsewhere and has no checksum in Cargo.lock", key.0, key.1);
        }
        linked_crate.checksum.clone_from(&entry.checksum);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    // What `left` uses is printed under the other root only.
    const TREE: &str = "0\tother v0.1.0 (/somewhere)\tMIT\t\t\n1\tunrelated v9.0.0\tMIT\t\t\n\
        1\tleft v1.0.0\tMIT\thttps://example.com/left\t\n2\tshared v2.0.0\tMIT/Apache-2.0\t\t\n\n\
        0\tguest v0.1.0 (/somewhere)\tApache-2.0\t\t\n\
        1\tleft v1.0.0\tMIT\thttps://example.com/left\t (*)\n\
        1\tright v1.1.0\tMIT\t\t\n2\tshared v2.0.0\tMIT/Apache-2.0\t\t (*)\n";

    fn key(name: &str, version: &str) -> Key {
        (name.to_owned(), version.to_owned())
    }

    #[test]
    fn only_what_the_guest_uses_is_linked() {
        let linked = read_tree(TREE, "guest").unwrap();
        assert_eq!(linked.root, key("guest", "0.1.0"));
        let names: Vec<&str> = linked.crates.keys().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["guest", "left", "right", "shared"]);
        let uses = |name, version| linked.crates[&key(name, version)].uses.clone();
        let shared = BTreeSet::from([key("shared", "2.0.0")]);
        assert_eq!(uses("left", "1.0.0"), shared);
        assert_eq!(uses("right", "1.1.0"), shared);
        assert_eq!(uses("guest", "0.1.0"), [key("left", "1.0.0"), key("right", "1.1.0")].into());
        let left = &linked.crates[&key("left", "1.0.0")];
        assert_eq!(left.repository.as_deref(), Some("https://example.com/left"));
    }

    #[test]
    fn an_unknown_guest_and_a_crate_without_licence_are_refused() {
        assert!(read_tree(TREE, "nobody").is_err());
        let error = read_tree("0\tguest v0.1.0 (/x)\t\t\t\n", "guest").unwrap_err().to_string();
        assert!(error.contains("no licence"), "{error}");
    }

    #[test]
    fn a_crate_from_elsewhere_must_have_a_checksum() {
        let lock = |checksum: &str| {
            format!(
                "[[package]]\nname = \"guest\"\nversion = \"0.1.0\"\n\
                [[package]]\nname = \"left\"\nversion = \"1.0.0\"\nsource = \"registry+x\"\n{checksum}"
            )
        };
        let tree = "0\tguest v0.1.0 (/x)\tMIT\t\t\n1\tleft v1.0.0\tMIT\t\t\n";
        let mut linked = read_tree(tree, "guest").unwrap();
        add_checksums(&mut linked, &lock("checksum = \"ab12\"\n")).unwrap();
        assert_eq!(linked.crates[&key("left", "1.0.0")].checksum.as_deref(), Some("ab12"));
        assert_eq!(linked.crates[&key("guest", "0.1.0")].checksum, None);
        assert!(add_checksums(&mut linked, &lock("")).is_err());
        assert!(add_checksums(&mut linked, "package = []").is_err());
    }
}
