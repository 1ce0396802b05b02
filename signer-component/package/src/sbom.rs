//! The SBOM of one component: CycloneDX 1.5 as JSON.

use anyhow::{Context as _, Result, anyhow, bail};
use cyclonedx_bom::{
    models::{
        component::Classification,
        dependency::{Dependencies, Dependency},
        external_reference::{ExternalReference, ExternalReferenceType, ExternalReferences},
        hash::{Hash, HashAlgorithm, HashValue, Hashes},
        license::{LicenseChoice, Licenses},
        tool::Tools,
    },
    prelude::{
        Bom, Component, Components, DateTime, Metadata, Purl, SpdxExpression, SpecVersion, Uri,
        UrnUuid, Validate as _,
    },
};
use uuid::Uuid;

use crate::{
    layout::{json, sha256},
    linked::{Crate, Key, Linked},
};

/// The component an SBOM is of.
pub struct Subject<'a> {
    /// File name, as in `gate.wasm`.
    pub file: &'a str,
    /// Semantic version.
    pub version: &'a str,
    /// SPDX expression.
    pub licence: &'a str,
    /// Its bytes.
    pub bytes: &'a [u8],
    /// The rustc that made it, which says which standard library is in it.
    pub compiler: &'a str,
}

/// The SBOM as JSON. The same component, crates and time give the same bytes.
pub fn write(subject: &Subject, linked: &Linked, created: &str) -> Result<Vec<u8>> {
    let mut whole =
        component(Classification::Library, subject.file, subject.version, subject.licence)?;
    whole.bom_ref = Some(subject.file.to_owned());
    whole.hashes = Some(sha256_hash(&sha256(subject.bytes)));
    let standard_library = standard_library(subject.compiler)?;

    let mut dependencies = vec![depends(
        subject.file.to_owned(),
        [reference(&linked.root), standard_library.bom_ref.clone().unwrap_or_default()],
    )];
    let mut components = vec![standard_library];
    for (key, linked_crate) in &linked.crates {
        components.push(crate_component(key, linked_crate)?);
        dependencies.push(depends(reference(key), linked_crate.uses.iter().map(reference)));
    }

    let tool = component(
        Classification::Application,
        env!("CARGO_PKG_NAME"),
        env!("CARGO_PKG_VERSION"),
        env!("CARGO_PKG_LICENSE"),
    )?;
    let bom = Bom {
        spec_version: SpecVersion::V1_5,
        serial_number: None,
        metadata: Some(Metadata {
            timestamp: Some(
                DateTime::try_from(created.to_owned())
                    .map_err(|error| anyhow!(error.to_string()))?,
            ),
            tools: Some(Tools::Object { services: None, components: Some(Components(vec![tool])) }),
            component: Some(whole),
            ..Metadata::default()
        }),
        components: Some(Components(components)),
        dependencies: Some(Dependencies(dependencies)),
        ..Bom::default()
    };
    serialise(bom)
}

/// A serial number is made from the content, so that it is unique and yet the same for whoever builds it again.
fn serialise(mut bom: Bom) -> Result<Vec<u8>> {
    let content = output(&bom)?;
    bom.serial_number = Some(UrnUuid::from(Uuid::new_v5(&Uuid::NAMESPACE_OID, &content)));
    let validation = bom.validate();
    if validation.has_errors() {
        bail!("the SBOM breaks the rules of CycloneDX: {validation:?}");
    }
    output(&bom)
}

fn output(bom: &Bom) -> Result<Vec<u8>> {
    let mut text = Vec::new();
    bom.clone().output_as_json(&mut text, SpecVersion::V1_5).context("cannot write the SBOM")?;
    json(&serde_json::from_slice::<serde_json::Value>(&text)?)
}

fn crate_component(key: &Key, linked: &Crate) -> Result<Component> {
    let (name, version) = key;
    let mut described = component(Classification::Library, name, version, &linked.licence)?;
    described.bom_ref = Some(reference(key));
    // A crate of this repository is on no registry: a scanner must not find somebody else's of the same name there.
    if let Some(checksum) = &linked.checksum {
        described.purl = Some(Purl::new("cargo", name, version)?);
        described.hashes = Some(sha256_hash(checksum));
    }
    described.external_references = linked.repository.as_deref().map(vcs);
    Ok(described)
}

/// The part of Rust that is linked into everything. What it consists of in turn is the compiler's business.
fn standard_library(compiler: &str) -> Result<Component> {
    let version = compiler.split(' ').next().unwrap_or(compiler);
    let mut described = component(Classification::Library, "std", compiler, "MIT OR Apache-2.0")?;
    described.bom_ref = Some(format!("rust-std@{version}"));
    described.purl = Some(Purl::new("generic", "rust-std", version)?);
    described.external_references = Some(vcs("https://github.com/rust-lang/rust"));
    Ok(described)
}

