//! Packaging tool: OCI image layouts and SBOMs of the contract and of components that are built already.
//!
//! `tollgate-package COMPONENTS OUT CREATED [REVISION [SOURCE]]`, run at the root of the sources, reads `wit/` and what
//! scripts/build-components wrote: `COMPONENTS/{signer,gate}{,.wide}.wasm` and `COMPONENTS/compiler.txt`. It writes
//! `OUT/contract.wasm`, the layouts `OUT/{contract,signer,gate}` and the SBOMs `OUT/sbom/*.cdx.json`. CREATED is in
//! seconds since 1970, REVISION a commit, SOURCE a URL.

mod artefact;
mod contract;
mod description;
mod layout;
mod linked;
mod sbom;

use std::{
    env, fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::{
    artefact::{Artefact, Origin},
    contract::Contract,
    description::Description,
    layout::Layout,
};

/// The crates scripts/build-components builds at once for the components that are packaged.
const SELECTION: [&str; 2] = ["tollgate-signer", "tollgate-gate"];

/// One component and its world; both have one name.
struct Guest {
    world: &'static str,
    package: &'static str,
    description: &'static str,
}

const GUESTS: [Guest; 2] = [
    Guest {
        world: "signer",
        package: "tollgate-signer",
        description: "CloudFront signing and verification; imports nothing",
    },
    Guest {
        world: "gate",
        package: "tollgate-gate",
        description: "Policy, device leases and CloudFront signing over imported ports",
    },
];

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let mut arguments = arguments.iter().map(String::as_str);
    let (Some(components), Some(out), Some(created)) =
        (arguments.next(), arguments.next(), arguments.next())
    else {
        bail!("usage: tollgate-package COMPONENTS OUT CREATED [REVISION [SOURCE]]");
    };
    let mut optional =
        || arguments.next().filter(|argument| !argument.is_empty()).map(str::to_owned);
    let compiler = Path::new(components).join("compiler.txt");
    let packaging = Packaging {
        compiler: fs::read_to_string(&compiler)
            .with_context(|| format!("cannot read {}", compiler.display()))?,
        components: components.into(),
        out: out.into(),
        contract: contract::encode(Path::new("wit"))?,
        lock: fs::read_to_string("Cargo.lock").context("cannot read Cargo.lock")?,
        origin: Origin {
            created: rfc3339(created)?,
            licence: env!("CARGO_PKG_LICENSE").to_owned(),
            revision: optional(),
            source: optional(),
        },
    };
    fs::create_dir_all(packaging.out.join("sbom"))?;
    packaging.package_contract()?;
    GUESTS.iter().try_for_each(|guest| packaging.package_guest(guest))
}

struct Packaging {
    components: PathBuf,
    out: PathBuf,
    contract: Contract,
    lock: String,
    compiler: String,
    origin: Origin,
}

impl Packaging {
    /// No code is in the contract, so there is no SBOM of it.
    fn package_contract(&self) -> Result<()> {
        fs::write(self.out.join("contract.wasm"), &self.contract.bytes)?;
        let mut layout = Layout::create(&self.out.join("contract"))?;
        let artefact = Artefact {
            title: &self.contract.name,
            description: "The contract between the components and whoever runs them, as WIT",
            version: &self.contract.version,
            bytes: &self.contract.bytes,
            interfaces: &self.contract.description,
            target: None,
        };
        let manifest = artefact.add_to(&mut layout, &self.origin)?;
        report("contract", artefact.version, &manifest)?;
        layout.finish()
    }

    /// The variant with wide arithmetic is a pre-release in the eyes of semantic versioning, so that nobody who asks
    /// for the newest version gets what his runtime may refuse.
    fn package_guest(&self, guest: &Guest) -> Result<()> {
        let linked = linked::into(guest.package, &SELECTION, &self.lock)?;
        let mut layout = Layout::create(&self.out.join(guest.world))?;
        for (suffix, tag) in [("", ""), (".wide", "-wide")] {
            let file = format!("{}{suffix}.wasm", guest.world);
            let path = self.components.join(&file);
            let bytes = fs::read(&path).with_context(|| {
                format!("cannot read {}; scripts/build-components makes it", path.display())
            })?;
            let version = format!("{}{tag}", linked.root.1);
            let target =
                format!("{}/{}@{}", self.contract.name, guest.world, self.contract.version);
            let artefact = Artefact {
                title: &file,
                description: guest.description,
                version: &version,
                bytes: &bytes,
                interfaces: &Description::of_bytes(&bytes)?,
                target: Some(&target),
            };
            let manifest = artefact.add_to(&mut layout, &self.origin)?;
            let subject = sbom::Subject {
                file: &file,
                version: &version,
                licence: &self.origin.licence,
                bytes: &bytes,
                compiler: &description::compiler(&self.compiler, &bytes)?,
            };
            let sbom = sbom::write(&subject, &linked, &self.origin.created)?;
            fs::write(self.out.join("sbom").join(format!("{file}.cdx.json")), &sbom)?;
            report(guest.world, &version, &manifest)?;
            artefact.add_sbom_to(&mut layout, &self.origin, &sbom, manifest)?;
        }
        layout.finish()
    }
}

/// One line per tag: the digest of its manifest, by which a registry knows it wherever it is pushed.
fn report(layout: &str, tag: &str, manifest: &oci_spec::image::Descriptor) -> Result<()> {
    writeln!(std::io::stdout(), "{}  {layout}:{tag}", manifest.digest())?;
    Ok(())
}

fn rfc3339(seconds: &str) -> Result<String> {
    let seconds: i64 = seconds.parse().with_context(|| format!("{seconds} is no time"))?;
    Ok(OffsetDateTime::from_unix_timestamp(seconds)?.format(&Rfc3339)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_registries_expect() {
        assert_eq!(rfc3339("1795531342").unwrap(), "2026-11-24T14:42:22Z");
        assert!(rfc3339("today").is_err());
    }
}
