//! The engine that compiles components and ends those that hang.

use std::{sync::Arc, thread, time::Duration};

use wasmtime::{Config, Engine, Store, StoreLimits, StoreLimitsBuilder, component::Component};

use super::compiled::cache;

/// How often the engine looks at running components. Short against any hang limit, long against the cost of looking.
pub(super) const TICK: Duration = Duration::from_millis(10);

/// More table entries than either component has functions, with room to grow.
const TABLE_ELEMENTS: usize = 16_384;

const GATE: &[u8] = include_bytes!(concat!(env!("TOLLGATE_COMPONENTS"), "/gate.wide.wasm"));
const SIGNER: &[u8] = include_bytes!(concat!(env!("TOLLGATE_COMPONENTS"), "/signer.wide.wasm"));

/// Why components cannot be run on this machine.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RuntimeError {
    /// The engine does not support this machine or its settings.
    #[error("the WebAssembly engine cannot start")]
    Engine(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A component does not compile.
    #[error("the component {name} cannot be compiled")]
    Compile {
        /// `gate` or `signer`.
        name: &'static str,
        /// What the compiler says.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A component cannot be instantiated.
    #[error("the component {name} cannot be instantiated")]
    Instantiate {
        /// `gate` or `signer`.
        name: &'static str,
        /// What the engine says.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The operating system gives no more threads.
    #[error("no thread for an instance")]
    Thread(#[source] std::io::Error),
}

/// The engine that runs components. Cheap to clone; one is enough for a process.
#[derive(Clone)]
pub struct Runtime {
    engine: Engine,
    gate: Arc<[u8]>,
}

impl Runtime {
    /// Starts the engine. Compiled code is kept in the user's cache folder between starts.
    pub fn new() -> Result<Self, RuntimeError> {
        Self::with_gate(GATE)
    }

    /// The same with another gate component, so that tests can run one that traps or hangs.
    #[doc(hidden)]
    pub fn with_gate(gate: &[u8]) -> Result<Self, RuntimeError> {
        Self::start(Config::new(), gate)
    }

    /// The same for any processor of this machine's architecture, so that the code is the same on all of them: for
    /// counting instructions, under a tool that knows fewer of them than this processor.
    #[doc(hidden)]
    pub fn with_gate_for_any_processor(gate: &[u8]) -> Result<Self, RuntimeError> {
        let mut config = Config::new();
        config
            .target(&format!("{}-unknown-linux-gnu", std::env::consts::ARCH))
            .map_err(|error| RuntimeError::Engine(error.into()))?;
        Self::start(config, gate)
    }

    fn start(mut config: Config, gate: &[u8]) -> Result<Self, RuntimeError> {
        config
            .wasm_component_model_async(true)
            .wasm_wide_arithmetic(true)
            .epoch_interruption(true)
            .cache(cache());
        let engine = Engine::new(&config).map_err(|error| RuntimeError::Engine(error.into()))?;

        let ticking = engine.weak();
        thread::Builder::new()
            .name("epoch".to_owned())
            .spawn(move || {
                while let Some(engine) = ticking.upgrade() {
                    engine.increment_epoch();
                    drop(engine);
                    thread::sleep(TICK);
                }
            })
            .map_err(RuntimeError::Thread)?;
        Ok(Self { engine, gate: gate.into() })
    }

    pub(super) fn engine(&self) -> &Engine {
        &self.engine
    }

    pub(super) fn gate_component(&self) -> Result<Component, RuntimeError> {
        self.compile("gate", &self.gate)
    }

    pub(super) fn signer_component(&self) -> Result<Component, RuntimeError> {
        self.compile("signer", SIGNER)
    }

    /// A store that cannot outgrow `memory` bytes. `limits` finds the limits in the data.
    pub(super) fn store<T: 'static>(
        &self,
        data: T,
        limits: fn(&mut T) -> &mut StoreLimits,
    ) -> Store<T> {
        let mut store = Store::new(&self.engine, data);
        store.limiter(move |data| limits(data));
        store
    }

    fn compile(&self, name: &'static str, bytes: &[u8]) -> Result<Component, RuntimeError> {
        Component::new(&self.engine, bytes)
            .map_err(|source| RuntimeError::Compile { name, source: source.into() })
    }
}

/// Limits for one instance: memory in bytes, and tables that no component of ours comes near.
pub(super) fn limits(memory: usize) -> StoreLimits {
    StoreLimitsBuilder::new()
        .memory_size(memory)
        .table_elements(TABLE_ELEMENTS)
        .instances(32)
        .tables(32)
        .memories(4)
        .build()
}

/// How many ticks a limit lasts, at least one.
pub(super) fn ticks(limit: Duration) -> u64 {
    u64::try_from(limit.as_millis() / TICK.as_millis()).unwrap_or(u64::MAX).max(1)
}
