//! What `wit/` means in Rust on the host's side. Generated; nothing else lives here.
#![allow(missing_docs, reason = "generated from wit/, where every item is documented")]

wasmtime::component::bindgen!({ path: "../../wit", world: "gate", exports: { default: async } });
