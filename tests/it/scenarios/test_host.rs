//! The Spin app's component under the test host, which is not Spin.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use futures::future::BoxFuture;
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinHandle};
use tollgate_spin_host::{Allowed, App, Options};

use super::{
    format::{Before, Dependency, Installation, Manner},
    gateway::NOBODY,
    place::{Open, Place, Recorded},
    store::Store,
    variables::of_component,
};

/// A component that `scripts/build-components` made, by its path below the folder `components` of the target folder.
pub fn component(name: &str) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or("target".into(), PathBuf::from);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let file = root.join(target).join("components").join(name);
    assert!(file.exists(), "{} is not there: run scripts/build-components", file.display());
    file
}

/// The test host.
pub struct TestHost;

impl Place for TestHost {
    fn name(&self) -> &'static str {
        "the Spin app under the test host"
    }

    fn cannot_break(&self, dependency: Dependency, manner: Manner) -> Option<&'static str> {
        cannot_break(dependency, manner)
    }

    fn open<'a>(&'a self, installation: &'a Installation) -> BoxFuture<'a, Box<dyn Open>> {
        Box::pin(async move {
            let folder = tempfile::tempdir().unwrap();
            let store = Store::make(&folder.path().join("store.db"), installation).await;
            let hosts = [store.objects.address().to_string(), NOBODY.replace("http://", "")];
            let options = Options {
                variables: of_component(installation, store.objects.address()),
                database: Some(store.database.path().to_owned()),
                allowed_hosts: Allowed::authorities(hosts.iter().map(String::as_str)),
                ..Options::default()
            };
            let app = App::open(&component("fixtures/spin-app.wasm"), options).unwrap();
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let task = tokio::spawn(app.serve(listener));
            Box::new(Running { address, store, task, _folder: folder }) as Box<dyn Open>
        })
    }
}

/// What cannot be broken for a Spin app without taking the host apart.
pub fn cannot_break(dependency: Dependency, manner: Manner) -> Option<&'static str> {
    match (dependency, manner) {
        (Dependency::Objects | Dependency::Sessions, Manner::Hangs) | (_, Manner::Fails) => None,
        (_, Manner::Hangs) => Some("neither variables nor the database hang"),
    }
}

struct Running {
    address: SocketAddr,
    store: Store,
    task: JoinHandle<()>,
    _folder: TempDir,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Open for Running {
    fn address(&self) -> SocketAddr {
        self.address
    }

    fn fill<'a>(&'a self, before: &'a Before, now: u64) -> BoxFuture<'a, ()> {
        Box::pin(async move { self.store.fill(before, now) })
    }

    fn interrupt(&self) -> BoxFuture<'_, ()> {
        Box::pin(async { self.store.interrupt() })
    }

    fn resume(&self) -> BoxFuture<'_, ()> {
        Box::pin(async { self.store.resume() })
    }

    fn leases<'a>(&'a self, user: &'a str, now: u64) -> BoxFuture<'a, Vec<Recorded>> {
        Box::pin(async move { self.store.database.leases(user, now) })
    }
}
