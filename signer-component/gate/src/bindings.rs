//! What `wit/` means in Rust on the guest's side, world `gate`. Generated; nothing else lives here.
#![expect(unsafe_code, reason = "generated from wit/, where every item is documented")]

use crate::Component;

wit_bindgen::generate!({ path: "../../wit", world: "gate", generate_all });
export!(Component);

pub use tollgate::gate::types;
