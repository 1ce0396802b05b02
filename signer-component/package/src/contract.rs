//! The contract as a binary WIT package, which is how registries keep WIT.

use std::path::Path;

use anyhow::{Context as _, Result};
use wit_parser::Resolve;

use crate::description::Description;

/// A WIT package, encoded, and what there is to say of it.
pub struct Contract {
    /// `namespace:name`, as in `tollgate:gate`.
    pub name: String,
    /// Semantic version of the package declaration.
    pub version: String,
    /// A component whose exports are types: the interfaces and worlds, doc comments included.
    pub bytes: Vec<u8>,
    /// Its interfaces and worlds.
    pub description: Description,
}

/// Encodes the WIT package of a folder together with what its `deps` it uses.
pub fn encode(folder: &Path) -> Result<Contract> {
    let mut resolve = Resolve::default();
    let (package_id, _) = resolve
        .push_dir(folder)
        .with_context(|| format!("cannot read the contract in {}", folder.display()))?;
    let package = resolve.packages.get(package_id).context("the contract has no package")?;
    let version = package.name.version.as_ref().context("the contract has no version")?;
    let bytes =
        wit_component::encode(&resolve, package_id).context("cannot encode the contract")?;
    Ok(Contract {
        name: format!("{}:{}", package.name.namespace, package.name.name),
        version: version.to_string(),
        description: Description::of_bytes(&bytes)?,
        bytes,
    })
}

#[cfg(test)]
mod tests {
    use wit_component::{DecodedWasm, WitPrinter};

    use super::*;

    fn wit() -> &'static Path {
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../wit"))
    }

    fn printed(resolve: &Resolve, package: wit_parser::PackageId) -> String {
        let mut printer = WitPrinter::default();
        printer.print(resolve, package, &[]).unwrap();
        printer.output.to_string()
    }

    #[test]
    fn what_is_encoded_reads_like_the_folder_with_every_doc_comment() {
        let mut resolve = Resolve::default();
        let (package, _) = resolve.push_dir(wit()).unwrap();
        let folder = printed(&resolve, package);
        let DecodedWasm::WitPackage(resolve, package) =
            wit_component::decode(&encode(wit()).unwrap().bytes).unwrap()
        else {
            panic!("the contract was encoded as a component")
        };
        assert_eq!(printed(&resolve, package), folder);
        assert!(folder.contains("/// What the gate may touch"), "{folder}");
    }

    #[test]
    fn the_contract_is_named_as_in_its_files() {
        let contract = encode(wit()).unwrap();
        assert_eq!((contract.name.as_str(), contract.version.as_str()), ("tollgate:gate", "0.1.0"));
        let exports = contract.description.exports;
        assert!(exports.contains(&"tollgate:gate/playback@0.1.0".to_owned()), "{exports:?}");
        assert!(exports.contains(&"tollgate:gate/signer@0.1.0".to_owned()), "{exports:?}");
        assert!(contract.description.imports.is_empty());
    }
}
