//! Servers that are started here and end with this program.

use std::{
    ffi::OsStr,
    fs::File,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};

use super::http;

/// How long a server may take until it answers. A gateway that has to compile its component takes seconds.
const START: Duration = Duration::from_secs(60);

/// How long one may take to end when it is asked to.
const END: Duration = Duration::from_secs(5);

/// A server on a port of this machine.
pub(crate) struct Server {
    name: &'static str,
    child: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
}

impl Server {
    /// Starts it. What it says is in `log`, which is named when something goes wrong.
    pub(crate) fn start(
        name: &'static str,
        command: &mut Command,
        address: SocketAddr,
        log: &Path,
    ) -> Result<Self> {
        let file =
            File::create(log).with_context(|| format!("{} cannot be written", log.display()))?;
        let also = file.try_clone().context("a file cannot be opened twice")?;
        let child = command
            .stdin(Stdio::null())
            .stdout(file)
            .stderr(also)
            .spawn()
            .with_context(|| format!("{name} cannot be started"))?;
        Ok(Self { name, child, address })
    }

    /// Waits until a request is answered with 200.
    pub(crate) fn until_it_serves(mut self, request: &str, log: &Path) -> Result<Self> {
        let begun = Instant::now();
        loop {
            let answer = http::ask(self.address, request);
            if answer.as_ref().is_ok_and(|answer| answer.status == 200) {
                return Ok(self);
            }
            let ended = self.child.try_wait().ok().flatten();
            // It is up, and has another opinion of the request.
            let refused = answer.as_ref().is_ok_and(|answer| answer.status < 500);
            if refused || ended.is_some() || begun.elapsed() > START {
                let said = std::fs::read_to_string(log).unwrap_or_default();
                let answer =
                    answer.map_or_else(|error| error.to_string(), |answer| answer.to_string());
                bail!("{} does not serve: {answer}; it said: {said}", self.name);
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Whether it answers a request with 200.
    pub(crate) fn grants(&self, request: &str) -> bool {
        http::ask(self.address, request).is_ok_and(|answer| answer.status == 200)
    }

    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Asked first, because a server with workers has to end them; nothing helps if that fails.
        let _ = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        let asked = Instant::now();
        while asked.elapsed() < END {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(Duration::from_millis(10));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A program that ends when this one does, however that happens.
pub(crate) fn attended(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "TERM", "--"]).arg(program);
    command
}

/// A port of this machine that nobody listens on now.
pub(crate) fn free_address() -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no port is free")?;
    listener.local_addr().context("a socket has no address")
}

/// Runs a program to its end and answers what it printed.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().with_context(|| format!("{name} cannot be run"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("{name} failed ({}): {}", output.status, said.trim());
    }
    String::from_utf8(output.stdout).with_context(|| format!("{name} printed no text"))
}
