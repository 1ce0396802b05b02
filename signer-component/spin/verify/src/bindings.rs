//! What `wit/` means in Rust for a component that asks for verdicts. Generated; nothing else lives here.

// The generator is the one that Spin's SDK was made with, so that both share one async runtime.
spin_sdk::wit_bindgen::generate!({
    inline: "
        package tollgate:spin-verify;
        world asks {
            import tollgate:gate/verification@0.1.0;
        }
    ",
    path: "../../../wit",
    world: "tollgate:spin-verify/asks",
    runtime_path: "spin_sdk::wit_bindgen::rt",
    generate_all,
});
