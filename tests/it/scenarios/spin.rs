//! Real Spin: `spin up` as a process of its own, on loopback, with a state folder of its own.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use futures::future::BoxFuture;
use serde_json::json;
use tempfile::TempDir;
use tokio::sync::OnceCell;

use super::{
    client,
    format::{Before, Dependency, Installation, Manner},
    place::{Open, Place, Recorded},
    store::Store,
    test_host::cannot_break,
    variables::of_application,
};

/// How long Spin may take to start. The first start compiles, which takes a debug build of Spin minutes; the code is
/// then kept for those that follow.
const PATIENCE: Duration = Duration::from_secs(900);

/// What makes the store, as `spin up --sqlite @FILE` takes it.
pub const SCHEMA_FILE: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../host/backends/src/sqlite/schema.sql");

/// Lets the first start compile alone.
static FIRST: OnceCell<()> = OnceCell::const_new();

/// The program to test with.
pub fn program() -> PathBuf {
    let name = std::env::var_os("TOLLGATE_SPIN").filter(|name| !name.is_empty());
    name.expect("TOLLGATE_SPIN must name the program spin: run scripts/spin-check").into()
}

/// Spin.
pub struct Spin {
    pub program: PathBuf,
}

impl Place for Spin {
    fn name(&self) -> &'static str {
        "the Spin app on Spin"
    }

    fn cannot_break(&self, dependency: Dependency, manner: Manner) -> Option<&'static str> {
        cannot_break(dependency, manner)
    }

    fn open<'a>(&'a self, installation: &'a Installation) -> BoxFuture<'a, Box<dyn Open>> {
        Box::pin(async move {
            let folder = tempfile::tempdir().unwrap();
            let state = folder.path().join("state");
            fs::create_dir(&state).unwrap();
            let store = Store::make(&state.join("sqlite_db.db"), installation).await;
            let process =
                Process::start(&self.program, folder.path(), installation, &store, &[]).await;
            Box::new(Running { process, store, _folder: folder }) as Box<dyn Open>
        })
    }
}

/// One `spin up`. It is told to stop when this is dropped.
pub struct Process {
    pub address: SocketAddr,
    child: Child,
}

impl Process {
    /// `folder` holds its state, logs and variables.
    pub async fn start(
        program: &Path,
        folder: &Path,
        installation: &Installation,
        store: &Store,
        more: &[&str],
    ) -> Self {
        let first = || async {
            // In a folder of its own, so that it leaves no state behind.
            let folder = tempfile::tempdir().unwrap();
            drop(Self::spawn(program, folder.path(), installation, store, &[]).await);
        };
        FIRST.get_or_init(first).await;
        Self::spawn(program, folder, installation, store, more).await
    }

    async fn spawn(
        program: &Path,
        folder: &Path,
        installation: &Installation,
        store: &Store,
        more: &[&str],
    ) -> Self {
        // Values go by a file that nobody else can read: arguments are seen by every user of a machine.
        let file = folder.join("variables.json");
        fs::write(&file, json!(of_application(installation, store.objects.address())).to_string())
            .unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        let port = free_port();
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let output = fs::File::create(folder.join("output.log")).unwrap();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let child = Command::new(program)
            .args(["up", "--from"])
            .arg(root.join("spin.toml"))
            .args(["--listen", &address.to_string(), "--quiet"])
            .arg("--state-dir")
            .arg(folder.join("state"))
            .arg("--log-dir")
            .arg(folder.join("logs"))
            .arg("--variable")
            .arg(format!("@{}", file.display()))
            .args(more)
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::null())
            .stdout(output.try_clone().unwrap())
            .stderr(output)
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", program.display()));
        let mut process = Self { address, child };
        let started = Instant::now();
        while client::send(address, "GET", "/.well-known/spin/health", &[]).await.is_err() {
            let ended = process.child.try_wait().unwrap();
            if ended.is_some() || started.elapsed() > PATIENCE {
                let said = fs::read_to_string(folder.join("output.log")).unwrap_or_default();
                panic!("spin up does not start ({ended:?}): {said}");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        process
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Spin passes SIGTERM on to the process that serves; SIGKILL would leave that one behind.
        let _ = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

struct Running {
    process: Process,
    store: Store,
    _folder: TempDir,
}

impl Open for Running {
    fn address(&self) -> SocketAddr {
        self.process.address
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
