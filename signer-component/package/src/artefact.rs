//! The manifests: of WebAssembly, in the layout of CNCF's TAG Runtime, and of the SBOM that refers to it.
//!
//! <https://tag-runtime.cncf.io/wgs/wasm/deliverables/wasm-oci-artifact/> says how registries keep WebAssembly;
//! `wkg`, Spin, wasmCloud and wasmtime's tools read it.

use std::collections::HashMap;

use anyhow::Result;
use oci_spec::image::{
    ANNOTATION_CREATED, ANNOTATION_DESCRIPTION, ANNOTATION_LICENSES, ANNOTATION_REVISION,
    ANNOTATION_SOURCE, ANNOTATION_TITLE, ANNOTATION_VERSION, Descriptor, ImageManifestBuilder,
    MediaType, SCHEMA_VERSION,
};
use serde::Serialize;

use crate::{
    description::Description,
    layout::{Layout, json},
};

const CONFIG: &str = "application/vnd.wasm.config.v0+json";
const LAYER: &str = "application/wasm";
const SBOM: &str = "application/vnd.cyclonedx+json";

/// Where the artefacts come from; the same for all of one run.
pub struct Origin {
    /// RFC 3339; the time of the sources, not of the build, so that building again gives the same bytes.
    pub created: String,
    /// SPDX expression.
    pub licence: String,
    /// Commit of the sources, if they are exactly a commit.
    pub revision: Option<String>,
    /// URL of the sources, if whoever packages says one.
    pub source: Option<String>,
}

/// What one manifest holds.
pub struct Artefact<'a> {
    /// Short name for people.
    pub title: &'a str,
    /// One sentence.
    pub description: &'a str,
    /// Semantic version, and the tag.
    pub version: &'a str,
    /// The component or binary WIT package.
    pub bytes: &'a [u8],
    /// Its interfaces.
    pub interfaces: &'a Description,
    /// The world it was made for, as in `tollgate:gate/signer@0.1.0`.
    pub target: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Config<'a> {
    created: &'a str,
    architecture: &'static str,
    /// The layout knows `wasip1` for core modules and `wasip2` for whatever is a component.
    os: &'static str,
    layer_digests: [String; 1],
    component: Interfaces<'a>,
}

#[derive(Serialize)]
struct Interfaces<'a> {
    exports: &'a [String],
    imports: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<&'a str>,
}

impl Artefact<'_> {
    /// Adds the artefact to a layout, tagged with its version.
    pub fn add_to(&self, layout: &mut Layout, origin: &Origin) -> Result<Descriptor> {
        let layer = layout.add_blob(LAYER, self.bytes)?;
        let config = Config {
            created: &origin.created,
            architecture: "wasm",
            os: "wasip2",
            layer_digests: [layer.digest().to_string()],
            component: Interfaces {
                exports: &self.interfaces.exports,
                imports: &self.interfaces.imports,
                target: self.target,
            },
        };
        let manifest = ImageManifestBuilder::default()
            .schema_version(SCHEMA_VERSION)
            .media_type(MediaType::ImageManifest)
            .config(layout.add_blob(CONFIG, &json(&config)?)?)
            .layers([layer])
            .annotations(self.annotations(origin))
            .build()?;
        layout.add_manifest(&manifest, Some(self.version))
    }

    /// Adds an SBOM that names this artefact's manifest as its subject, which is how registries find it (OCI 1.1
    /// referrers).
    pub fn add_sbom_to(
        &self,
        layout: &mut Layout,
        origin: &Origin,
        sbom: &[u8],
        subject: Descriptor,
    ) -> Result<()> {
        let mut annotations = self.annotations(origin);
        annotations.insert(ANNOTATION_TITLE.to_owned(), format!("{}.cdx.json", self.title));
        annotations.insert(
            ANNOTATION_DESCRIPTION.to_owned(),
            format!("The crates linked into {} {}", self.title, self.version),
        );
        let manifest = ImageManifestBuilder::default()
            .schema_version(SCHEMA_VERSION)
            .media_type(MediaType::ImageManifest)
            .artifact_type(MediaType::from(SBOM))
            .config(layout.add_blob(MediaType::EmptyJSON.as_ref(), b"{}")?)
            .layers([layout.add_blob(SBOM, sbom)?])
            .subject(subject)
            .annotations(annotations)
            .build()?;
        layout.add_manifest(&manifest, None)?;
        Ok(())
    }

    fn annotations(&self, origin: &Origin) -> HashMap<String, String> {
        let always = [
            (ANNOTATION_CREATED, origin.created.as_str()),
            (ANNOTATION_DESCRIPTION, self.description),
            (ANNOTATION_LICENSES, &origin.licence),
            (ANNOTATION_TITLE, self.title),
            (ANNOTATION_VERSION, self.version),
        ];
        let known = [(ANNOTATION_REVISION, &origin.revision), (ANNOTATION_SOURCE, &origin.source)];
        let known = known.into_iter().filter_map(|(key, value)| Some((key, value.as_deref()?)));
        always.into_iter().chain(known).map(|(key, value)| (key.into(), value.into())).collect()
    }
}
