//! AWS emulators for tests, started on loopback and ended with the test process, and a proxy that breaks things.
//!
//! dynoxide is the DynamoDB, ministack everything else; `scripts/setup-emulators` installs both.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "only tests use this, and they may fail loudly"
)]

mod ask;
pub mod cdn;
pub mod history;
pub mod proxy;
pub mod stage;

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{LazyLock, Once},
    time::{Duration, Instant},
};

pub use ask::{ask, rest};
pub use proxy::{Fault, Proxy};

/// How long an emulator may take to start on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// The DynamoDB of this process.
pub fn dynamodb() -> &'static str {
    static EMULATOR: LazyLock<Emulator> = LazyLock::new(|| {
        let program = "node_modules/@dynoxide/linux-x64/dynoxide";
        Emulator::start("/", |port| format!("exec ./{program} --host 127.0.0.1 --port {port}"))
    });
    &EMULATOR.url
}

/// Secrets Manager, Parameter Store, S3 and CloudFront of this process.
pub fn services() -> &'static str {
    static EMULATOR: LazyLock<Emulator> =
        LazyLock::new(|| Emulator::start("/_ministack/health", |port| ministack(port, "")));
    &EMULATOR.url
}

/// The same, where signatures and rights are checked. The root key is `test` with the secret `test`.
pub fn guarded_services() -> &'static str {
    static EMULATOR: LazyLock<Emulator> = LazyLock::new(|| {
        Emulator::start("/_ministack/health", |port| ministack(port, "AUTH=true"))
    });
    &EMULATOR.url
}

fn ministack(port: u16, settings: &str) -> String {
    format!(
        "{settings} BIND_HOST=127.0.0.1 GATEWAY_PORT={port} IOT_MTLS_ENABLED=0 SFTP_ENABLED=0 \
         exec venv/bin/ministack"
    )
}

/// Runs a script with boto3 against an emulator, as its root; what it prints. For what only signed requests can
/// make, which then does not come from what is tested either.
pub fn boto(url: &str, script: &str) -> String {
    set_up();
    let output = Command::new(folder().join("venv/bin/python"))
        .args(["-c", script])
        .env("AWS_ENDPOINT_URL", url)
        .env("AWS_REGION", "us-east-1")
        .env("AWS_DEFAULT_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// One server. It ends when this process does, however that comes about: then the pipe it waits for is closed.
struct Emulator {
    url: String,
    _process: Child,
}

impl Emulator {
    fn start(health: &str, command: impl Fn(u16) -> String) -> Self {
        set_up();
        for _ in 0..3 {
            // Free a moment ago; if somebody else takes it in between, the next try has another one.
            let port = free_port();
            let script = format!("({}) & emulator=$!; read -r _; kill $emulator", command(port));
            let mut process = Command::new("sh")
                .args(["-c", &script])
                .current_dir(folder())
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            if answers(port, health) {
                return Self { url: format!("http://127.0.0.1:{port}"), _process: process };
            }
            drop(process.stdin.take());
            process.wait().unwrap();
        }
        panic!("an emulator does not start; try scripts/setup-emulators");
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port()
}

/// Whether it says 200 before patience ends.
fn answers(port: u16, path: &str) -> bool {
    let started = Instant::now();
    while started.elapsed() < PATIENCE {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let answer = ask::exchange(&address.to_string(), "GET", path, &[], b"");
        if answer.is_ok_and(|(status, _)| status == 200) {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}

/// Installs what is missing; done in a moment when nothing is.
fn set_up() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let status = Command::new("sh").arg(root().join("scripts/setup-emulators")).status();
        assert!(status.unwrap().success(), "scripts/setup-emulators failed");
    });
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn folder() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    root().join(target.unwrap_or_else(|| "target".into())).join("emulators")
}
