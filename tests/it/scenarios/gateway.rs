//! The gateway as a library, from a real configuration: SQLite, a folder of objects, keys in PEM files.

use std::{
    fs,
    net::SocketAddr,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    sync::Mutex,
};

use futures::future::BoxFuture;
use tempfile::TempDir;
use tokio::sync::oneshot;
use tollgate::{
    config::{Config, Needs},
    installation::{self, Sockets},
};

use super::{
    database::Database,
    format::{Before, Dependency, Installation, Manner, Object},
    issuer::{self, AUDIENCE, ISSUER},
    objects::Objects,
    place::{Open, Place, Recorded},
};

/// Nobody listens there.
pub const NOBODY: &str = "http://127.0.0.1:1";

/// The gateway on one machine.
pub struct Gateway;

impl Place for Gateway {
    fn name(&self) -> &'static str {
        "the gateway with SQLite"
    }

    fn cannot_break(&self, dependency: Dependency, manner: Manner) -> Option<&'static str> {
        match (dependency, manner) {
            (Dependency::Settings, _) => Some("the policy is read once, at the start"),
            (Dependency::Objects | Dependency::Sessions, Manner::Hangs) | (_, Manner::Fails) => {
                None
            }
            (_, Manner::Hangs) => Some("what is on this machine does not hang"),
        }
    }

    fn open<'a>(&'a self, installation: &'a Installation) -> BoxFuture<'a, Box<dyn Open>> {
        Box::pin(async move {
            let folder = tempfile::tempdir().unwrap();
            let hanging = Objects::start(Some(Manner::Hangs)).await;
            let objects = match installation.broken.get(&Dependency::Objects) {
                Some(Manner::Hangs) => format!(
                    "type = \"s3\"\nbucket = \"media\"\nendpoint-url = \"http://{}\"\nregion = \"us-east-1\"\ntimeout = 5",
                    hanging.address()
                ),
                _ => "type = \"folder\"\npath = \"objects\"\nfound-for = 0\nmissing-for = 0"
                    .to_owned(),
            };
            fs::create_dir(folder.path().join("objects")).unwrap();
            // Nothing is believed for a while, because Spin does not, and all hosts are compared.
            let tables = format!(
                "[store]\ntype = \"sqlite\"\npath = \"tollgate.db\"\ncatalog-cache-ttl = 0\n[objects]\n{objects}\n{}",
                signing_keys(folder.path(), installation)
            );
            let server = Server::start(folder.path(), installation, &tables).await;
            let database = Database::at(&folder.path().join("tollgate.db"));
            let broken = installation.clone();
            Box::new(Running {
                server,
                database,
                folder,
                broken,
                _hanging: hanging,
                held: Mutex::default(),
            }) as Box<dyn Open>
        })
    }
}

/// The table `[signing-keys]`, and the files it names.
pub fn signing_keys(folder: &Path, installation: &Installation) -> String {
    if installation.broken.contains_key(&Dependency::SigningKeys) {
        // A service that was never reached: the gateway starts without a key.
        return format!(
            "[signing-keys]\ntype = \"secrets-manager\"\nsecret-id = \"none\"\nendpoint-url = \"{NOBODY}\"\nregion = \"us-east-1\"\n"
        );
    }
    let keys: Vec<_> = installation
        .keys
        .iter()
        .map(|key| {
            let file = folder.join(format!("{}.pem", key.id));
            fs::write(&file, key.kind.private()).unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
            format!("{{ key-pair-id = \"{0}\", path = \"{0}.pem\" }}", key.id)
        })
        .collect();
    let (keys, current) = (keys.join(", "), installation.current());
    format!("[signing-keys]\ntype = \"pem\"\nkeys = [{keys}]\ncurrent = \"{current}\"\n")
}

/// A gateway that serves until it is dropped.
pub struct Server {
    pub address: SocketAddr,
    _stop: oneshot::Sender<()>,
}

impl Server {
    /// `tables` are those of the ports, without `[policy]`.
    pub async fn start(folder: &Path, installation: &Installation, tables: &str) -> Self {
        fs::write(folder.join("policy.json"), installation.policy()).unwrap();
        fs::write(folder.join("jwks.json"), issuer::jwks()).unwrap();
        let tokens = if installation.broken.contains_key(&Dependency::TokenKeys) {
            format!("type = \"jwks-url\"\nurl = \"{NOBODY}/jwks.json\"")
        } else {
            "type = \"jwks-file\"\npath = \"jwks.json\"".to_owned()
        };
        let Installation { request_timeout, port_timeout, trusted_proxies, cors_origins, .. } =
            installation;
        let text = format!(
            r#"
            [gateway]
            listen = "127.0.0.1:0"
            request-timeout = {request_timeout}
            port-timeout = {port_timeout}
            trusted-proxies = {trusted_proxies:?}
            cors-origins = {cors_origins:?}
            [auth]
            issuer = "{ISSUER}"
            audiences = ["{AUDIENCE}"]
            {tokens}
            [policy]
            file = "policy.json"
            {tables}
            "#
        );
        let nothing: [(&str, &str); 0] = [];
        let file = folder.join("tollgate.toml");
        let config = Config::parse(&file, &text, nothing, Needs::Gateway);
        let config = config.unwrap_or_else(|error| panic!("{error}"));
        let table = config.gateway.clone();
        let opened = installation::Installation::open(config).await;
        let opened = opened.unwrap_or_else(|error| panic!("{error}"));
        let sockets = Sockets::bind(&table, None).await.unwrap();
        let address = sockets.gateway.public.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        tokio::spawn(opened.run(sockets, async move {
            let _ = stopped.await;
        }));
        Self { address, _stop: stop }
    }
}

struct Running {
    server: Server,
    database: Database,
    folder: TempDir,
    broken: Installation,
    _hanging: Objects,
    held: Mutex<Option<rusqlite::Connection>>,
}

impl Running {
    fn objects(&self) -> PathBuf {
        self.folder.path().join("objects")
    }
}

impl Open for Running {
    fn address(&self) -> SocketAddr {
        self.server.address
    }

    fn fill<'a>(&'a self, before: &'a Before, now: u64) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            self.database.fill(before, now);
            put_files(&self.objects(), &before.objects);
        })
    }

    fn interrupt(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            for (dependency, manner) in &self.broken.broken {
                match (dependency, manner) {
                    (Dependency::Objects, Manner::Fails) => {
                        fs::rename(self.objects(), self.folder.path().join("gone")).unwrap();
                    }
                    (Dependency::Sessions, Manner::Hangs) => {
                        *self.held.lock().unwrap() = Some(self.database.hold());
                    }
                    (
                        Dependency::Entitlements | Dependency::Catalog | Dependency::Sessions,
                        Manner::Fails,
                    ) => self.database.hide(*dependency),
                    // From the start.
                    _ => {}
                }
            }
        })
    }

    fn resume(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            *self.held.lock().unwrap() = None;
            for dependency in self.broken.broken.keys() {
                match dependency {
                    Dependency::Objects if !self.objects().exists() => {
                        fs::rename(self.folder.path().join("gone"), self.objects()).unwrap();
                    }
                    other => self.database.show(*other),
                }
            }
        })
    }

    fn leases<'a>(&'a self, user: &'a str, now: u64) -> BoxFuture<'a, Vec<Recorded>> {
        Box::pin(async move { self.database.leases(user, now) })
    }
}

/// Makes a file of each object.
pub fn put_files(folder: &Path, objects: &[Object]) {
    for object in objects {
        let file = folder.join(object.key());
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, object.content()).unwrap();
    }
}
