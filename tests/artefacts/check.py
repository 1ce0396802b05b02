"""Reads packaged artefacts without any code that made them, and fails at the first thing that is wrong.

usage: check.py ARTEFACTS COMPONENTS
"""

import hashlib
import json
import pathlib
import re
import sys

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
WASM_CONFIG = "application/vnd.wasm.config.v0+json"
SBOM = "application/vnd.cyclonedx+json"

artefacts, components = map(pathlib.Path, sys.argv[1:])


def blob(layout, descriptor):
    """The bytes a descriptor points at, which must be of the size and digest it says."""
    algorithm, digest = descriptor["digest"].split(":")
    data = (layout / "blobs" / algorithm / digest).read_bytes()
    assert len(data) == descriptor["size"], descriptor
    assert hashlib.sha256(data).hexdigest() == digest, descriptor
    return data


def check_wasm(layout, manifest, tag):
    """A manifest as CNCF's TAG Runtime describes them; gives the digest of the component."""
    config = json.loads(blob(layout, manifest["config"]))
    assert manifest["config"]["mediaType"] == WASM_CONFIG
    assert [layer["mediaType"] for layer in manifest["layers"]] == ["application/wasm"]
    assert config["layerDigests"] == [layer["digest"] for layer in manifest["layers"]]
    assert (config["architecture"], config["os"]) == ("wasm", "wasip2")
    assert config["component"]["exports"], "it exports nothing"
    if layout.name == "signer":
        assert config["component"]["imports"] == [], "the signer imports something"
    assert blob(layout, manifest["layers"][0])[:8] == b"\0asm\x0d\0\x01\0", "this is no component"
    assert manifest["annotations"]["org.opencontainers.image.version"] == tag
    assert manifest["annotations"]["org.opencontainers.image.licenses"] == "Apache-2.0"
    return manifest["layers"][0]["digest"]


def check_sbom(text, component, digest):
    """An SBOM that CycloneDX accepts, of the bytes it says, and with every crate whose code the bytes betray."""
    error = JsonStrictValidator(SchemaVersion.V1_5).validate_str(text)
    assert error is None, error
    sbom = json.loads(text)
    subject = sbom["metadata"]["component"]
    assert subject["hashes"] == [{"alg": "SHA-256", "content": digest.split(":")[1]}]
    crates = {f"{entry['name']}-{entry['version']}": entry for entry in sbom["components"]}
    # Messages of panics name their source file, below /crates when it is a crate from the registry.
    betrayed = {name.decode() for name in re.findall(rb"/crates/([^/\0]+)/", component)}
    assert betrayed, "the component names no crate, so its SBOM cannot be checked"
    assert betrayed <= crates.keys(), f"linked but not listed: {betrayed - crates.keys()}"
    for name, entry in crates.items():
        assert entry["licenses"], f"{name} has no licence"
        assert ("hashes" in entry) == entry.get("purl", "").startswith("pkg:cargo/"), name
    return len(crates)


for name in ("contract", "signer", "gate"):
    layout = artefacts / name
    assert json.loads((layout / "oci-layout").read_bytes()) == {"imageLayoutVersion": "1.0.0"}
    index = json.loads((layout / "index.json").read_bytes())
    reached, wasm, sboms = set(), {}, {}
    for listed in index["manifests"]:
        assert listed["mediaType"] == MANIFEST
        manifest = json.loads(blob(layout, listed))
        parts = [listed, manifest["config"], *manifest["layers"]]
        reached |= {part["digest"].split(":")[1] for part in parts}
        tag = listed.get("annotations", {}).get("org.opencontainers.image.ref.name")
        if tag:
            wasm[listed["digest"]] = (tag, manifest, check_wasm(layout, manifest, tag))
        else:
            assert listed["artifactType"] == manifest["artifactType"] == SBOM
            sboms[manifest["subject"]["digest"]] = blob(layout, manifest["layers"][0])
    assert reached == {path.name for path in (layout / "blobs/sha256").iterdir()}, "a blob that nothing refers to"
    assert sboms.keys() == (set() if name == "contract" else wasm.keys()), "a component without SBOM, or the reverse"
    for digest, (tag, manifest, component) in wasm.items():
        said = f"check: {name}:{tag}"
        if digest in sboms:
            file = manifest["annotations"]["org.opencontainers.image.title"]
            assert sboms[digest] == (artefacts / "sbom" / f"{file}.cdx.json").read_bytes()
            data = (components / file).read_bytes()
            said += f", {check_sbom(sboms[digest].decode(), data, component)} linked crates in a valid SBOM"
        print(said)
