//! An edge on a port of its own, with a folder of objects, keys and a clock that the test sets.

pub mod client;
pub mod server;
pub mod sign;

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use tempfile::TempDir;
use tokio::{net::TcpListener, sync::Notify, task::JoinHandle};
use tollgate::{
    config::{Config, EdgeTable, Needs},
    edge::Edge,
    gateway::{DrainOutcome, serve},
};

pub use client::{Reply, ask, ask_with, get};
pub use server::OriginServer;
pub use sign::{EXPIRES, NOW, signed, signed_until};

/// The host that every URL of these tests is signed for.
pub const HOST: &str = "media.example";

/// An edge that serves until the test ends.
pub struct Scene {
    pub address: SocketAddr,
    pub edge: Edge,
    clock: Arc<Mutex<Option<u64>>>,
    stop: Arc<Notify>,
    served: JoinHandle<DrainOutcome>,
    folder: TempDir,
}

impl Scene {
    /// The usual edge, with more lines for `[edge]`.
    pub async fn start(lines: &str) -> Self {
        Self::with_origin(lines, "http://127.0.0.1:9").await
    }

    /// The usual edge, with `/server/*` (signed) and `/open/*` (public) asked of a server.
    pub async fn with_origin(lines: &str, origin: &str) -> Self {
        Self::configured(&usual(lines, origin)).await
    }

    /// An edge of this configuration. `objects` is the folder that [`Scene::put`] writes to.
    pub async fn configured(text: &str) -> Self {
        Self::prepared(text, |_| ()).await
    }

    /// The same, after something was done to the folder.
    pub async fn prepared(text: &str, prepare: impl FnOnce(&Path)) -> Self {
        let folder = keys_and_objects();
        prepare(folder.path());
        let table = read(folder.path(), text).unwrap_or_else(|mistakes| panic!("{mistakes}"));
        let clock = Arc::new(Mutex::new(Some(NOW)));
        let time = Arc::clone(&clock);
        let edge = Edge::open(table.settings, sign::component())
            .await
            .unwrap_or_else(|mistakes| panic!("{mistakes:?}"))
            .with_clock(move || *time.lock().unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = Arc::new(Notify::new());
        let told = Arc::clone(&stop);
        let until = async move { told.notified().await };
        let served = tokio::spawn(serve(listener, edge.clone(), table.server, until));
        Self { address, edge, clock, stop, served, folder }
    }

    /// Writes an object into the folder.
    pub fn put(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.objects().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// Where everything is.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Where objects are.
    pub fn objects(&self) -> PathBuf {
        self.folder.path().join("objects")
    }

    /// Tells the edge to stop, as SIGTERM does.
    pub fn stop(&self) {
        self.stop.notify_one();
    }

    /// How the edge ended after it was told to stop.
    pub async fn ended(self) -> DrainOutcome {
        self.served.await.unwrap()
    }

    /// Sets the edge's clock, in epoch seconds; `None` for one that cannot be right.
    pub fn set_time(&self, now: impl Into<Option<u64>>) {
        *self.clock.lock().unwrap() = now.into();
    }
}

/// Behaviours as the conformance cases have them, and two more for a server as the origin.
pub fn usual(lines: &str, origin: &str) -> String {
    format!(
        r#"
        [edge]
        {lines}
        [edge.key-groups]
        players = {{ K1 = "rsa-2048.public.pem", K2 = "p256.public.pem" }}
        strangers = {{ K3 = "other-rsa-2048.public.pem" }}
        [[edge.origins]]
        name = "objects"
        type = "folder"
        path = "objects"
        [[edge.origins]]
        name = "server"
        type = "http"
        url = "{origin}"
        timeout = 30
        [[edge.behaviors]]
        path-pattern = "/public/*"
        origin = "objects"
        [[edge.behaviors]]
        path-pattern = "/strangers/*"
        origin = "objects"
        trusted-key-groups = ["strangers"]
        [[edge.behaviors]]
        path-pattern = "/open/*"
        origin = "server"
        [[edge.behaviors]]
        path-pattern = "/server/*"
        origin = "server"
        trusted-key-groups = ["players"]
        [[edge.behaviors]]
        path-pattern = "*"
        origin = "objects"
        trusted-key-groups = ["players"]
        "#
    )
}

/// A folder with every public key the tests know, and an empty folder for objects.
pub fn keys_and_objects() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("objects")).unwrap();
    for name in ["p256", "p384", "rsa-1024", "rsa-2048", "rsa-3072", "rsa-4096", "other-rsa-2048"] {
        let name = format!("{name}.public.pem");
        fs::copy(sign::testdata(&name), folder.path().join(&name)).unwrap();
    }
    folder
}

/// Reads a configuration as `tollgate edge` does.
pub fn read(folder: &Path, text: &str) -> Result<EdgeTable, String> {
    let nothing: [(&str, &str); 0] = [];
    let config = Config::parse(&folder.join("tollgate.toml"), text, nothing, Needs::Edge);
    config.map(|config| config.edge.unwrap()).map_err(|error| error.to_string())
}
