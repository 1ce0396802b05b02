//! One component, ready to be served.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use bytes::Bytes;
use http::{Request, Response};
use tokio::net::TcpListener;
use wasmtime_wasi_http::{
    WasiBody,
    handler::{ProxyHandler, ProxyPre},
    p3::bindings::ServicePre,
};

use crate::{Options, engine, instances::Instances, outbound::Outbound, serving};

/// A component that exports `wasi:http/handler@0.3.0`, and what it is given. Cheap to clone.
#[derive(Clone)]
pub struct App {
    handler: ProxyHandler<Instances>,
    made: Arc<AtomicUsize>,
    lost: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
}

impl App {
    /// Compiles a component and looks at what it imports. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// It does not compile, or imports something that this host does not have.
    pub fn open(component: &Path, options: Options) -> wasmtime::Result<Self> {
        let component = engine::compile(component)?;
        let prepared = ServicePre::new(engine::linker()?.instantiate_pre(&component)?)?;
        let options = Arc::new(options);
        let [made, lost, most] = std::array::from_fn(|_| Arc::<AtomicUsize>::default());
        let instances = Instances {
            prepared: ProxyPre::P3(prepared),
            outbound: Outbound::new(&options),
            options,
            made: Arc::clone(&made),
            lost: Arc::clone(&lost),
            most: Arc::clone(&most),
        };
        Ok(Self { handler: ProxyHandler::new(instances), made, lost, most })
    }

    /// Serves HTTP until the future is dropped.
    pub async fn serve(self, listener: TcpListener) {
        serving::serve(self, listener).await;
    }

    /// Instances made so far.
    pub fn instances_made(&self) -> usize {
        self.made.load(Ordering::SeqCst)
    }

    /// Instances lost to a trap so far.
    pub fn instances_lost(&self) -> usize {
        self.lost.load(Ordering::SeqCst)
    }

    /// The most requests without an answer that one instance had at once so far.
    pub fn most_in_an_instance(&self) -> usize {
        self.most.load(Ordering::SeqCst)
    }

    /// Answers one request. An error is a trap, or an error of the component's.
    pub(crate) async fn answer(
        &self,
        request: Request<WasiBody>,
    ) -> wasmtime::Result<Response<WasiBody>> {
        self.handler.handle((), request).await
    }
}

/// A body of no bytes.
pub(crate) fn nothing() -> WasiBody {
    use http_body_util::{BodyExt as _, Empty};
    Empty::<Bytes>::new().map_err(|never| match never {}).boxed_unsync()
}
