//! What a component, or a WIT package, says of itself: its interfaces and who compiled it.

use anyhow::{Context as _, Result, bail};
use wit_component::DecodedWasm;
use wit_parser::{Resolve, WorldKey};

/// Names of interfaces, each `namespace:package/interface@version`, sorted.
#[derive(Debug, Eq, PartialEq)]
pub struct Description {
    /// What it offers. Of a WIT package: its interfaces and worlds.
    pub exports: Vec<String>,
    /// What a host must provide.
    pub imports: Vec<String>,
}

impl Description {
    /// Reads a component or a binary WIT package.
    pub fn of_bytes(bytes: &[u8]) -> Result<Self> {
        match wit_component::decode(bytes).context("this is neither a component nor WIT")? {
            DecodedWasm::Component(resolve, world) => {
                let world = resolve.worlds.get(world).context("the component has no world")?;
                Ok(Self {
                    exports: names(&resolve, world.exports.keys()),
                    imports: names(&resolve, world.imports.keys()),
                })
            }
            DecodedWasm::WitPackage(resolve, package) => {
                let package = resolve.packages.get(package).context("there is no package")?;
                let items = package.interfaces.keys().chain(package.worlds.keys());
                let mut exports: Vec<String> =
                    items.map(|item| package.name.interface_id(item)).collect();
                exports.sort();
                Ok(Self { exports, imports: Vec::new() })
            }
        }
    }
}

fn names<'a>(resolve: &Resolve, keys: impl Iterator<Item = &'a WorldKey>) -> Vec<String> {
    let mut names: Vec<String> = keys.map(|key| resolve.name_world_key(key)).collect();
    names.sort();
    names
}

/// The version of rustc, as in `1.95.0 (59807616e 2026-04-14)`, from what `rustc --version --verbose` printed when the
/// component was built.
///
/// Messages of panics in the standard library name its commit. Fails when the component names none or another one,
/// because the SBOM would then list a library that is not in it.
pub fn compiler(printed: &str, bytes: &[u8]) -> Result<String> {
    let line = |start| printed.lines().find_map(|line| line.strip_prefix(start)).map(str::trim);
    let version = line("rustc ").context("rustc printed no version")?;
    let commit = line("commit-hash: ").context("rustc printed no commit")?;
    let library = format!("/rustc/{commit}/");
    if !bytes.windows(library.len()).any(|window| window == library.as_bytes()) {
        bail!("the component was not made by rustc {version}: it does not name {library}");
    }
    Ok(version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_said_of_what_is_no_component() {
        let error = Description::of_bytes(b"\0asm nonsense").unwrap_err().to_string();
        assert!(error.contains("neither"), "{error}");
    }

    #[test]
    fn the_compiler_is_the_one_whose_library_is_in_the_component() {
        let printed = "rustc 1.95.0 (598 2026-04-14)\nbinary: rustc\ncommit-hash: 5980\nhost: x\n";
        let component = b"\0asm...panicked at /rustc/5980/library/core/src/fmt.rs";
        assert_eq!(compiler(printed, component).unwrap(), "1.95.0 (598 2026-04-14)");
        let error = compiler(&printed.replace("5980", "1234"), component).unwrap_err().to_string();
        assert!(error.contains("/rustc/1234/"), "{error}");
        assert!(compiler("rustc 1.95.0", component).is_err());
    }
}
