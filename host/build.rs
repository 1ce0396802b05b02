//! Builds the components the gateway embeds, by the only script that may build them.

use std::{env, path::PathBuf, process::Command};

fn main() {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").unwrap_or_default()).join("..");
    let inputs = [
        "wit",
        "signer-component/componentize",
        "signer-component/core",
        "signer-component/gate",
        "signer-component/signer",
        "tests/faulty-gate",
        "scripts/build-components",
        "Cargo.lock",
        "Cargo.toml",
    ];
    for input in inputs {
        println!("cargo::rerun-if-changed=../{input}");
    }
    println!("cargo::rerun-if-env-changed=CARGO_TARGET_DIR");

    let script = root.join("scripts/build-components");
    match Command::new(&script).arg("gateway").status() {
        Ok(status) if status.success() => {}
        Ok(status) => println!("cargo::error=scripts/build-components failed: {status}"),
        Err(error) => println!("cargo::error=scripts/build-components cannot be run: {error}"),
    }
    let target =
        env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    println!(
        "cargo::rustc-env=TOLLGATE_COMPONENTS={}",
        root.join(target).join("components").display()
    );
}
