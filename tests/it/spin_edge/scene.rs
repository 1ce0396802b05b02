//! Two edges with the same settings in front of the same folder: the native one, and the middleware.

use std::{collections::BTreeMap, fs, net::SocketAddr, path::Path};

use serde_json::json;
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinHandle};
use tollgate::{
    config::{Config, EdgeTable, Needs},
    edge::Edge,
    gateway::serve,
};
use tollgate_spin_host::{App, Options};

use super::sign;
use crate::scenarios::test_host::component;

/// The component as Spin composes it: the middleware in front of the sample's folder of media.
const COMPONENT: &str = "fixtures/spin-edge.wasm";

/// Both edges, serving until the test ends.
pub struct Scene {
    pub native: SocketAddr,
    pub middleware: SocketAddr,
    pub folder: TempDir,
    tasks: Vec<JoinHandle<()>>,
}

impl Scene {
    /// Edges that trust K1 and K2, with `/public/*` open, and what tests ask for in the folder.
    pub async fn start() -> Self {
        let folder = objects();
        // An edge that verifies nothing stands for any server with these files: the middleware has one behind it, too.
        let (origin, first) = native(folder.path(), &open()).await;
        let (native, second) = native(folder.path(), &verifying(origin)).await;
        let (middleware, third) = middleware(folder.path(), variables()).await;
        Self { native, middleware, folder, tasks: vec![first, second, third] }
    }
}

impl Drop for Scene {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

/// The variables that say the same as [`verifying`].
pub fn variables() -> BTreeMap<String, String> {
    let keys = json!({
        "K1": sign::key("rsa-2048.public.pem"),
        "K2": sign::key("p256.public.pem"),
    });
    let behaviors = json!([
        { "pattern": "/public/*", "signed": false },
        { "pattern": "*", "signed": true },
    ]);
    let pairs = [
        ("verify_public_keys", keys.to_string()),
        ("verify_behaviors", behaviors.to_string()),
        ("verify_explain", "true".to_owned()),
        ("trusted_proxies", "127.0.0.1".to_owned()),
        ("cors_origins", "https://watch.example".to_owned()),
    ];
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// A folder with keys, and objects in `objects`.
pub fn objects() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in ["rsa-2048.public.pem", "p256.public.pem"] {
        fs::write(folder.path().join(name), sign::key(name)).unwrap();
    }
    for (name, bytes) in [
        ("content/a.ts", "0123456789"),
        ("content/b.ts", "another segment"),
        ("content/video.m3u8", "#EXTM3U\n"),
        ("content/empty.vtt", ""),
        ("content/.hidden", "hidden"),
        ("public/hello.txt", "hello"),
    ] {
        let path = folder.path().join("objects").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    folder
}

/// The middleware with these variables.
pub async fn middleware(
    folder: &Path,
    variables: BTreeMap<String, String>,
) -> (SocketAddr, JoinHandle<()>) {
    let folders = vec![(folder.join("objects"), "/media".to_owned())];
    let options = Options { variables, folders, ..Options::default() };
    let app = App::open(&component(COMPONENT), options).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    (listener.local_addr().unwrap(), tokio::spawn(app.serve(listener)))
}

async fn native(folder: &Path, text: &str) -> (SocketAddr, JoinHandle<()>) {
    let table = read(folder, text);
    let edge = Edge::open(table.settings, sign::component()).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = serve(listener, edge, table.server, std::future::pending());
    (
        address,
        tokio::spawn(async move {
            let _ = serving.await;
        }),
    )
}

fn read(folder: &Path, text: &str) -> EdgeTable {
    let nothing: [(&str, &str); 0] = [];
    let config = Config::parse(&folder.join("tollgate.toml"), text, nothing, Needs::Edge);
    config.unwrap_or_else(|mistakes| panic!("{mistakes}")).edge.unwrap()
}

fn open() -> String {
    r#"
    [edge]
    [[edge.origins]]
    name = "objects"
    type = "folder"
    path = "objects"
    [[edge.behaviors]]
    path-pattern = "*"
    origin = "objects"
    "#
    .to_owned()
}

/// The middleware keeps nothing, so this one must not either.
fn verifying(origin: SocketAddr) -> String {
    format!(
        r#"
        [edge]
        explain = true
        cache-size = 0
        trusted-proxies = ["127.0.0.1"]
        cors-origins = ["https://watch.example"]
        [edge.key-groups]
        players = {{ K1 = "rsa-2048.public.pem", K2 = "p256.public.pem" }}
        [[edge.origins]]
        name = "server"
        type = "http"
        url = "http://{origin}"
        [[edge.behaviors]]
        path-pattern = "/public/*"
        origin = "server"
        [[edge.behaviors]]
        path-pattern = "*"
        origin = "server"
        trusted-key-groups = ["players"]
        "#
    )
}
