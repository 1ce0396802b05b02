//! An OCI image layout on disk: blobs named by digest, and an index of the manifests.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use oci_spec::image::{
    ANNOTATION_REF_NAME, Descriptor, DescriptorBuilder, ImageIndexBuilder, ImageManifest,
    MediaType, OciLayoutBuilder, SCHEMA_VERSION, Sha256Digest,
};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// A layout that is being written.
pub struct Layout {
    folder: PathBuf,
    manifests: Vec<Descriptor>,
}

impl Layout {
    /// Begins an empty layout; what was in the folder before is gone.
    pub fn create(folder: &Path) -> Result<Self> {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
        fs::create_dir_all(folder.join("blobs/sha256"))
            .with_context(|| format!("cannot create {}", folder.display()))?;
        let version = OciLayoutBuilder::default().image_layout_version("1.0.0").build()?;
        fs::write(folder.join("oci-layout"), json(&version)?)?;
        Ok(Self { folder: folder.to_owned(), manifests: Vec::new() })
    }

    /// Stores bytes under their digest and says where they are.
    pub fn add_blob(&self, media_type: &str, bytes: &[u8]) -> Result<Descriptor> {
        let digest = sha256(bytes);
        let path = self.folder.join("blobs/sha256").join(&digest);
        fs::write(&path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
        let size = u64::try_from(bytes.len())?;
        Ok(Descriptor::new(MediaType::from(media_type), size, digest.parse::<Sha256Digest>()?))
    }

    /// Stores a manifest and lists it in the index: with a tag, or without one when it refers to another manifest.
    pub fn add_manifest(
        &mut self,
        manifest: &ImageManifest,
        tag: Option<&str>,
    ) -> Result<Descriptor> {
        let stored = self.add_blob(MediaType::ImageManifest.as_ref(), &json(manifest)?)?;
        let mut listed = DescriptorBuilder::default()
            .media_type(MediaType::ImageManifest)
            .size(stored.size())
            .digest(stored.digest().clone());
        if let Some(artifact_type) = manifest.artifact_type() {
            listed = listed.artifact_type(artifact_type.clone());
        }
        if let Some(tag) = tag {
            listed = listed.annotations([(ANNOTATION_REF_NAME.to_owned(), tag.to_owned())]);
        }
        self.manifests.push(listed.build()?);
        Ok(stored)
    }

    /// Writes the index, which makes the layout complete.
    pub fn finish(self) -> Result<()> {
        let index = ImageIndexBuilder::default()
            .schema_version(SCHEMA_VERSION)
            .media_type(MediaType::ImageIndex)
            .manifests(self.manifests)
            .build()?;
        let path = self.folder.join("index.json");
        fs::write(&path, json(&index)?).with_context(|| format!("cannot write {}", path.display()))
    }
}

/// JSON with sorted keys, so that the same content is the same bytes: annotations are kept in a hash map.
pub fn json(content: &impl Serialize) -> Result<Vec<u8>> {
    let mut value = serde_json::to_value(content)?;
    value.sort_all_objects();
    Ok(serde_json::to_vec(&value)?)
}

/// The SHA-256 of bytes, in hex.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn the_same_content_is_the_same_bytes() {
        let annotations = |order: &mut dyn Iterator<Item = u32>| -> HashMap<String, String> {
            order.map(|number| (number.to_string(), String::new())).collect()
        };
        let forward = json(&annotations(&mut (0..50))).unwrap();
        let backward = json(&annotations(&mut (0..50).rev())).unwrap();
        assert_eq!(forward, backward);
    }

    #[test]
    fn a_blob_is_found_by_the_digest_that_sha256sum_prints() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::create(folder.path()).unwrap();
        let blob = layout.add_blob("text/plain", b"abc").unwrap();
        // FIPS 180-2, appendix B.1.
        let hex = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(blob.digest().to_string(), format!("sha256:{hex}"));
        assert_eq!(blob.size(), 3);
        assert_eq!(fs::read(folder.path().join("blobs/sha256").join(hex)).unwrap(), b"abc");
    }
}
