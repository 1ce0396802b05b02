//! What `wit/` means in Rust on the host's side. Generated; nothing else lives here.
#![expect(missing_docs, reason = "generated from wit/, where every item is documented")]

/// World `gate`.
pub mod gate {
    wasmtime::component::bindgen!({
        path: "../wit",
        world: "gate",
        imports: {
            default: async | store | trappable,
            "wasi:clocks/wall-clock@0.2.6": trappable,
            "wasi:random/random@0.2.6": trappable,
            "tollgate:gate/signing-keys@0.1.0.[method]signing-key.key-pair-id": trappable,
            "tollgate:gate/signing-keys@0.1.0.[method]signing-key.algorithm": trappable,
            "tollgate:gate/signing-keys@0.1.0.[method]signing-key.public-key": trappable,
        },
        exports: { default: async },
        with: { "tollgate:gate/signing-keys.signing-key": crate::component::HeldKey },
    });
}

/// World `signer`.
pub mod signer {
    wasmtime::component::bindgen!({ path: "../wit", world: "signer" });
}
