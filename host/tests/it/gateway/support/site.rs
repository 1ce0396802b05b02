//! A whole installation in a throw-away folder, as `tollgate serve` would run it, on loopback.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use tempfile::TempDir;
use tollgate::{
    config::{Config, ConfigError, Needs},
    gateway::{DrainOutcome, Listener},
    installation::{Installation, Sockets, StartError},
};
use tollgate_backends::{administration::Administration, registry::Port};

use super::{
    client::{Call, Reply},
    running::Running,
    tokens::{self, AUDIENCE, ISSUER},
};
use crate::ground;

/// What differs from the usual configuration: more lines of a table, or another one in its place.
#[derive(Default)]
pub struct Layout {
    pub gateway: String,
    pub policy: String,
    pub auth: Option<String>,
    pub keys: String,
    pub more: String,
}

impl Layout {
    pub fn gateway(lines: &str) -> Self {
        Self { gateway: lines.to_owned(), ..Self::default() }
    }

    pub fn auth(lines: String) -> Self {
        Self { auth: Some(lines), ..Self::default() }
    }

    /// The configuration file.
    pub fn text(&self) -> String {
        let Self { gateway, policy, auth, keys, more } = self;
        let auth = auth.as_deref().unwrap_or("type = \"pem\"\npath = \"issuer.pub\"");
        let tables = ground::tables(policy, keys);
        format!(
            r#"
            [gateway]
            listen = "127.0.0.1:0"
            {gateway}
            [auth]
            issuer = "{ISSUER}"
            audiences = ["{AUDIENCE}"]
            {auth}
            {tables}
            {more}
            "#
        )
    }
}

/// Keys, objects and users, and no server yet.
pub struct Ground {
    folder: TempDir,
    pub store: Arc<dyn Administration>,
}

impl Ground {
    pub async fn prepare() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        ground::prepare(path);
        fs::write(path.join("issuer.pub"), tokens::public("p256")).unwrap();
        let config = parse(path, &Layout::default().text()).unwrap();
        let adapter = config.wiring.unwrap().open_port(Port::Entitlements).await;
        let store = adapter.unwrap_or_else(|error| panic!("{error}")).administration.unwrap();
        ground::fill(store.as_ref()).await;
        Self { folder, store }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }

    pub fn config(&self, layout: &Layout) -> Config {
        parse(self.path(), &layout.text()).unwrap()
    }

    /// Starts the installation, or says why it does not start.
    pub async fn open(self, layout: &Layout) -> Result<Site, StartError> {
        let config = self.config(layout);
        let (gateway, edge) =
            (config.gateway.clone(), config.edge.as_ref().map(|edge| edge.listen));
        let installation = Installation::open(config).await?;
        let sockets = Sockets::bind(&gateway, edge).await?;
        let bound = |listener: &Listener| listener.local_addr().unwrap();
        let (address, operators, edge) = (
            bound(&sockets.gateway.public),
            sockets.gateway.operators.as_ref().map(bound),
            sockets.edge.as_ref().map(|listener| listener.local_addr().unwrap()),
        );
        let running = Running::start(|stop| installation.run(sockets, stop));
        Ok(Site { ground: self, address, operators, edge, running })
    }
}

/// A running installation.
pub struct Site {
    pub ground: Ground,
    pub address: SocketAddr,
    pub operators: Option<SocketAddr>,
    pub edge: Option<SocketAddr>,
    pub running: Running,
}

impl Site {
    /// The usual one.
    pub async fn usual() -> Self {
        Self::with(Layout::default()).await
    }

    pub async fn with(layout: Layout) -> Self {
        let ground = Ground::prepare().await;
        ground.open(&layout).await.unwrap_or_else(|error| panic!("{error}"))
    }

    pub async fn send(&self, call: &Call) -> Reply {
        call.send(self.address).await
    }

    /// What `user`, with a good token, is answered for an episode of series `s`.
    pub async fn watch(&self, user: &str, episode: &str, agent: &str) -> Reply {
        self.send(&watch(user, episode).header("user-agent", agent)).await
    }

    pub async fn ended(self) -> DrainOutcome {
        self.running.ended().await
    }
}

/// The main call for an episode of series `s`, with a good token of `user`.
pub fn watch(user: &str, episode: &str) -> Call {
    Call::get(signed_urls(user, "s", episode)).token(&tokens::token(user))
}

pub fn signed_urls(user: &str, series: &str, episode: &str) -> String {
    format!("/users/{user}/series/{series}/episodes/{episode}/signed-urls")
}

/// An edge for the same objects, beside the gateway. It needs `signing.pub`.
pub const EDGE: &str = r#"
    [edge]
    listen = "127.0.0.1:0"
    domain = "media.example.com"
    explain = true
    [edge.key-groups]
    demo = { K1 = "signing.pub" }
    [[edge.origins]]
    name = "objects"
    type = "folder"
    path = "objects"
    [[edge.behaviors]]
    path-pattern = "*"
    origin = "objects"
    trusted-key-groups = ["demo"]
"#;

fn parse(folder: &Path, text: &str) -> Result<Config, ConfigError> {
    let nothing: [(&str, &str); 0] = [];
    Config::parse(&folder.join("tollgate.toml"), text, nothing, Needs::Gateway)
}
