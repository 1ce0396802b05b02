//! What one instance stands on.

use std::sync::Arc;

use wasmtime::component::ResourceTable;
use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use crate::{Options, outbound::Outbound};

/// The data of one instance's store.
pub(crate) struct State {
    pub(crate) options: Arc<Options>,
    pub(crate) table: ResourceTable,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    outbound: Outbound,
}

impl State {
    pub(crate) fn new(options: &Arc<Options>, outbound: Outbound) -> wasmtime::Result<Self> {
        let mut wasi = WasiCtxBuilder::new();
        // What a component says is for whoever reads a test that failed.
        wasi.inherit_stderr();
        for (here, there) in &options.folders {
            wasi.preopened_dir(here, there, FsPerms::ReadOnly)?;
        }
        Ok(Self {
            options: Arc::clone(options),
            table: ResourceTable::new(),
            wasi: wasi.build(),
            http: WasiHttpCtx::new(),
            outbound,
        })
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table, hooks: &mut self.outbound }
    }
}
