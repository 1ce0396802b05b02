//! What `wit/` means in Rust for a component that answers the ports. Generated; nothing else lives here.
#![expect(unsafe_code, reason = "generated from wit/, where every item is documented")]

use crate::Component;

// The generator is the one that Spin's SDK was made with, so that both share one async runtime.
spin_sdk::wit_bindgen::generate!({
    inline: "
        package tollgate:spin-ports;
        world answers {
            export tollgate:gate/entitlements@0.1.0;
            export tollgate:gate/catalog@0.1.0;
            export tollgate:gate/sessions@0.1.0;
            export tollgate:gate/signing-keys@0.1.0;
            export tollgate:gate/settings@0.1.0;
        }
    ",
    path: "../../../wit",
    world: "tollgate:spin-ports/answers",
    runtime_path: "spin_sdk::wit_bindgen::rt",
    generate_all,
});
export!(Component);
