//! What `wit/` means in Rust for a component that asks the gate. Generated; nothing else lives here.
#![allow(unsafe_code, reason = "generated from wit/, where every item is documented")]

// The generator is the one that Spin's SDK was made with, so that both share one async runtime.
spin_sdk::wit_bindgen::generate!({
    inline: "
        package tollgate:spin-http;
        world asks {
            import tollgate:gate/playback@0.1.0;
        }
    ",
    path: "../../../wit",
    world: "tollgate:spin-http/asks",
    runtime_path: "spin_sdk::wit_bindgen::rt",
    generate_all,
});