fn component(kind: Classification, name: &str, version: &str, licence: &str) -> Result<Component> {
    let mut described = Component::new(kind, name, version, None);
    // Old manifests separate alternatives by a slash, which is no SPDX expression.
    let expression = SpdxExpression::parse_lax(licence.to_owned())
        .with_context(|| format!("{name} {version} has a licence that SPDX does not know"))?;
    described.licenses = Some(Licenses(vec![LicenseChoice::Expression(expression)]));
    Ok(described)
}

fn reference((name, version): &Key) -> String {
    format!("{name}@{version}")
}

fn depends(on: String, dependencies: impl IntoIterator<Item = String>) -> Dependency {
    Dependency { dependency_ref: on, dependencies: dependencies.into_iter().collect() }
}

fn sha256_hash(hex: &str) -> Hashes {
    Hashes(vec![Hash { alg: HashAlgorithm::SHA_256, content: HashValue(hex.to_owned()) }])
}

fn vcs(url: &str) -> ExternalReferences {
    ExternalReferences(vec![ExternalReference::new(ExternalReferenceType::Vcs, Uri::new(url))])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::{Value, json};

    use super::*;

    fn linked() -> Linked {
        let key = |name: &str| (name.to_owned(), "1.0.0".to_owned());
        let ours =
            Crate { licence: "Apache-2.0".into(), uses: [key("left")].into(), ..Crate::default() };
        let left = Crate {
            licence: "MIT/Apache-2.0".into(),
            checksum: Some("ab".repeat(32)),
            repository: Some("https://example.com/left".into()),
            ..Crate::default()
        };
        Linked {
            root: key("guest"),
            crates: BTreeMap::from([(key("guest"), ours), (key("left"), left)]),
        }
    }

    fn sbom_of(bytes: &[u8]) -> Vec<u8> {
        let subject = Subject {
            file: "gate.wasm",
            version: "0.1.0",
            licence: "Apache-2.0",
            bytes,
            compiler: "1.95.0 (59807616e 2026-04-14)",
        };
        write(&subject, &linked(), "2026-11-24T14:42:22Z").unwrap()
    }

    #[test]
    fn every_crate_is_listed_with_licence_and_checksum_and_only_foreign_ones_with_a_purl() {
        let sbom: Value = serde_json::from_slice(&sbom_of(b"abc")).unwrap();
        let names: Vec<_> =
            sbom["components"].as_array().unwrap().iter().map(|c| &c["name"]).collect();
        assert_eq!(names, ["std", "guest", "left"]);
        let [_, ours, left] = sbom["components"].as_array().unwrap().as_slice() else { panic!() };
        assert_eq!(ours["purl"], Value::Null);
        assert_eq!(ours["licenses"], json!([{"expression": "Apache-2.0"}]));
        assert_eq!(left["purl"], "pkg:cargo/left@1.0.0");
        assert_eq!(left["licenses"], json!([{"expression": "MIT OR Apache-2.0"}]));
        assert_eq!(left["hashes"], json!([{"alg": "SHA-256", "content": "ab".repeat(32)}]));
    }

    #[test]
    fn the_graph_begins_at_the_file_and_names_its_digest() {
        let sbom: Value = serde_json::from_slice(&sbom_of(b"abc")).unwrap();
        let digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sbom["metadata"]["component"]["hashes"][0]["content"], digest);
        assert_eq!(
            sbom["dependencies"][0],
            json!({"ref": "gate.wasm", "dependsOn": ["guest@1.0.0", "rust-std@1.95.0"]})
        );
        let guest = json!({"ref": "guest@1.0.0", "dependsOn": ["left@1.0.0"]});
        assert_eq!(sbom["dependencies"][1], guest);
    }

    #[test]
    fn the_serial_number_follows_the_content_and_nothing_else() {
        assert_eq!(sbom_of(b"abc"), sbom_of(b"abc"));
        let serial = |bytes| -> Value {
            serde_json::from_slice::<Value>(&sbom_of(bytes)).unwrap()["serialNumber"].clone()
        };
        assert!(serial(b"abc").as_str().unwrap().starts_with("urn:uuid:"));
        assert_ne!(serial(b"abc"), serial(b"abd"));
    }

    #[test]
    fn a_licence_that_nobody_knows_is_refused() {
        let error = component(Classification::Library, "left", "1.0.0", "My-Own").unwrap_err();
        assert!(error.to_string().contains("left 1.0.0"), "{error}");
    }
}
