//! The one engine of this process, set up as Spin's is as far as components can tell.

use std::{path::Path, sync::LazyLock};

use wasmtime::{
    Cache, CacheConfig, Config, Engine,
    component::{Component, Linker},
};

use crate::{sqlite, state::State, variables};

/// Compiled code is kept here, so that only the first run after a build compiles.
const CACHE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/test-host-cache");

static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let mut config = Config::new();
    let mut cache = CacheConfig::new();
    cache.with_directory(Path::new(CACHE));
    // Spin has no wide arithmetic; a component that needs it must fail here too.
    config
        .wasm_component_model_async(true)
        .wasm_wide_arithmetic(false)
        .cache(Some(Cache::new(cache).unwrap()));
    Engine::new(&config).unwrap()
});

pub(crate) fn engine() -> &'static Engine {
    &ENGINE
}

/// Compiles a component file.
pub(crate) fn compile(file: &Path) -> wasmtime::Result<Component> {
    Component::from_file(&ENGINE, file)
}

/// Everything that a component may import.
pub(crate) fn linker() -> wasmtime::Result<Linker<State>> {
    let mut linker = Linker::new(&ENGINE);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    wasmtime_wasi::p3::add_to_linker(&mut linker)?;
    wasmtime_wasi_http::p3::add_to_linker(&mut linker)?;
    variables::add_to_linker(&mut linker)?;
    sqlite::add_to_linker(&mut linker)?;
    Ok(linker)
}
